/** Calendar days as `YYYY-MM-DD` texts, and instants of such a day in Japan (UTC+9 all year). */

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The same day of another year; 29 February becomes 1 March where there is none. */
export function addYears(day: string, years: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year + years, month - 1, date)).toISOString().slice(0, 10);
}

/** Full years from `birthDate` to `day`. */
export function ageOn(day: string, birthDate: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** @param minutes after midnight in Japan. */
export function instantOf(day: string, minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return `${day}T${String(hours).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00+09:00`;
}

/** The Japanese fiscal year, which begins on 1 April. */
export function fiscalYearOf(day: string): number {
  return Number(day.slice(0, 4)) - (day.slice(5, 7) < '04' ? 1 : 0);
}

/** 2026年4月1日 */
export function inJapanese(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return `${year}年${month}月${date}日`;
}
