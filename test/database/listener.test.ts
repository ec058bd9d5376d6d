/** What the database calls out is heard, also after the connection was lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { Listener } from '../../src/database/listener.js';
import { openPool } from '../../src/database/pool.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

let city: FreshCity;
beforeAll(async () => {
  city = await aFreshCity();
});
afterAll(() => city.drop());

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; !holds(); attempt += 1) {
    if (attempt > 400) throw new Error('nothing was heard');
    await pause(25);
  }
}

test('a call is heard, and after a lost connection the next one is; who has stopped hears nothing and keeps no connection', async () => {
  const pool = openPool({ url: city.appUrl, size: 3, applicationName: 'listener test' });
  let calls = 0;
  const listener = new Listener(pool, 'a_channel', () => (calls += 1));
  listener.start();
  await until(() => calls === 1);
  await pool.query('NOTIFY a_channel');
  await until(() => calls === 2);

  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'listener test' AND pid <> pg_backend_pid()`);
  // What was called meanwhile may be lost: so it looks.
  await until(() => calls === 3);
  await pool.query('NOTIFY a_channel');
  await until(() => calls === 4);

  await listener.stop();
  await pool.query('NOTIFY a_channel');
  await pool.query('SELECT 1');
  expect(calls).toBe(4);
  await pool.end();
});
