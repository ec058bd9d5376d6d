/**
 * The append, through the gate and without it, in turns, batch after batch on one connection: what the database does, so each statement with all it
 * sends is made beforehand. Nothing is signed meanwhile but what the signer finds by looking now and then, whoever appended it.
 */
import type { Pool } from 'pg';
import { byteaArray, textArray } from '../src/database/array-parameter.js';
import { openPool } from '../src/database/pool.js';
import { type AppendItem, appendStatement } from '../src/provision/append-item.js';

export interface AppendPlan {
  seconds: number;
  batch: number;
  /** A connection that may do what the functions' owner may. */
  ownerUrl: string;
}

/** Entries per second. */
export interface AppendResult {
  batch: number;
  /** Bare: the entries alone. */
  bare: number;
  /** Bare, each with the detail that opens its commitment, without which it says nothing to the resident. */
  openable: number;
  /** Of as many entries, details and grants as the gate writes, and of the same size, nothing checked. */
  rows: number;
  gate: number;
  /** Through the gate as the service's code asks for it: its statement made from the items, its answer read. */
  service: number;
}

export interface AppendSubject {
  pool: Pool;
  policy: string;
  makeItem(): AppendItem;
  /** One item, as the service's code appends it. */
  append(item: AppendItem): Promise<{ entry: string }>;
}

type Way = Exclude<keyof AppendResult, 'batch'>;

const bareText = 'SELECT azukari.write_entries(azukari.lock_log(), $1::text[])';

/** The hot row's lock, the insert with its hash, the new size; and what stands beside an entry. */
const withRows = (insertions: string) => `
  WITH log AS MATERIALIZED (SELECT azukari.lock_log() AS base),
    entries AS MATERIALIZED (SELECT azukari.write_entries(base, $1::text[]) FROM log),
    details AS (INSERT INTO azukari.entry_detail (resident_id, idx, sealed)
      SELECT i.resident::uuid, base + i.ord - 1, i.detail FROM log, unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS i (resident, detail, ord))${insertions}
  SELECT FROM entries`;

const openableText = withRows('');

const rowsText = withRows(`,
    grants AS (INSERT INTO azukari.provision_grant (entry_idx, resident_id, recipient_id, program_id, program_version, consent_id, purpose,
        categories, versions, statutory_period, statutory_sealed)
      SELECT base + i.ord - 1, i.resident::uuid, i.recipient, i.program, 1, i.resident::uuid, i.purpose, ARRAY[i.category], ARRAY[1], i.period, i.statutory
      FROM log, unnest($2::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
        WITH ORDINALITY AS i (resident, recipient, program, purpose, category, period, statutory, ord))`);

/**
 * As in a city that has run for more than a minute: grants are used, and their place is given to others. Here nobody redeems them, so they are removed
 * by hand, beside the timed turns.
 */
async function useUpGrants(owner: Pool): Promise<void> {
  await owner.query('DELETE FROM azukari.provision_grant');
  await owner.query('VACUUM azukari.provision_grant');
}

/** How many batches of each way lie between two times that grants are used up: a second's worth, or two. */
const batchesBetween = 64;

/** The ways take turns, each after each other, so that a disturbance meets all of them. */
export async function runAppends(
  subject: AppendSubject,
  { seconds, batch, ownerUrl }: AppendPlan,
): Promise<AppendResult> {
  const owner = openPool({ url: ownerUrl, size: 1, applicationName: 'azukari bare append' });
  try {
    const { entry } = await subject.append(subject.makeItem());
    const lines = textArray(Array.from({ length: batch }, () => entry));
    const times: Record<Way, number> = { bare: 0, openable: 0, rows: 0, gate: 0, service: 0 };
    let batches = 0;
    for (const until = performance.now() + seconds * 1000; performance.now() < until; batches += 1) {
      if (batches % batchesBetween === 0) await useUpGrants(owner);
      const items = Array.from({ length: batch }, () => subject.makeItem());
      const rows = rowsOf(items);
      const statement = appendStatement(subject.policy, items);
      const ways: [Way, () => Promise<unknown>][] = [
        ['bare', () => owner.query({ name: 'bare append', text: bareText, values: [lines] })],
        [
          'openable',
          () => owner.query({ name: 'openable append', text: openableText, values: [lines, ...rows.slice(0, 2)] }),
        ],
        ['rows', () => owner.query({ name: 'bare rows', text: rowsText, values: [lines, ...rows] })],
        ['gate', () => subject.pool.query(statement)],
        ['service', () => Promise.all(items.map((item) => subject.append(item)))],
      ];
      for (const turn of ways.keys()) {
        const [way, work] = ways[(turn + batches) % ways.length]!;
        times[way] += await timed(work);
      }
    }
    const perSecond = (way: Way) => (batches * batch * 1000) / times[way];
    return {
      ...{ batch, bare: perSecond('bare'), openable: perSecond('openable'), rows: perSecond('rows') },
      ...{ gate: perSecond('gate'), service: perSecond('service') },
    };
  } finally {
    await owner.end();
  }
}

function rowsOf(items: readonly AppendItem[]): Buffer[] {
  return [
    textArray(items.map((item) => item.residentId)),
    byteaArray(items.map((item) => item.sealedDetail)),
    ...[textArray(items.map((item) => item.recipientId)), textArray(items.map((item) => item.programId))],
    ...[textArray(items.map((item) => item.purpose)), textArray(items.map((item) => item.categories[0]!))],
    textArray(items.map((item) => item.statutory!.period)),
    byteaArray(items.map((item) => item.statutory!.sealed)),
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
