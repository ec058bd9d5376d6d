/** Residents in any number: the demo's invented people, and once these are used up the same people under other sign-in names. */
import { type DemoPerson, demoPeople } from '../../src/demo/people.js';

const demoPeopleMax = 100_000;
/** A fifth of the invented people are children. */
const adultShare = 0.75;

/** @param count how many adults. @param today the day their ages are full on, `YYYY-MM-DD`. */
export function inventAdults(count: number, minimumAge: number, today: string): DemoPerson[] {
  const wanted = Math.min(demoPeopleMax, Math.ceil(count / adultShare) + 20);
  const adults = demoPeople(wanted, today).filter(({ age }) => age >= minimumAge);
  return Array.from({ length: count }, (_, position) => {
    const lap = Math.floor(position / adults.length);
    const person = adults[position % adults.length]!;
    return lap === 0 ? person : { ...person, login: `${person.login}.again${lap}` };
  });
}
