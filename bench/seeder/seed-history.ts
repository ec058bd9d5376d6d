/**
 * A log with a past: provisions as the door would have made them, each with an entry, a detail that its resident can open, a redeemed grant and
 * the record that the law demands. They are sealed by the service's own code and written by the database's owner through the functions that
 * the gate writes with, some thousand at a time: what the gate decides and waits for at each read is not done again.
 */
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { byteaArray } from '../../src/database/array-parameter.js';
import { inTransaction, openPool } from '../../src/database/pool.js';
import { Random } from '../../src/demo/random.js';
import type { Uuid } from '../../src/kernel/ids.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { ProgramsService } from '../../src/programs/programs.service.js';
import { EntrySealingService } from '../../src/provision/entry-sealing.service.js';
import type { AppendItem, ReadItem } from '../../src/provision/append-item.js';
import type { Resolved } from '../../src/provision/gate.service.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { PublicationService } from '../../src/transparency-log/publication.service.js';
import type { Seeded } from './seed-residents.js';

interface HistoryPlan {
  /** A connection that may do what the functions' owner may. */
  ownerUrl: string;
  recipient: string;
  program: string;
  purpose: string;
  category: string;
  /** Entries that the log has at the end, at least. */
  entries: number;
  /** So many provisions about each of these, whatever the size: their pages are measured. */
  shown: readonly Seeded[];
  provisionsOfShown: number;
}

/** A provision about one resident, sealed. */
interface Past {
  resident: Seeded;
  append: AppendItem;
}

const batch = 2_000;

/** Makes the log as long as planned, if it is not. The residents of the rest are chosen at random, so that nobody's entries lie together. */
export async function seedHistory(
  app: INestApplicationContext,
  residents: readonly Seeded[],
  plan: HistoryPlan,
  report: (done: number) => void,
): Promise<void> {
  const owner = openPool({
    url: plan.ownerUrl,
    size: 2,
    applicationName: 'azukari bench history',
    statementTimeoutMs: 0,
  });
  try {
    const random = new Random('bench/history');
    const others = residents.filter((one) => !plan.shown.includes(one));
    const from = others.length > 0 ? others : residents;
    const ofShown = plan.shown.flatMap((one) => Array.from({ length: plan.provisionsOfShown }, () => one));
    const total = Math.max(ofShown.length, plan.entries - (await sizeOf(owner)));
    const pick = (position: number) => ofShown[position] ?? from[random.integer(0, from.length - 1)]!;
    // While one batch is written, the next is sealed.
    let writing: Promise<void> = Promise.resolve();
    for (let done = 0; done < total; done += batch) {
      const about = Array.from({ length: Math.min(batch, total - done) }, (_, position) => pick(done + position));
      const past = await sealAll(app, owner, about, plan);
      await writing;
      writing = write(owner, past, plan).then(() => app.get(PublicationService).appended());
      writing.catch(() => undefined);
      report(Math.min(1, (done + batch) / total));
    }
    await writing;
  } finally {
    await owner.end();
  }
}

async function sealAll(
  app: INestApplicationContext,
  owner: Pool,
  about: readonly Seeded[],
  { recipient, program: programId, purpose, category }: HistoryPlan,
): Promise<Past[]> {
  const program = (await app.get(ProgramsService).findActive(programId))!;
  const resolved = await resolveAll(owner, [...new Set(about.map(({ id }) => id))], program.version, category);
  await app.get(ResidentKeysService).find([...resolved.keys()]);
  const sealing = app.get(EntrySealingService);
  return Promise.all(
    about.map(async (resident) => {
      const item: ReadItem = {
        ...{ recipientId: recipient, pairwiseId: decodePairwiseId(resident.pairwiseId)!, programId, purpose },
        ...{ categories: [category], from: null, to: null },
      };
      const sealed = await sealing.seal(item, resolved.get(resident.id)!, { program, refusal: null });
      return { resident, append: sealed!.append };
    }),
  );
}

async function resolveAll(
  owner: Pool,
  ids: readonly Uuid[],
  programVersion: number,
  category: string,
): Promise<Map<Uuid, Resolved>> {
  const { rows } = await owner.query<NonNullable<Resolved['resident']> & { version: number }>({
    name: 'resolve past',
    text: `SELECT r.id, r.sealed_name AS "sealedName", r.age_band AS "ageBand", r.age_band_until AS "ageBandUntil", v.version
      FROM azukari.resident r JOIN azukari.vault_version v ON v.resident_id = r.id AND v.category = $2 WHERE r.id = ANY ($1::uuid[])`,
    values: [ids, category],
  });
  return new Map(
    rows.map(({ version, ...resident }) => [resident.id, { resident, programVersion, versions: [version] }]),
  );
}

async function write(owner: Pool, past: readonly Past[], plan: HistoryPlan): Promise<void> {
  await inTransaction(owner, async (transaction) => {
    const { rows } = await transaction.query<{ base: number; at: string }>(
      'SELECT azukari.lock_log() AS base, azukari.log_minute() AS at',
    );
    const { base, at } = rows[0]!;
    await writeEntries(transaction, past, plan, base, at);
    await writeRows(transaction, past, plan, base);
  });
}

async function writeEntries(
  transaction: PoolClient,
  past: readonly Past[],
  plan: HistoryPlan,
  base: number,
  at: string,
) {
  await transaction.query({
    name: 'write past entries',
    text: `SELECT azukari.write_entries($1, ARRAY(
        SELECT azukari.provision_entry(azukari.provision_head($2, $3, p.id, p.version, $5, $6, azukari.current_policy()),
          azukari.tag_of(i.pairwise, $2), i.commitment)
        FROM unnest($7::bytea[], $8::bytea[]) WITH ORDINALITY AS i (pairwise, commitment, ord)
        JOIN azukari.program p ON p.id = $4 AND p.status = 'active' ORDER BY i.ord))`,
    values: [
      ...[base, at, plan.recipient, plan.program, plan.purpose, plan.category],
      ...[
        byteaArray(past.map(({ append }) => append.pairwiseId)),
        byteaArray(past.map(({ append }) => append.commitment)),
      ],
    ],
  });
}

/** What redeeming leaves: the grant is gone, and the record that the law demands is in its own store. */
async function writeRows(transaction: PoolClient, past: readonly Past[], plan: HistoryPlan, base: number) {
  await transaction.query({
    name: 'write past details',
    text: `INSERT INTO azukari.entry_detail (resident_id, idx, sealed) SELECT resident, $1 + ord - 1, sealed
      FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS i (resident, sealed, ord)`,
    values: [base, past.map(({ resident }) => resident.id), byteaArray(past.map(({ append }) => append.sealedDetail))],
  });
  await transaction.query({
    name: 'write past statutory records',
    text: `INSERT INTO statutory.provision_record (entry_idx, recipient_id, key_period, keep_until, sealed)
      SELECT $1 + ord - 1, $2, period, azukari.in_japan(clock_timestamp())::date + interval '3 years', sealed
      FROM unnest($3::text[], $4::bytea[]) WITH ORDINALITY AS i (period, sealed, ord)`,
    values: [
      ...[base, plan.recipient, past.map(({ append }) => append.statutory!.period)],
      byteaArray(past.map(({ append }) => append.statutory!.sealed)),
    ],
  });
}

async function sizeOf(owner: Pool): Promise<number> {
  const { rows } = await owner.query<{ size: number }>('SELECT size FROM azukari.log_state');
  return rows[0]!.size;
}
