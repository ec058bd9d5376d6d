/**
 * A node that stands still in the middle of a transaction (a paused machine, a cut cable) holds the log's lock, which every change needs.
 * It may hold it for seconds, not for as long as it stands still: a withdrawal at another node must still answer.
 */
import { requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import { openPool } from '../../src/database/pool.js';
import { aTwoNodeCity, type TwoNodeCity } from './a-two-node-city.js';
import { stopSoundly } from '../setup/check-log.js';

const answerWithinMs = 10_000;

let city: TwoNodeCity;
beforeAll(async () => {
  city = await aTwoNodeCity();
});
afterAll(() => stopSoundly(city));

test('a node that stands still with the log locked delays a withdrawal by seconds, and its own change is undone', async () => {
  const { http, demo, bases, databases } = city;
  const resident = demo.residents[0]!;
  const program = await WalkingProgram.apply(http, demo, bases[0]);
  const { id: consentId } = requireStatus(await program.give(bases[0], resident), 201).json as { id: string };
  // As the node's own connections are opened; it has appended an entry, and then nothing is heard of it.
  const pool = openPool({ url: databases.appUrl, size: 1, applicationName: 'stopped node' });
  const still = await pool.connect();
  try {
    await still.query('BEGIN');
    await still.query(`SELECT azukari.register_recipient('never', 'clinic', '提供先', 'Recipient', 'JP', '990019')`);
    const startedAt = performance.now();
    requireStatus(await program.withdraw(bases[1], resident, consentId), 200);
    const milliseconds = performance.now() - startedAt;
    process.stdout.write(`  beside a node that stands still a withdrawal took ${milliseconds.toFixed(0)} ms\n`);
    expect(milliseconds).toBeLessThan(answerWithinMs);
    await expect(still.query('COMMIT')).rejects.toThrow();
  } finally {
    still.release(true);
    await pool.end();
  }
  const { rows } = await city.service.pool.query(`SELECT FROM azukari.recipient WHERE id = 'never'`);
  expect(rows).toEqual([]);
});
