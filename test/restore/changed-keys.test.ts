/** A database restored to a backup from before its log's key was changed learns of it from the log, and goes on with the keys that stand. */
import { asAdmin } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import type { KeyStanding } from '../../src/transparency-log/keys/key-standing.js';
import { readLogKeys } from '../../src/transparency-log/keys/log-keys.js';
import { retireKey, rotateKey } from '../../src/transparency-log/keys/rotation.js';
import { encodeVerifierKey } from '../../src/transparency-log/note-key.js';
import { Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { LostTown, stopSigning } from './a-lost-town.js';

const idOf = (vkey: string) => vkey.split('+')[1]!;
const keysIn = (lost: LostTown): Promise<KeyStanding[]> => lost.asSuperuser(readLogKeys);

/** Introduces a key; its id. */
async function rotate(town: Town): Promise<string> {
  return asSigner(town, async (pool) => {
    const rotation = await rotateKey(pool, new KeyRing(town.city.directories.keysDirectory));
    if (rotation.outcome !== 'introduced') throw new Error(rotation.outcome);
    await town.untilPublished(rotation.index + 1);
    town.demo.log.vkey = rotation.vkey;
    return rotation.vkey;
  });
}

async function retire(town: Town, vkey: string): Promise<void> {
  await asSigner(town, async (pool) => {
    const retirement = await retireKey(pool, idOf(vkey));
    if (retirement.outcome !== 'retired') throw new Error(retirement.sentence);
    await town.untilPublished(retirement.index + 1);
  });
}

async function asSigner<T>({ city }: Town, work: (pool: ReturnType<typeof openPool>) => Promise<T>): Promise<T> {
  const pool = openPool({ url: city.databases.signerUrl, size: 2, applicationName: 'restore test' });
  return work(pool).finally(() => pool.end());
}

test('keys that came and went since the backup have come and gone; the service signs with those that stand', async () => {
  const old = await Town.open();
  const first = old.demo.log.vkey;
  const second = await rotate(old);
  await retire(old, first);
  const third = await rotate(old);
  await expectSoundLog(old);
  const before = await asAdmin(old.city.databases.adminUrl, readLogKeys);
  const lost = await LostTown.of(old);
  await lost.catchUp();
  expect(await keysIn(lost)).toEqual(before);
  const town = await lost.reopen();
  town.demo.log.vkey = third;
  await town.program();
  await expectSoundLog(town);
  const note = await (await fetch(`${town.base}/log/checkpoint`)).text();
  expect(note.split('\n').filter((line) => line.startsWith('— '))).toHaveLength(2);
  expect(town.city.service.logVkey).toBe(third);
  await retire(town, second);
  await expectSoundLog(town);
  await town.close();
  await lost.discard();
}, 60_000);

test('a key that was introduced and never signed with moves behind the entries that were signed', async () => {
  const old = await Town.open();
  await old.program();
  await expectSoundLog(old);
  await stopSigning(old.city);
  const lost = await LostTown.of(old);
  const made = encodeVerifierKey(await new KeyRing(lost.directories.keysDirectory).make(old.demo.log.origin));
  await lost.asSuperuser((client) => client.query('SELECT azukari.introduce_log_key($1)', [made]));
  const { to, moved } = await lost.restore();
  expect(moved).toBe(1);
  expect((await keysIn(lost)).at(-1)).toEqual({ vkey: made, introducedAt: to + 1, retiredAt: null });
  const town = await lost.reopen();
  town.demo.log.vkey = made;
  await expectSoundLog(town);
  await town.close();
  await lost.discard();
}, 60_000);

test('where keys were changed in the log and in the restored database, it is refused, and says what to do', async () => {
  const old = await Town.open();
  await rotate(old);
  await expectSoundLog(old);
  const lost = await LostTown.of(old);
  const another = encodeVerifierKey(await new KeyRing(lost.directories.keysDirectory).make(old.demo.log.origin));
  await lost.asSuperuser((client) => client.query('SELECT azukari.introduce_log_key($1)', [another]));
  lost.backup.leaveUnchecked('its keys are not those of the log');
  const before = await keysIn(lost);
  await expect(lost.restore()).rejects.toThrow(/^a key was changed .*: restore the database from its backup once more/);
  expect(await keysIn(lost)).toEqual(before);
  await lost.discard();
}, 60_000);
