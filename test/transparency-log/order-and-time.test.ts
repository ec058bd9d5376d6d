/** The log's order is that of the commits, and its time never runs backwards, whatever the clock does (attack L 201; a clock set back). */
import { asAdmin } from '../../src/database/migrate.js';
import { SignerCity } from '../crash/a-signer.js';

let city: SignerCity;
beforeAll(async () => {
  city = await SignerCity.found();
});
afterAll(() => city?.closeSoundly());

test('whoever reads the size of the log finds every entry below it, however many append at once', async () => {
  const isOver = { value: false };
  const holes: number[] = [];
  const reading = (async () => {
    while (!isOver.value) {
      const { rows } = await city.app.query<{ size: number; present: number }>(
        'SELECT size, (SELECT count(*) FROM azukari.log_entry WHERE idx < size) AS present FROM azukari.log_state',
      );
      if (rows[0]!.size !== rows[0]!.present) holes.push(rows[0]!.size);
    }
  })();
  await Promise.all(Array.from({ length: 40 }, (_, number) => city.append(1 + (number % 7))));
  isOver.value = true;
  await reading;
  expect(holes).toEqual([]);
});

test('after a clock was set back, entries bear the time of the last one until it has caught up', async () => {
  const ahead = new Date(Date.now() + 120_000).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
  // Written while the clock was two minutes ahead.
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query('SELECT azukari.append_entry($1)', [
      `{"v":1,"t":"policy","at":"${ahead}","policy":"${'b'.repeat(64)}"}`,
    ]),
  );
  const index = await city.append(2);
  const { rows } = await city.app.query<{ at: string }>(
    `SELECT entry::jsonb ->> 'at' AS at FROM azukari.log_entry WHERE idx >= $1 ORDER BY idx`,
    [index - 2],
  );
  expect(rows.map(({ at }) => at)).toEqual([ahead, ahead, ahead]);
});
