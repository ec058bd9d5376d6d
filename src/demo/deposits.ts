/**
 * What the five sources hand over about each invented resident, so that every active program has data. Deterministic: the same person,
 * seed and day give the same bytes, whoever else lives in the city.
 */
import { makeCheckup } from './checkups.js';
import { makeContact } from './contact.js';
import type { DatedRecord } from './dated-record.js';
import { addDays, ageOn } from './days.js';
import { makeHousehold } from './household.js';
import type { DemoPerson } from './people.js';
import { makePrescriptions } from './prescriptions.js';
import { makePurchases } from './purchases.js';
import { Random } from './random.js';
import { makeSteps } from './steps.js';
import { makeTrips } from './trips.js';
import { makeVitals } from './vitals.js';

export interface DemoDeposit {
  /** Code of the source. */
  readonly source: string;
  /** Code of the category. */
  readonly category: string;
  /** The source's own name for the record, unique within source and category. */
  readonly recordId: string;
  /** The day the record speaks of, `YYYY-MM-DD`. */
  readonly onDate: string;
  readonly data: unknown;
}

/** @param today `YYYY-MM-DD`; nothing speaks of a later day. */
export function demoDeposits(person: DemoPerson, seed: string, today: string): DemoDeposit[] {
  const chanceOf = (name: string) => new Random(`${seed}/${person.number}/${name}`);
  const some = (source: string, category: string, share: number, make: RecordMaker) =>
    partly(person, chanceOf(category), today, { source, category, share, make });
  return [
    ...registered(person, chanceOf('register'), today),
    ...checkedUp(person, chanceOf('checkup'), today),
    ...walked(person, chanceOf('steps'), today),
    ...some('minatono-steps', 'health.vitals', person.age >= 40 ? 0.4 : 0.05, makeVitals),
    ...some('minatono-bus-ic', 'mobility.trip', person.age >= 6 && person.age < 90 ? 0.45 : 0, makeTrips),
    ...some('minatono-pharmacy', 'purchase.history', person.age >= 18 ? 0.35 : 0, makePurchases),
    ...some('minatono-pharmacy', 'health.prescription', shareWithPrescriptions(person.age), makePrescriptions),
  ];
}

type RecordMaker = (person: DemoPerson, random: Random, today: string) => DatedRecord[];

/** Records for a share of the residents; the first ten are among them where their age fits, so that there is something to show. */
function partly(
  person: DemoPerson,
  random: Random,
  today: string,
  plan: { source: string; category: string; share: number; make: RecordMaker },
): DemoDeposit[] {
  const { source, category, share, make } = plan;
  const isAmong = random.chance(share) || (person.number <= 10 && share > 0.2);
  const records = isAmong ? make(person, random, today) : [];
  return records.map(({ onDate, data }) => ({ source, category, recordId: data.id, onDate, data }));
}

function shareWithPrescriptions(age: number): number {
  return age >= 75 ? 0.7 : age >= 60 ? 0.45 : age >= 40 ? 0.22 : 0.06;
}

function registered(person: DemoPerson, random: Random, today: string): DemoDeposit[] {
  const onDate = addDays(today, -1);
  const contact = makeContact(person, random, onDate);
  const household = makeHousehold(person, random, onDate);
  return [
    { source: 'minatono-register', category: 'profile.contact', recordId: contact.id, onDate, data: contact },
    { source: 'minatono-register', category: 'profile.household', recordId: household.id, onDate, data: household },
  ];
}

/** Municipal checkups begin at 40. */
function checkedUp(person: DemoPerson, random: Random, today: string): DemoDeposit[] {
  const onDate = addDays(today, -random.integer(10, 330));
  if (ageOn(onDate, person.birthDate) < 40) return [];
  const recordId = random.uuid();
  const data = makeCheckup(person, random, onDate);
  return [{ source: 'minatono-health-center', category: 'health.checkup', recordId, onDate, data }];
}

function walked(person: DemoPerson, random: Random, today: string): DemoDeposit[] {
  if (person.age < 6) return [];
  return makeSteps(person, random, today).map(({ onDate, data }) => ({
    source: 'minatono-steps',
    category: 'activity.steps',
    recordId: data.header.id,
    onDate,
    data,
  }));
}
