/** A process that serves requests has been taken over and calls what erases with whatever it likes: it gets nothing that an erasure does not give. */
import type { Pool } from 'pg';
import { type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let app: Pool;
/** Erased, a moment ago. */
let gone: DemoResident;

beforeAll(async () => {
  town = await Town.open();
  app = town.city.service.pool;
  gone = town.resident(0);
  must(
    await town.http.ask(town.base, {
      ...{ method: 'POST', path: '/v1/me/erasure', headers: { cookie: gone.session } },
      body: { confirm: 'erase-everything' },
    }),
  );
});
afterAll(() => closeSoundly(town));

const someone = () => town.resident(1).id;
const commitment = Buffer.alloc(32, 1);

test.each<[what: string, query: string, values: () => unknown[], code: string]>([
  ['erases nobody', 'SELECT azukari.erase_resident(NULL, $1)', () => [commitment], 'AZ404'],
  ['erases somebody unknown', 'SELECT azukari.erase_resident(gen_random_uuid(), $1)', () => [commitment], 'AZ404'],
  ['commits to nothing', 'SELECT azukari.erase_resident($1, NULL)', () => [someone()], 'AZ001'],
  ['commits to too little', 'SELECT azukari.erase_resident($1, $2)', () => [someone(), Buffer.alloc(31)], 'AZ001'],
  ['finishes what was never begun', 'SELECT azukari.finish_erasure($1)', () => [someone()], 'AZ404'],
  ['finishes nothing', 'SELECT azukari.finish_erasure(NULL)', () => [], 'AZ404'],
  ['erases without an entry', 'SELECT azukari.forget_resident($1)', () => [someone()], '42501'],
  ['erases the history alone', 'SELECT azukari.forget_history($1)', () => [someone()], '42501'],
  ['closes grants by itself', `SELECT azukari.keep_records('{}')`, () => [], '42501'],
  ['settles a restore', 'SELECT azukari.settle_erasures(0, 1)', () => [], '42501'],
  ['forgets that somebody was erased', 'DELETE FROM azukari.erasure', () => [], '42501'],
  ['says that it is finished', 'UPDATE azukari.erasure SET finished_at = clock_timestamp()', () => [], '42501'],
  ['removes records of provisions', 'DELETE FROM statutory.provision_record', () => [], '42501'],
  [
    'brings back somebody who was erased, under the same id',
    `SELECT azukari.register_resident($1, 'resident', municipality_code, NULL, 'ja', 'adult', NULL, '', $2, $2) FROM azukari.city`,
    () => [gone.id, commitment],
    'AZ409',
  ],
  [
    'deposits for somebody who was erased',
    `SELECT azukari.authorise_deposits($1, 'minatono-steps', '{activity.steps}', 'law', $2)`,
    () => [gone.id, commitment],
    'AZ404',
  ],
])('who %s is refused, and nothing has changed', async (_what, query, values, code) => {
  const before = await town.stored();
  await expect(app.query(query, values())).rejects.toMatchObject({ code });
  expect(await town.stored()).toEqual(before);
});

test('who reads under an older snapshot is refused', async () => {
  const client = await app.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await expect(client.query('SELECT azukari.erase_resident($1, $2)', [someone(), commitment])).rejects.toMatchObject({
      code: 'AZ001',
    });
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

test.each([null, 0, 5, 2_147_483_647])(
  'removing %s records of provisions removes none before its date',
  async (many) => {
    const count = 'SELECT count(*)::integer AS n FROM statutory.provision_record';
    const before = (await town.admin.query<{ n: number }>(count)).rows[0]!.n;
    expect(before).toBeGreaterThan(0);
    await app.query('SELECT azukari.sweep_provision_records($1)', [many]);
    expect((await town.admin.query<{ n: number }>(count)).rows[0]!.n).toBe(before);
  },
);

test('who erases in a transaction and takes it back has erased nothing', async () => {
  const before = await town.stored();
  const client = await app.connect();
  await client.query('BEGIN');
  await client.query('SELECT azukari.erase_resident($1, $2)', [someone(), commitment]);
  await client.query('ROLLBACK');
  client.release();
  expect(await town.stored()).toEqual(before);
});
