/**
 * Drawings of events over days. Positions across are percentages and sizes are pixels, so one drawing serves every width without
 * shrinking its marks. Shape and place tell kinds apart, not colour; each drawing carries its numbers as a sentence.
 */
import { formatShortDay, addDays, dayInJapan, daysBetween } from './dates.js';
import type { Language } from './language.js';

/** What happened on one day. */
export interface DayCount {
  /** Days since the first day of the drawing. */
  readonly day: number;
  readonly provided: number;
  readonly refused: number;
}

/** Counts events by calendar day in Japan, from the day of `from` for `days` days; what lies outside is left out. */
export function countByDay(
  events: readonly { readonly at: Date; readonly isRefused: boolean }[],
  from: Date,
  days: number,
): readonly DayCount[] {
  const counts = new Map<number, DayCount>();
  for (const { at, isRefused } of events) {
    const day = daysBetween(from, at);
    if (day < 0 || day >= days) continue;
    const before = counts.get(day) ?? { day, provided: 0, refused: 0 };
    counts.set(day, {
      day,
      provided: before.provided + (isRefused ? 0 : 1),
      refused: before.refused + (isRefused ? 1 : 0),
    });
  }
  return [...counts.values()].sort((left, right) => left.day - right.day);
}

interface StripProps {
  readonly counts: readonly DayCount[];
  readonly days: number;
  /** The same in a sentence. */
  readonly label: string;
}

const across = (day: number, days: number): string => `${(((day + 0.5) / days) * 100).toFixed(2)}%`;

/** One line of days: a disc for what was provided (its area grows with the count), a cross above for what was refused. */
export function DayStrip({ counts, days, label }: StripProps) {
  return (
    <svg class="strip" width="100%" height="48" role="img" aria-label={label}>
      <Weeks days={days} height={48} />
      <line class="strip-line" x1="0" x2="100%" y1="30" y2="30" />
      {counts.map(({ day, provided, refused }) => (
        <svg key={day} x={across(day, days)} y="30" overflow="visible">
          {provided > 0 && <circle class="strip-provided" r={Math.min(13, 4 + 2 * Math.sqrt(provided)).toFixed(1)} />}
          {refused > 0 && <path class="strip-refused" d="M-5 -25l10 10M5 -25l-10 10" />}
        </svg>
      ))}
    </svg>
  );
}

function Weeks({ days, height }: { readonly days: number; readonly height: number }) {
  const weeks = Array.from({ length: Math.floor(days / 7) + 1 }, (_, week) => `${((week * 7) / days) * 100}%`);
  return (
    <g class="strip-weeks">
      {weeks.map((x) => (
        <line key={x} x1={x} x2={x} y1="0" y2={height} />
      ))}
    </g>
  );
}

interface AxisProps {
  readonly from: Date;
  readonly days: number;
  readonly language: Language;
}

/** Dates under the lines that part the weeks; hidden from assistive technology, which has the list of days. */
export function DayAxis({ from, days, language }: AxisProps) {
  const weeks = Array.from({ length: Math.floor(days / 7) }, (_, week) => week * 7);
  return (
    <svg class="strip-axis" width="100%" height="22" aria-hidden="true" focusable="false">
      {weeks.map((day) => (
        <text key={day} x={`${(day / days) * 100}%`} dx="2" y="15">
          {formatShortDay(addDays(from, day), language)}
        </text>
      ))}
    </svg>
  );
}

interface ColumnsProps {
  /** One number per day, by days since the first. */
  readonly values: ReadonlyMap<number, number>;
  readonly days: number;
  readonly height: number;
  readonly kind: 'provided' | 'refused';
  /** The same in a sentence. */
  readonly label: string;
  /** Says how high the highest column is. */
  readonly highestLabel: string;
}

/** A column per day on a scale of its own, whose top is named; kinds of very different size get a drawing each. */
export function DayColumns({ values, days, height, kind, label, highestLabel }: ColumnsProps) {
  const highest = Math.max(1, ...values.values());
  const scaled = (value: number): number =>
    value === 0 ? 0 : Math.max(2, Math.round((value / highest) * (height - 20)));
  return (
    <svg class="strip" width="100%" height={height} role="img" aria-label={label}>
      <Weeks days={days} height={height} />
      <text class="columns-highest" x="100%" y="12" text-anchor="end">
        {highestLabel}
      </text>
      {[...values].map(([day, value]) => (
        <rect
          key={day}
          class={`columns-${kind}`}
          x={`${(((day + 0.15) / days) * 100).toFixed(2)}%`}
          width={`${((0.7 / days) * 100).toFixed(2)}%`}
          y={height - 1 - scaled(value)}
          height={scaled(value)}
        />
      ))}
      <line class="strip-line" x1="0" x2="100%" y1={height - 0.5} y2={height - 0.5} />
    </svg>
  );
}

/** Groups things by calendar day in Japan, keeping their order. */
export function groupByDay<Thing extends { readonly at: Date }>(
  things: readonly Thing[],
): readonly (readonly Thing[])[] {
  const groups = new Map<string, Thing[]>();
  for (const thing of things) {
    const day = dayInJapan(thing.at);
    const group = groups.get(day);
    if (group) group.push(thing);
    else groups.set(day, [thing]);
  }
  return [...groups.values()];
}
