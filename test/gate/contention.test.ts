/** Everything that changes the gate's tables, at once: whoever holds one lock never waits for another in the wrong order. */
import { setTimeout as pause } from 'node:timers/promises';
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
    await town.admin.query(
      `UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds' WHERE voided_at IS NULL`,
    );
    const sweep = (some: number) => noted(gate.pool.query('SELECT azukari.sweep_grants($1)', [some]));
    await Promise.all([ask(names), sweep(7), ask(names.toReversed()), sweep(5), ask(names), sweep(20)]);
  }
  expect(failures).toEqual([]);
});

test('withdrawing waits for neither of two batches that wait for one another', async () => {
  const failures: string[] = [];
  const slow: number[] = [];
  const noted = <T>(work: Promise<T>) =>
    work.catch((error: Error & { code?: string }) => void failures.push(`${error.code}: ${error.message}`));
  for (let round = 0; round < 10; round++) {
    const consents = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7].map(async (number) => ({
        resident: town.resident(number),
        ...(await town.give(town.resident(number), program)),
      })),
    );
    const items = () => consents.map(({ pairwiseId }) => anItem(program, pairwiseId));
    const granted = await gate.append(items());
    await gate.untilPublished(granted.at(-1)!.idx);
    // Half of the grants fall with their consents, so that redeeming takes their uses back while the new consents are being used.
    await Promise.all(consents.slice(0, 4).map(({ resident }) => town.give(resident, program)));
    const withdrawals = consents.slice(4).map(async ({ resident, consentId }) => {
      const startedAt = performance.now();
      must(await town.withdraw(resident, consentId));
      slow.push(performance.now() - startedAt);
    });
    await Promise.all([
      ...[noted(gate.redeem(...granted.map(({ idx }) => idx))), noted(gate.append(items()))],
      ...[...withdrawals, noted(gate.append(items().toReversed())), noted(gate.append(items()))],
    ]);
  }
  expect(failures).toEqual([]);
  // A deadlock is found after a second; nothing else here takes as long.
  expect(Math.max(...slow)).toBeLessThan(900);
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
  const reader = await gate.pool.connect();
  try {
    await reader.query('BEGIN');
    const [early] = await gate.append([anItem(program, pairwiseId)], undefined, reader);
    expect(early!.reason).toBeNull();
    const changed = change(consentId);
    await untilWaiting(1);
    const late = gate.append([anItem(program, pairwiseId)]);
    await untilWaiting(2);
    await reader.query('COMMIT');
    must(await changed);
    expect((await late)[0]!.reason).toBe(reason);
  } finally {
    await reader.query('ROLLBACK');
    reader.release();
  }
  await town.board(`programs/${program.id}/resumption`);
  await town.board(`recipients/${program.recipient}/resumption`);
});
