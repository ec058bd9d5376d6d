/**
 * The crash test can see: with commits that are acknowledged before they are written (synchronous_commit off, a log whose lock does not ask for
 * more, a lazy WAL writer), the same load, crash and examination find that acknowledged things are gone. And the service itself notices: what it signed is ahead of the
 * database, so it takes the lost entries from the tiles again, and what was withdrawn stays withdrawn.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFreePort } from '../../src/database/free-port.js';
import { checkLogAt } from '../setup/a-log-reader.js';
import { requireStatus } from '../setup/a-walking-program.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { ServedCity } from './a-served-city.js';
import { examine } from './examination.js';
import { Load } from './load.js';

const roundsMax = 5;

/** What the examination says of something acknowledged that is gone; which of them it is depends on where the crash fell. */
const isLoss =
  /is gone|lacks the deposit|instead of|it was answered for|no statutory record stands for it|is not in the journal/;

let directory: string;
let original: ServedCity;
beforeAll(async () => {
  directory = await aTemporaryDirectory();
  original = new ServedCity(join(directory, 'original'), await requireFreePort('127.0.0.1', 0));
  await original.start();
  await original.asSuperuser(async (client) => {
    // The server is started with synchronous_commit=on; only a setting of the database goes before that.
    for (const database of ['azukari', 'azukari_keys']) {
      await client.query(`ALTER DATABASE ${database} SET synchronous_commit = off`);
    }
    const { rows } = await client.query<{ text: string }>(
      "SELECT pg_get_functiondef('azukari.lock_log'::regproc) AS text",
    );
    await client.query(rows[0]!.text.replace('^(off|local)$', () => '^$'));
    await client.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
  });
  await original.stop();
}, 120_000);
afterAll(async () => {
  await original?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Load, crash, restart. */
async function crashed(city: ServedCity): Promise<Load> {
  await city.start();
  const load = await Load.on(city, 'control');
  // What was founded is safe; at stake is what happens from here on.
  await city.asSuperuser((client) => client.query('CHECKPOINT'));
  await load.start();
  await pause(1_500);
  await Promise.all([city.quitDatabase(), city.killServer()]);
  await load.stop();
  await city.start();
  return load;
}

/** What a city that was brought up to its log must do. */
async function expectServed(city: ServedCity, load: Load): Promise<void> {
  const { program, lives } = load;
  const token = await program.token(city.base);
  const resident = city.demo.residents.find(({ login }) => login === lives[0]!.resident.login)!;
  const given = requireStatus(await program.give(city.base, resident), 201).json;
  const { id: consentId, pairwiseId } = given as { id: string; pairwiseId: string };
  requireStatus(await program.read(city.base, token, pairwiseId), 200);
  requireStatus(await program.withdraw(city.base, resident, consentId), 200);
  const after = await program.read(city.base, token, pairwiseId);
  expect([after.status, after.code]).toEqual([403, 'consent-withdrawn']);
}

test('with synchronous_commit off something acknowledged is lost; the service notices, and nothing withdrawn comes back', async () => {
  const rounds: string[] = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const city = await original.copyTo(join(directory, `round-${round}`), await requireFreePort('127.0.0.1', 0));
    try {
      const load = await crashed(city);
      const isRestored = (await city.said('serve')).includes('it is older than its log');
      const findings = await examine(city, load);
      load.http.close();
      rounds.push(`${findings.length} findings, ${isRestored ? 'restored' : 'not restored'}`);
      // Whatever was signed and handed out stands, and no end is undone; consents and deposits may be lost.
      expect(findings.filter((finding) => /^log: |a withdrawn consent is (active|paused)/.test(finding))).toEqual([]);
      if (findings.length > 0 && isRestored) {
        expect(findings.filter((finding) => isLoss.test(finding))).not.toEqual([]);
        await expectServed(city, load);
        expect((await checkLogAt(city.base, city.demo.log, { now: new Date() })).findings).toEqual([]);
        process.stdout.write(`  control, round ${round + 1}: ${rounds.at(-1)}; ${findings[0]}\n`);
        return;
      }
    } finally {
      await city.discard();
    }
  }
  throw new Error(`nothing was seen in ${roundsMax} rounds: ${rounds.join('; ')}`);
}, 180_000);
