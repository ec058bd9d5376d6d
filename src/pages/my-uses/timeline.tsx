/** The last weeks as a drawing: a line of days per recipient, so that a glance shows who comes often, who stopped and who was turned away. */
import { countByDay, DayAxis, DayStrip } from '../charts.js';
import { isUnit } from '../../kernel/pairwise-id.js';
import { addDays } from '../dates.js';
import type { Language, Named } from '../language.js';
import type { Outcome } from '../status-text.js';
import { usesText } from './text.js';

export interface TimelineProps {
  /** Those without a recipient are the resident's own, and those of units are of the operator's staff: neither is a provision, so they are not drawn. */
  readonly uses: readonly { readonly at: Date; readonly recipient: Named | null; readonly outcome: Outcome }[];
  /** Recipients that get a line even without a use. */
  readonly recipients: readonly Named[];
  /** The end of the last day. */
  readonly until: Date;
  readonly weeks: number;
  readonly language: Language;
}

export function Timeline({ uses, recipients, until, weeks, language }: TimelineProps) {
  const text = usesText[language];
  const days = weeks * 7;
  const from = addDays(until, -days);
  const rows = [
    ...new Map(
      [...uses.flatMap(({ recipient }) => recipient ?? []), ...recipients]
        .filter(({ code }) => !isUnit(code))
        .map((each) => [each.code, each]),
    ).values(),
  ];
  if (rows.length === 0) return null;
  return (
    <section class="card timeline" aria-labelledby="timeline-heading">
      <h2 id="timeline-heading">{text.timeline(weeks)}</h2>
      <Legend language={language} />
      <div class="timeline-rows">
        {rows.map((recipient) => {
          const own = uses.filter((use) => use.recipient?.code === recipient.code);
          const refused = own.filter(({ outcome }) => outcome !== 'provided').length;
          const counts = countByDay(
            own.map(({ at, outcome }) => ({ at, isRefused: outcome !== 'provided' })),
            from,
            days,
          );
          return (
            <div class="timeline-row" key={recipient.code}>
              <p class="timeline-name">
                <span class="timeline-recipient">{recipient.name[language]}</span>
                <span class="note">
                  {text.providedTimes(own.length - refused)}
                  {refused > 0 && <span class="timeline-refusals"> {text.refusedTimes(refused)}</span>}
                </span>
              </p>
              <DayStrip
                counts={counts}
                days={days}
                label={text.strip(recipient.name[language], own.length - refused, refused)}
              />
            </div>
          );
        })}
        <div class="timeline-row timeline-foot">
          <span />
          <DayAxis from={from} days={days} language={language} />
        </div>
      </div>
    </section>
  );
}

function Legend({ language }: { readonly language: Language }) {
  const text = usesText[language];
  return (
    <ul class="legend" aria-label={text.legend}>
      <li>
        <svg class="legend-mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
          <circle class="strip-provided" cx="10" cy="10" r="6" />
        </svg>
        {text.legendProvided}
      </li>
      <li>
        <svg class="legend-mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
          <path class="strip-refused" d="M5 5l10 10M15 5L5 15" />
        </svg>
        {text.legendRefused}
      </li>
    </ul>
  );
}
