/** The signing key is changed while the city is read: nothing stops, and every receipt verifies for whoever pins a key of its phase. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openPool } from '../../src/database/pool.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { readLogKeys } from '../../src/transparency-log/keys/log-keys.js';
import { retireKey, rotateKey } from '../../src/transparency-log/keys/rotation.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { type AReceipt, type Reader, receiptOf } from '../setup/a-reader.js';
import { readerAt } from '../setup/a-log-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;
let nodes: string[];
let signer: ReturnType<typeof openPool>;
let ring: KeyRing;
let oldVkey: string;

beforeAll(async () => {
  town = await Town.open();
  nodes = [town.base, (await town.anotherNode({ runsSigner: true })).base];
  program = await town.program();
  reader = await town.reader(program);
  pairwiseId = (await town.give(town.resident(0), program)).pairwiseId;
  signer = openPool({ url: town.city.databases.signerUrl, size: 4, applicationName: 'rotation test' });
  ring = new KeyRing(town.city.directories.keysDirectory);
  oldVkey = town.demo.log.vkey;
});
afterAll(async () => {
  await signer.end();
  await town.close();
});

/** Reads on both nodes, without pause, until told to stop; every answer must be data with a receipt. */
function keepReading() {
  const receipts: AReceipt[] = [];
  let isStopped = false;
  const readers = nodes.map(async (node) => {
    while (!isStopped) receipts.push(receiptOf(must(await reader.read(pairwiseId, {}, node))));
  });
  return {
    receipts,
    stop: async () => {
      isStopped = true;
      await Promise.all(readers);
      return receipts;
    },
  };
}

/** Whether the receipt is believed by whoever pins these keys. */
function isBelieved(receipt: AReceipt, ...vkeys: string[]): boolean {
  const { origin } = town.demo.log;
  return verifyReceipt(receipt, { origin, logKeys: vkeys.map(parseVerifierKey) }).ok;
}
const sizeOf = ({ proof }: AReceipt) => Number(proof.split('\n\n')[1]!.split('\n')[1]);

const idOf = (vkey: string) => vkey.split('+')[1]!;

test('under load, each receipt is signed by exactly the keys that stand at its size, from the first to the last phase', async () => {
  const reading = keepReading();
  const introduced = await rotateKey(signer, ring);
  if (introduced.outcome !== 'introduced') throw new Error('no rotation was begun');
  const newVkey = introduced.vkey;
  await town.untilPublished(introduced.index + 20);
  const retired = await retireKey(signer, idOf(oldVkey));
  if (retired.outcome !== 'retired') throw new Error(retired.sentence);
  expect(retired.standing).toBe(newVkey);
  await town.untilPublished(retired.index + 20);
  const receipts = await reading.stop();

  const phases = { before: 0, both: 0, after: 0 };
  for (const receipt of receipts) {
    const size = sizeOf(receipt);
    const phase = size <= introduced.index ? 'before' : size <= retired.index ? 'both' : 'after';
    phases[phase] += 1;
    expect([phase, isBelieved(receipt, oldVkey), isBelieved(receipt, newVkey)]).toEqual([
      ...[phase, phase !== 'after', phase !== 'before'],
    ]);
    expect(isBelieved(receipt, oldVkey, newVkey)).toBe(true);
  }
  expect(phases.both).toBeGreaterThan(0);
  expect(phases.after).toBeGreaterThan(0);

  // What the service hands to those who know the old key alone leads them to the new one.
  const about = must(await town.http.ask(town.base, { method: 'GET', path: '/log' })).json;
  expect(about).toMatchObject({ vkey: newVkey });
  const path = `/log/handover/${idOf(oldVkey)}`;
  const handover = must(await town.http.ask(town.base, { method: 'GET', path })).text;
  const { origin } = town.demo.log;
  const old = { origin, logKeys: [parseVerifierKey(oldVkey)] };
  expect(openCheckpoint(handover, old).size).toBeGreaterThan(introduced.index);
  const report = await checkLog(readerAt(town.base, town.demo.log), old, {
    earlier: [{ label: 'handover', content: handover }],
  });
  expect(report).toMatchObject({ findings: [], isFollowed: true, isComplete: true });
  expect(report.keys).toEqual(await readLogKeys(signer));
  town.demo.log.vkey = newVkey;
  await expectSoundLog(town);
});

test('a rotation cut short before its entry goes on with the key that was already made', async () => {
  const made = await ring.make(town.demo.log.origin);
  const before = await readdir(town.city.directories.keysDirectory);
  const rotation = await rotateKey(signer, ring);
  expect(rotation).toMatchObject({ outcome: 'introduced' });
  expect(idOf((rotation as { vkey: string }).vkey)).toBe(made.keyId.toString(16).padStart(8, '0'));
  expect(await readdir(town.city.directories.keysDirectory)).toEqual(before);
});

test('asked again after its entry was written, it changes nothing and names both keys', async () => {
  const size = await town.logSize();
  const rotation = await rotateKey(signer, ring);
  expect(rotation.outcome).toBe('under-way');
  expect(await town.logSize()).toBe(size);
  const keys = await readLogKeys(signer);
  expect((rotation as { standing: readonly unknown[] }).standing).toEqual(
    keys.filter(({ retiredAt }) => retiredAt === null),
  );
});

test('a key is not retired before its successor has signed with it, nor the last one ever; and twice is once', async () => {
  const [, older, newer] = (await readLogKeys(signer)).map(({ vkey }) => vkey);
  await town.untilPublished(await town.logSize());
  const retired = await retireKey(signer, idOf(older!));
  expect(retired).toMatchObject({ outcome: 'retired', standing: newer });
  expect(await retireKey(signer, idOf(older!))).toEqual(retired);
  expect(await retireKey(signer, idOf(newer!))).toMatchObject({ outcome: 'refused' });
  expect(await retireKey(signer, 'ffffffff')).toMatchObject({ outcome: 'refused' });

  await town.whileNobodyPublishes(async () => {
    const next = (await rotateKey(signer, ring)) as { vkey: string };
    expect(await retireKey(signer, idOf(newer!))).toMatchObject({
      outcome: 'refused',
      sentence: expect.stringContaining('has not signed a checkpoint yet') as string,
    });
    town.demo.log.vkey = next.vkey;
  });
  await town.untilPublished(await town.logSize());
});

test('of operators who rotate at once, one does: there are never three keys', async () => {
  const standing = (await readLogKeys(signer)).filter(({ retiredAt }) => retiredAt === null);
  expect(await retireKey(signer, idOf(standing[0]!.vkey))).toMatchObject({ outcome: 'retired' });
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () => rotateKey(signer, new KeyRing(town.city.directories.keysDirectory))),
  );
  const introduced = outcomes.flatMap((one) => (one.outcome === 'introduced' ? [one.vkey] : []));
  expect(new Set(introduced).size).toBe(1);
  expect((await readLogKeys(signer)).filter(({ retiredAt }) => retiredAt === null)).toHaveLength(2);
  await expect(
    town.admin.query(
      `INSERT INTO azukari.log_key (vkey, base, place, introduced_idx) SELECT overlay(vkey placing 'ffffffff' from position('+' in vkey) + 1 for 8), 0, 1, 0 FROM azukari.log_key LIMIT 1`,
    ),
  ).rejects.toThrow('at_most_two_keys_stand');
  await expectSoundLog(town);
});

test('a restarted service takes up a log whose retired keys are gone from this machine', async () => {
  await rm(join(town.city.directories.keysDirectory, 'log-signing-key'));
  const { service } = await town.anotherNode({ runsSigner: true });
  const newest = (await readLogKeys(signer)).at(-1)!.vkey;
  expect(service.logVkey).toBe(newest);
  const size = await town.logSize();
  must(await reader.read(pairwiseId, {}, `http://127.0.0.1:${service.address.port}`));
  await town.untilPublished(size + 1);
  await expectSoundLog(town);
});
