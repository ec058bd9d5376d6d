/** Everything that changes the gate's tables, at once: whoever holds one lock never waits for another in the wrong order. */
import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  program = await town.program('hamakaze-clinic', { frequency: { count: 600, per: 'month' } });
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

test('asking, sweeping and taking back uses of the same residents, in any order, never deadlocks', async () => {
  const names = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 7].map(async (number) => (await town.give(town.resident(number), program)).pairwiseId),
  );
  const failures: string[] = [];
  const noted = (work: Promise<unknown>) =>
    work.catch((error: Error & { code?: string }) => void failures.push(`${error.code}: ${error.message}`));
  for (let round = 0; round < 12; round++) {
    const ask = (order: readonly string[]) => noted(gate.append(order.map((name) => anItem(program, name))));
    await Promise.all([ask(names), ask(names.toReversed())]);
    await town.admin.query(`UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'`);
    const sweep = (some: number) => noted(gate.sweep(some));
    await Promise.all([ask(names), sweep(7), ask(names.toReversed()), sweep(5), ask(names), sweep(20)]);
  }
  expect(failures).toEqual([]);
});

/** How many of the city's connections wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { rows } = await town.admin.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows[0]!.waiting >= count) return;
    await pause(10);
  }
  throw new Error('nobody waits for a lock');
}

test('a batch that waits behind a withdrawal holds no count of uses, for which whoever is before the withdrawal may wait', async () => {
  const given = await Promise.all(
    [0, 1].map(async (number) => ({
      resident: town.resident(number),
      ...(await town.give(town.resident(number), program)),
    })),
  );
  // In the order in which their consents are locked.
  const { rows } = await town.admin.query<{ id: string }>(
    `SELECT id FROM unnest($1::uuid[]) AS id ORDER BY azukari.consent_lock_key(id, $2)`,
    [given.map(({ resident }) => resident.id), program.id],
  );
  const [first, second] = rows.map(({ id }) => given.find(({ resident }) => resident.id === id)!);
  const items = [anItem(program, first!.pairwiseId), anItem(program, second!.pairwiseId)];
  const granted = await gate.append(items);
  await gate.untilPublished(granted[1]!.idx);
  await gate.record(granted[1]!.idx);

  const redeeming = await gate.pool.connect();
  try {
    await redeeming.query('BEGIN');
    await redeeming.query('SELECT FROM azukari.redeem_grants($1::bigint[])', [[granted[1]!.idx]]);
    const withdrawn = town.withdraw(second!.resident, second!.consentId);
    await untilWaiting(1);
    const appended = gate.append(items);
    await untilWaiting(2);
    await town.admin.query(
      'SELECT FROM azukari.provision_count WHERE resident_id = $1 AND program_id = $2 FOR UPDATE NOWAIT',
      [...[first!.resident.id, program.id]],
    );
    await redeeming.query('COMMIT');
    must(await withdrawn);
    expect((await appended).map(({ reason }) => reason)).toEqual([null, 'consent-withdrawn']);
  } finally {
    await redeeming.query('ROLLBACK');
    redeeming.release();
  }
});

/** While a reader of this consent is under way: its batch is appended and not committed. */
async function whileRead(pairwiseId: string, work: (reader: PoolClient) => Promise<void>): Promise<void> {
  const reader = await gate.pool.connect();
  try {
    await reader.query('BEGIN');
    const [early] = await gate.append([anItem(program, pairwiseId)], undefined, reader);
    expect(early!.reason).toBeNull();
    await work(reader);
  } finally {
    await reader.query('ROLLBACK');
    reader.release();
  }
}

test.each([
  ['withdrawal', 'consent-withdrawn', (consentId: string) => town.withdraw(town.resident(), consentId)],
  ['suspension of the program', 'program-not-active', () => town.board(`programs/${program.id}/suspension`)],
  [
    'suspension of the recipient',
    'recipient-not-active',
    () => town.board(`recipients/${program.recipient}/suspension`),
  ],
])('a %s that waits for a reader under way is overtaken by none that comes after it', async (_what, reason, change) => {
  const { consentId, pairwiseId } = await town.give(town.resident(), program);
  await whileRead(pairwiseId, async (reader) => {
    const changed = change(consentId);
    await untilWaiting(1);
    const late = gate.append([anItem(program, pairwiseId)]);
    await untilWaiting(2);
    await reader.query('COMMIT');
    must(await changed);
    expect((await late)[0]!.reason).toBe(reason);
  });
  await town.board(`programs/${program.id}/resumption`);
  await town.board(`recipients/${program.recipient}/resumption`);
});

test.each([
  ['changes', 'UPDATE azukari.consent SET end_reason = $2 WHERE id = $1'],
  ['deletes', 'DELETE FROM azukari.consent WHERE id = $1 AND $2 <> id::text'],
])(
  'whoever %s a consent and forgets its lock waits for the reader under way all the same',
  async (_what, statement) => {
    const { consentId, pairwiseId } = await town.give(town.resident(), program);
    await whileRead(pairwiseId, async (reader) => {
      const changed = town.admin.query(`${statement} RETURNING clock_timestamp() AS at`, [consentId, 'by hand']);
      await untilWaiting(1);
      const { rows } = await reader.query<{ at: Date }>('SELECT clock_timestamp() AS at');
      await reader.query('COMMIT');
      expect((await changed).rows[0].at.getTime()).toBeGreaterThanOrEqual(rows[0]!.at.getTime());
    });
  },
);

test('while one node sweeps, another neither waits nor sweeps', async () => {
  const sweeping = await town.admin.connect();
  try {
    await sweeping.query("SELECT pg_advisory_lock(azukari.lock_key('grant', 'sweep'))");
    const lines = await town.linesOf(async () => {
      await town.admin.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'");
      const { rows } = await gate.pool.query('SELECT azukari.sweep_grants(500) AS voided');
      expect(rows).toEqual([{ voided: null }]);
    });
    expect(lines).toEqual([]);
  } finally {
    await sweeping.query("SELECT pg_advisory_unlock(azukari.lock_key('grant', 'sweep'))");
    sweeping.release();
  }
});
