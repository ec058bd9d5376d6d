/**
 * What the service knows of a resident's age: a band and the day on which it next changes. The ages are those of judgement of one's own (16)
 * and of majority (18, Civil Code article 4). Days are those of Japan.
 */
export type AgeBand = 'child' | 'young' | 'adult';

export interface KnownAge {
  ageBand: AgeBand;
  /** The first day of the next band, `YYYY-MM-DD`; null for adults. */
  ageBandUntil: string | null;
}

const youngFromAge = 16;
const adultFromAge = 18;

/** The band of someone born on `birthDate` (`YYYY-MM-DD`) on `today`. */
export function ageBandOf(birthDate: string, today: string): KnownAge {
  if (today >= yearsAfter(birthDate, adultFromAge)) return { ageBand: 'adult', ageBandUntil: null };
  if (today >= yearsAfter(birthDate, youngFromAge)) {
    return { ageBand: 'young', ageBandUntil: yearsAfter(birthDate, adultFromAge) };
  }
  return { ageBand: 'child', ageBandUntil: yearsAfter(birthDate, youngFromAge) };
}

/** The band at an instant: people grow older without anybody writing it down. */
export function ageBandAt({ ageBand, ageBandUntil }: KnownAge, now: Date): AgeBand {
  const today = new Date(now.getTime() + japanAheadMs).toISOString().slice(0, 10);
  if (ageBand === 'adult' || ageBandUntil === null || today < ageBandUntil) return ageBand;
  if (ageBand === 'young') return 'adult';
  return today < yearsAfter(ageBandUntil, adultFromAge - youngFromAge) ? 'young' : 'adult';
}

const japanAheadMs = 9 * 3_600_000;

/** Compared as text, so a birthday on 29 February falls on 1 March in other years. */
function yearsAfter(date: string, years: number): string {
  return `${Number(date.slice(0, 4)) + years}${date.slice(4)}`;
}
