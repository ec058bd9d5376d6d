/**
 * What waits for an erasure that waits itself: the resident's own requests and nobody else's. Deletions, deposits and consents are made to wait by
 * a transaction that stands still.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Reader } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let reader: Reader;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  reader = await town.reader(program);
});
afterAll(() => closeSoundly(town));

function erase({ session }: DemoResident) {
  const body = { confirm: 'erase-everything' };
  return town.http.ask(town.base, { method: 'POST', path: '/v1/me/erasure', headers: { cookie: session }, body });
}

/** It is awaited later, or never where the test has failed before. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** Until this many statements that name it wait for a lock. */
async function untilWaiting(what: string, many = 1): Promise<void> {
  const query = `SELECT count(*)::integer AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%${what}%'`;
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if ((await town.admin.query<{ n: number }>(query)).rows[0]!.n === many) return;
    await pause(25);
  }
  throw new Error(`nothing waits that names ${what}`);
}

/** Well before what stands still is let go. */
function soon<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, pause(3_000).then(() => Promise.reject(new Error('it waits')))]);
}

/** Somebody else's transaction holds this of the resident, until `work` is done. */
async function whileHeld(query: string, { id }: DemoResident, work: () => Promise<void>): Promise<void> {
  const holder = await town.admin.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(query, [id]);
    await work();
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
}

test('while their many records are being removed: reads of others in the same batch, and what others withdraw, do not wait for it', async () => {
  const [{ pairwiseId: gone }, { pairwiseId: other }] = [
    await town.give(town.resident(0), program),
    await town.give(town.resident(1), program),
  ];
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(town.resident(0), 1, '2026-02-03')]));
  let erased: ReturnType<typeof erase>;
  await whileHeld('SELECT FROM azukari.vault_record WHERE resident_id = $1 FOR UPDATE', town.resident(0), async () => {
    erased = begun(erase(town.resident(0)));
    await untilWaiting('erase_resident');
    const [first, second] = await soon(Promise.all([reader.outcome(other), reader.outcome(gone)]));
    expect([first, second]).toEqual([200, 200]);
  });
  must(await erased!);
  expect(await reader.outcome(gone)).toBe('no-consent');
});

test('while a consent of theirs waits for it: the board stops and resumes the program at once', async () => {
  const resident = town.resident(2);
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 1, '2026-02-03')]));
  let erased: ReturnType<typeof erase>;
  let given: ReturnType<Town['answer']>;
  await whileHeld('SELECT FROM azukari.vault_record WHERE resident_id = $1 FOR UPDATE', resident, async () => {
    erased = begun(erase(resident));
    await untilWaiting('erase_resident');
    given = begun(town.answer(resident, { program: program.id, decision: 'give', items: program.items }));
    await untilWaiting('give_consent');
    for (const change of ['suspension', 'resumption']) must(await soon(town.board(`programs/${program.id}/${change}`)));
  });
  must(await erased!);
  expect((await given!).status).toBe(404);
}, 20_000);

test('while a source hands over data of theirs without a pause, eight deliveries at a time: it comes to pass', async () => {
  const resident = town.resident(3);
  let isOver = false;
  let delivered = 0;
  const busy = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      delivered += 1;
      const items = [resident, town.resident(4)].map((of) => steps(of, 1, '2026-03-01', `${delivered}`));
      must(await town.deposit('minatono-steps', 'activity.steps', items));
    }
  });
  try {
    await pause(300);
    must(await soon(begun(erase(resident))));
  } finally {
    isOver = true;
    await Promise.all(busy);
  }
  expect(delivered).toBeGreaterThan(8);
}, 30_000);

test('while a node stands still in the middle of a deposit: it waits for no more than five seconds', async () => {
  const resident = town.resident(5);
  const standing = new Client(town.city.databases.appUrl);
  standing.on('error', () => undefined);
  await standing.connect();
  await standing.query('BEGIN');
  const mac = Buffer.alloc(32);
  await standing.query(`SELECT FROM azukari.begin_deposit('minatono-steps', 'activity.steps', $1, $2, $3)`, [
    ...[[resident.id], [mac], [mac]],
  ]);
  const erased = begun(erase(resident));
  await untilWaiting('erase_resident');
  expect(must(await erased).status).toBe(200);
  await expect(standing.query('COMMIT')).rejects.toThrow();
}, 20_000);
