/** Signers while the log's key is changed: whoever dies at whatever step, the next one signs with the keys that stand; one that lacks a key harms nobody. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { demoCity } from '../../src/demo/city.js';
import { KeyRing, logKeyFile } from '../../src/transparency-log/keys/key-ring.js';
import { retireKey, rotateKey } from '../../src/transparency-log/keys/rotation.js';
import { generateNoteKey, parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import type { SignerStep } from '../../src/transparency-log/signer/steps.js';
import { LogStoreService } from '../../src/transparency-log/log-store.service.js';
import { SignerCity } from './a-signer.js';

let city: SignerCity;
let pool: ReturnType<typeof openPool>;
beforeEach(async () => {
  city = await SignerCity.found();
  pool = openPool({ url: city.databases.signerUrl, size: 2, applicationName: 'key test' });
});
afterEach(async () => {
  await pool.end();
  await city.closeSoundly();
});

/** Introduces a key; its verifier key, and the index of its entry. */
async function rotate(): Promise<{ vkey: string; index: number }> {
  const rotation = await rotateKey(pool, city.keys);
  if (rotation.outcome !== 'introduced') throw new Error(rotation.outcome);
  city.vkeys.push(rotation.vkey);
  return rotation;
}

async function retire(vkey: string): Promise<number> {
  const retirement = await retireKey(pool, vkey.split('+')[1]!);
  if (retirement.outcome !== 'retired') throw new Error(retirement.sentence);
  return retirement.index;
}

/** Which of the city's keys signed the newest checkpoint, by their places. */
async function signers(): Promise<number[]> {
  const { note } = (await new LogStoreService(city.app).checkpoint())!;
  const logKeys = city.vkeys.map(parseVerifierKey);
  const opened = openCheckpoint(note, { origin: logKeys[0]!.name, logKeys });
  return opened.signers.map((key) => logKeys.indexOf(key));
}

/** Those after which a signature exists. */
const steps: readonly SignerStep[] = ['checkpoint-kept', 'anchored', 'published'];
test.each(steps)(
  'one killed right after "%s" of the first checkpoint with both keys, and one of the last with the old, are followed',
  async (step) => {
    const [old] = city.vkeys;
    let mortal = await city.startMortal('same');
    await city.keepCheckpoint();
    await mortal.dieAfter(step);
    const { index } = await rotate();
    await mortal.died;
    await city.keepCheckpoint();
    mortal = await city.startMortal('same');
    for (let look = 0; (await city.keepCheckpoint()) <= index && look < 200; look += 1) await pause(25);
    expect(await signers()).toEqual([0, 1]);

    await mortal.dieAfter(step);
    const retiredAt = await retire(old!);
    await mortal.died;
    await city.keepCheckpoint();
    const { publication } = await city.startSigner('next', 'same');
    await publication.covering(retiredAt);
    expect(await signers()).toEqual([1]);
    expect(await city.check()).toMatchObject({ findings: [] });
    expect(await city.checkTiles('same')).toMatchObject({ findings: [] });
    expect(await city.frozen()).toBeNull();
  },
  30_000,
);

test('one that has not got the new key signs with the old one while both stand, then neither signs nor freezes, and goes on once it has it', async () => {
  const [old] = city.vkeys;
  const poor = join(city.directory, 'poor');
  await mkdir(poor);
  await cp(join(city.directory, logKeyFile), join(poor, logKeyFile));
  const leader = await city.startSigner('leader', 'leader');
  const standby = await city.startSigner('standby', 'standby', new KeyRing(poor));
  const { vkey, index } = await rotate();
  await leader.publication.covering(index);
  await leader.stop();
  await standby.publication.covering(await city.append());
  expect(await signers()).toEqual([0]);

  const second = await city.startSigner('second', 'leader');
  // Who has lost the lead asks for it again at once, and who stands by only twice a second: so it is taken from the one again and again.
  for (let look = 0; (await signers()).length < 2 && look < 200; look += 1) {
    await city.breakConnections('standby');
    await city.append();
    await pause(25);
  }
  await second.publication.covering(await retire(old!));
  await second.stop();
  const waiting = await city.append();
  await pause(1500);
  expect(await city.frozen()).toBeNull();
  expect(await signers()).toEqual([1]);
  expect(await city.keepCheckpoint()).toBeLessThanOrEqual(waiting);
  const name = `${logKeyFile}.${vkey.split('+')[1]!}`;
  await cp(join(city.directory, name), join(poor, name));
  await standby.publication.covering(waiting);
  expect(await signers()).toEqual([1]);
  expect(await city.check()).toMatchObject({ findings: [] });
}, 30_000);

/** Writes an entry into the log as nobody but a superuser can. */
function smuggle(key: string, status: string) {
  city.databases.leaveUnchecked('an entry that nobody signs');
  return asAdmin(city.databases.adminUrl, (client) =>
    client.query(
      `SELECT azukari.append_entry('{"v":1,"t":"key","at":"' || azukari.log_minute() || '","key":"${key}","status":"${status}"}')`,
    ),
  );
}

test('a key that somebody writes into the database and that is not ours gets no signature of ours to vouch for it', async () => {
  const { publication } = await city.startSigner('honest', 'honest');
  await publication.covering(await city.append());
  const before = await city.keepCheckpoint();
  const { vkey } = generateNoteKey(demoCity.logOrigin);
  await smuggle(vkey, 'introduced');
  await city.append();
  await pause(1000);
  expect(await city.keepCheckpoint()).toBe(before);
  expect(await city.frozen()).toBeNull();
});

test.each([
  [
    'the only key retired',
    () => smuggle(city.vkeys[0]!, 'retired'),
    /^entry \d+ \(key\): key [0-9a-f]{8} was the only one/,
  ],
  ['a key introduced twice', () => smuggle(city.vkeys[0]!, 'introduced'), /^entry \d+ \(key\): .* introduced before/],
  [
    'a key of another log introduced',
    () => smuggle(generateNoteKey('other.example/log').vkey, 'introduced'),
    /^entry \d+ \(key\): .* not one of this log/,
  ],
])('%s by somebody else than the service freezes the log, and is not signed', async (_what, harm, reason) => {
  const { publication } = await city.startSigner('honest', 'honest');
  await publication.covering(await city.append());
  const before = await city.keepCheckpoint();
  await harm();
  for (let look = 0; (await city.frozen()) === null && look < 100; look += 1) await pause(50);
  expect(await city.frozen()).toMatch(reason);
  expect(await city.keepCheckpoint()).toBe(before);
});
