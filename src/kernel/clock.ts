/**
 * Time as an argument: whoever needs the present is handed a `Clock`. Where two machines must agree, the database's clock decides. How long
 * something took, or may still take, is measured by `performance.now()`, which nobody sets back.
 */

export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** Seconds since 1970, whole (RFC 7519 calls it NumericDate). */
export function toUnixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

/**
 * How many milliseconds have passed, never too few: `performance.now()` stands still while the machine sleeps, and the clock on the wall may
 * be set back, so the longer of both counts. For what must not be taken for fresh.
 */
export function startStopwatch(now: Clock = systemClock): () => number {
  const startedAtMs = performance.now();
  const startedAt = now().getTime();
  return () => Math.max(performance.now() - startedAtMs, now().getTime() - startedAt);
}

/** UTC to the minute, `YYYY-MM-DDTHH:MMZ`: the form of `at` in every log entry. */
export function toMinute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16)}Z`;
}

/** The instant at which a date typed in Japan begins (JST midnight; Japan has kept UTC+9 without summer time since 1952). */
export function startOfDayInJapan(date: string): Date {
  return new Date(`${date}T00:00:00+09:00`);
}
