/**
 * Times as people in the city read them: Japan Standard Time, which has been UTC+9 without summer time since 1952.
 * Every time on a page is a `<time datetime>` with its offset, so that a machine need not guess the zone.
 */
import type { Language } from './language.js';

const japanOffsetMs = 9 * 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
const weekdays = {
  ja: ['日', '月', '火', '水', '木', '金', '土'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The wall clock in Japan, readable through the UTC getters of the result. */
function inJapan(at: Date): Date {
  return new Date(at.getTime() + japanOffsetMs);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-20`: the calendar day in Japan. */
export function dayInJapan(at: Date): string {
  return inJapan(at).toISOString().slice(0, 10);
}

/** `2026-11-20T14:05:09+09:00`, for the `datetime` attribute (HTML, global date and time string). */
export function machineTime(at: Date): string {
  return `${inJapan(at).toISOString().slice(0, 19)}+09:00`;
}

/** `14:05`. */
export function formatTimeOfDay(at: Date): string {
  const local = inJapan(at);
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

/** `2026年11月20日` or `20 Nov 2026`. */
export function formatDay(at: Date, language: Language): string {
  const local = inJapan(at);
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  return language === 'ja' ? `${year}年${month + 1}月${day}日` : `${day} ${months[month] ?? ''} ${year}`;
}

/** `2026年11月20日（金）` or `Fri 20 Nov 2026`. */
export function formatDayWithWeekday(at: Date, language: Language): string {
  const weekday = weekdays[language][inJapan(at).getUTCDay()] ?? '';
  return language === 'ja' ? `${formatDay(at, language)}（${weekday}）` : `${weekday} ${formatDay(at, language)}`;
}

/** `11/20` or `20 Nov`: for the axis of a chart. */
export function formatShortDay(at: Date, language: Language): string {
  const local = inJapan(at);
  const [month, day] = [local.getUTCMonth(), local.getUTCDate()];
  return language === 'ja' ? `${month + 1}/${day}` : `${day} ${months[month] ?? ''}`;
}

/** `2026年11月20日 14時05分` or `20 Nov 2026, 14:05`. */
export function formatInstant(at: Date, language: Language): string {
  const local = inJapan(at);
  return language === 'ja'
    ? `${formatDay(at, language)} ${local.getUTCHours()}時${two(local.getUTCMinutes())}分`
    : `${formatDay(at, language)}, ${formatTimeOfDay(at)}`;
}

/** `2026年11月20日 14時05分09秒` or `20 Nov 2026, 14:05:09`: where the second matters, as for a withdrawal. */
export function formatInstantWithSeconds(at: Date, language: Language): string {
  const seconds = two(inJapan(at).getUTCSeconds());
  return language === 'ja' ? `${formatInstant(at, language)}${seconds}秒` : `${formatInstant(at, language)}:${seconds}`;
}

interface TimeProps {
  readonly at: Date;
  readonly language: Language;
}

export function Instant({ at, language }: TimeProps) {
  return <time datetime={machineTime(at)}>{formatInstant(at, language)}</time>;
}

export function InstantWithSeconds({ at, language }: TimeProps) {
  return <time datetime={machineTime(at)}>{formatInstantWithSeconds(at, language)}</time>;
}

export function TimeOfDay({ at }: { readonly at: Date }) {
  return <time datetime={machineTime(at)}>{formatTimeOfDay(at)}</time>;
}

export function Day({ at, language }: TimeProps) {
  return <time datetime={dayInJapan(at)}>{formatDay(at, language)}</time>;
}

export function DayWithWeekday({ at, language }: TimeProps) {
  return <time datetime={dayInJapan(at)}>{formatDayWithWeekday(at, language)}</time>;
}

/**
 * The last day on which something that ends at `end` (excluded) still holds: periods are half-open, people read whole days.
 * A period ending at a JST midnight is read as ending with the day before.
 */
export function lastDay(end: Date): Date {
  return new Date(end.getTime() - 1);
}

/** Whole days in Japan from `from` to `to`: 0 on the same calendar day. */
export function daysBetween(from: Date, to: Date): number {
  return Math.floor(inJapan(to).getTime() / dayMs) - Math.floor(inJapan(from).getTime() / dayMs);
}

/** `at` moved by whole days. */
export function addDays(at: Date, days: number): Date {
  return new Date(at.getTime() + days * dayMs);
}
