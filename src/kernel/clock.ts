/** Time as an argument: whoever needs the present is handed a `Clock`. Where two machines must agree, the database's clock decides. */

export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** UTC to the minute, `YYYY-MM-DDTHH:MMZ`: the form of `at` in every log entry. */
export function toMinute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16)}Z`;
}

/** The instant at which a date typed in Japan begins (JST midnight; Japan has kept UTC+9 without summer time since 1952). */
export function startOfDayInJapan(date: string): Date {
  return new Date(`${date}T00:00:00+09:00`);
}
