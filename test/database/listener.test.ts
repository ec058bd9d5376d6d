/** What the database notifies is heard, also after the connection was lost. */
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

test('a notification is heard, and after a lost connection the next one is; who has stopped hears nothing and keeps no connection', async () => {
  const pool = openPool({ url: city.appUrl, size: 3, applicationName: 'listener test' });
  let heard = 0;
  const listener = new Listener(pool, 'a_channel', () => (heard += 1));
  listener.start();
  await until(() => heard === 1);
  await pool.query('NOTIFY a_channel');
  await until(() => heard === 2);

  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'listener test' AND pid <> pg_backend_pid()`);
  // What was notified meanwhile may be lost: so it looks.
  await until(() => heard === 3);
  await pool.query('NOTIFY a_channel');
  await until(() => heard === 4);

  await listener.stop();
  await pool.query('NOTIFY a_channel');
  await pool.query('SELECT 1');
  expect(heard).toBe(4);
  await pool.end();
});
