/**
 * Residents by the ten thousand, some hundred at a time: with keys in the key store, records and a consent. Every row comes from the functions and
 * services that the product itself uses; only where it would answer one resident, one statement answers for all of the lot.
 */
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool } from 'pg';
import { ConsentsService, type PreparedAnswer } from '../../src/consents/consents.service.js';
import { byteaArray } from '../../src/database/array-parameter.js';
import { inTransaction } from '../../src/database/pool.js';
import { city } from '../../src/demo/addresses.js';
import { addDays } from '../../src/demo/days.js';
import type { DemoPerson } from '../../src/demo/people.js';
import { Random } from '../../src/demo/random.js';
import { makeSteps, stepDays, type StepCountPoint } from '../../src/demo/steps.js';
import type { Uuid } from '../../src/kernel/ids.js';
import { inParallel } from '../../src/kernel/in-parallel.js';
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { ageBandOf } from '../../src/residents/age-band.js';
import { ResidentsService } from '../../src/residents/residents.service.js';
import { type DepositItem, DepositsService } from '../../src/vault/deposits.service.js';

export interface Asked {
  program: string;
  purpose: string;
  category: string;
  source: string;
}

export interface Seeded {
  id: Uuid;
  consentId: Uuid;
  /** As the recipient knows the resident, base64url. */
  pairwiseId: string;
  /** As the source knows the resident, base64url. */
  link: string;
}

interface SeedOptions {
  /** Of each resident, one for each day. */
  records: number;
  /** `YYYY-MM-DD` */
  today: string;
  /** Told the share that is done, from 0 to 1. */
  report: (done: number) => void;
  /** Has the database look at how its tables have grown. */
  analyse: () => Promise<unknown>;
}

const lot = 250;
/** Lots under way at once: while one waits for the database, the next is prepared. */
const lots = 2;
const lanes = 8;

/** Registers the people, deposits days of steps about each, and records everybody's consent. */
export async function seedResidents(
  app: INestApplicationContext,
  pool: Pool,
  people: readonly DemoPerson[],
  asked: Asked,
  { records, today, report, analyse }: SeedOptions,
): Promise<{ residents: Seeded[]; sample: StepCountPoint }> {
  const starts = Array.from({ length: Math.ceil(people.length / lot) }, (_, number) => number * lot);
  const residents: Seeded[][] = [];
  let sample: StepCountPoint | null = null;
  await inParallel(starts, lots, async (start, number) => {
    const some = people.slice(start, start + lot);
    const ids = await register(app, some, today);
    const links = await authorise(app, ids, asked);
    const items = some.flatMap((person, position) =>
      stepsOf(person, start + position, links[position]!, records, today),
    );
    sample ??= items[0]!.data as StepCountPoint;
    await deposit(app, pool, asked, items);
    const given = await consent(app, pool, ids, asked);
    residents[number] = ids.map((id, position) => ({ id, link: links[position]!, ...given[position]! }));
    if (Math.log2(number + 1) % 1 === 0) await analyse();
    report(Math.min(1, (start + lot) / people.length));
  });
  app.get(ConsentsService).settled();
  return { residents: residents.flat(), sample: sample! };
}

function register(app: INestApplicationContext, people: readonly DemoPerson[], today: string): Promise<Uuid[]> {
  return app.get(ResidentsService).register(
    people.map(({ login, name, birthDate }) => ({
      ...({ kind: 'resident', municipalityCode: city.municipalityCode, login, name, language: 'ja' } as const),
      ...ageBandOf(birthDate, today),
    })),
  );
}

async function authorise(app: INestApplicationContext, ids: readonly Uuid[], asked: Asked): Promise<string[]> {
  const links: string[] = [];
  await inParallel(ids, lanes, async (id, position) => {
    const link = await app.get(DepositsService).authorise(id, asked.source, [asked.category], 'consent');
    links[position] = encodePairwiseId(link);
  });
  return links;
}

function stepsOf(person: DemoPerson, position: number, link: string, records: number, today: string): DepositItem[] {
  const random = new Random(`bench/${position}`);
  const fortnights = Array.from({ length: Math.ceil(records / stepDays) }, (_, fortnight) =>
    makeSteps(person, random, addDays(today, -stepDays * fortnight)).reverse(),
  );
  return fortnights
    .flat()
    .slice(0, records)
    .map(({ onDate, data }) => ({ resident: link, recordId: data.header.id, date: onDate, data }));
}

async function deposit(
  app: INestApplicationContext,
  pool: Pool,
  { source, category }: Asked,
  items: readonly DepositItem[],
): Promise<void> {
  const deposits = app.get(DepositsService);
  const prepared = await deposits.prepare(source, category, items);
  const { items: outcomes } = await inTransaction(pool, (transaction) => deposits.store(transaction, prepared));
  const bad = outcomes.find(({ outcome }) => outcome !== 'stored');
  if (bad) throw new Error(`a record was not stored: ${JSON.stringify(bad)}`);
}

/** Each answer is prepared as the service prepares it, receipt included; give_consent is called for all of them in one statement. */
async function consent(app: INestApplicationContext, pool: Pool, ids: readonly Uuid[], asked: Asked) {
  const { program: programId, purpose, category } = asked;
  const answer = { programId, decision: 'give', items: [{ purpose, category }], language: 'ja' } as const;
  const prepared: PreparedAnswer[] = [];
  await inParallel(ids, lanes, async (id, position) => {
    prepared[position] = await app.get(ConsentsService).prepare(id, answer, new Date());
  });
  await inTransaction(pool, (transaction) => transaction.query({ ...giveAll, values: columnsOf(prepared) }));
  return prepared.map(({ given }) => ({ consentId: given.consentId, pairwiseId: given.pairwiseId! }));
}

const giveAll = {
  name: 'give consents',
  text: `SELECT azukari.give_consent(resident, id, program, version, state, string_to_array(items, ','), ends_at,
      notice, locale, notice_version, receipt, pairwise, commitment, detail, supersede)
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::timestamptz[], $8::bytea[], $9::text[],
      $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[])
      AS given (resident, id, program, version, state, items, ends_at, notice, locale, notice_version, receipt, pairwise, commitment,
        detail, supersede)`,
};
/** The values of each answer, by column; a list of items becomes one text. */
function columnsOf(prepared: readonly PreparedAnswer[]): unknown[] {
  return prepared[0]!.values.map((first, column) => {
    const values = prepared.map((answer) => answer.values[column]);
    if (Buffer.isBuffer(first)) return byteaArray(values as Buffer[]);
    return Array.isArray(first) ? (values as string[][]).map((items) => items.join(',')) : values;
  });
}
