/** A log that changes its signing key, as a verifier sees it: who pins the old key, both, or the new one, in each phase; and what is forged. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLog, type Report } from '../../src/transparency-log/check-log.js';
import { openCheckpoint, parseTrust, signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { VerificationError } from '../../src/transparency-log/finding.js';
import { keysSigning } from '../../src/transparency-log/keys/key-standing.js';
import { MirrorDirectory } from '../../src/transparency-log/mirror/mirror-directory.js';
import { updateMirror } from '../../src/transparency-log/mirror/update-mirror.js';
import {
  encodeVerifierKey,
  generateNoteKey,
  parseSigningKey,
  type SigningKey,
} from '../../src/transparency-log/note-key.js';
import { describeLog } from '../../src/transparency-log/verify-report.js';
import {
  aProvision,
  minute,
  opening,
  origin,
  publish,
  readerOf,
  type Resources,
  signingKey as oldKey,
  vkey,
} from './a-log.js';
import { formatEntry } from './entry-writer.js';

const newKey = parseSigningKey(generateNoteKey(origin).skey);
const strangeKey = parseSigningKey(generateNoteKey(origin).skey);
const newVkey = encodeVerifierKey(newKey);

const provision = (n: number) => formatEntry(aProvision(n, minute(1)));
const keyEntry = (key: string, status: 'introduced' | 'retired') =>
  formatEntry({ v: 1, t: 'key', at: minute(1), key, status });

// Entries 5, 7 and 9 tell of the keys.
const lines = [
  ...opening(),
  ...[keyEntry(vkey, 'introduced'), provision(1)],
  ...[keyEntry(newVkey, 'introduced'), provision(2)],
  ...[keyEntry(vkey, 'retired'), provision(3)],
];
const phases = { before: 7, both: 9, after: 11 };
const keysOfPhase = { before: [oldKey], both: [oldKey, newKey], after: [newKey] };
const pins = { old: [vkey], both: [vkey, newVkey], new: [newVkey] };

function publishSigned(given: readonly string[], keys: readonly SigningKey[]): Resources {
  const resources = publish(given);
  const [, size, root] = resources.get('checkpoint')!.toString().split('\n');
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root!, 'base64') };
  return resources.set('checkpoint', Buffer.from(signCheckpoint(checkpoint, ...keys)));
}

const noteOf = (size: number, keys: readonly SigningKey[]) =>
  publishSigned(lines.slice(0, size), keys).get('checkpoint')!.toString();

function check(
  given: readonly string[],
  signers: readonly SigningKey[],
  vkeys: readonly string[],
  earlier: string[] = [],
) {
  const evidence = earlier.map((content, number) => ({ label: `kept ${number}`, content }));
  return checkLog(readerOf(publishSigned(given, signers)), parseTrust({ origin, vkeys }), { earlier: evidence });
}
const found = ({ findings }: Report) => findings.map(({ code, place }) => `${code} at ${place}`);

describe('a checkpoint is believed by whoever pins a key that signs in its phase', () => {
  test.each([
    ['before', 'old', true],
    ['before', 'both', true],
    ['before', 'new', false],
    ['both', 'old', true],
    ['both', 'both', true],
    ['both', 'new', true],
    ['after', 'old', false],
    ['after', 'both', true],
    ['after', 'new', true],
  ] as const)('%s the change, pinning %s: %s', async (phase, pinned, isBelieved) => {
    const report = await check(lines.slice(0, phases[phase]), keysOfPhase[phase], pins[pinned]);
    expect(found(report)).toEqual(isBelieved ? [] : ['untrusted at checkpoint']);
  });
});

test('each key signs exactly the checkpoints that cover its introduction and not its retirement', () => {
  const keys = [
    { vkey: 'first', introducedAt: 1, retiredAt: 9 },
    { vkey: 'second', introducedAt: 7, retiredAt: null },
  ];
  const signing = (size: number) => keysSigning(keys, size).map(({ vkey }) => vkey);
  expect([0, 1, 2, 7].map(signing)).toEqual([['first'], ['first'], ['first'], ['first']]);
  expect([8, 9].map(signing)).toEqual([
    ['first', 'second'],
    ['first', 'second'],
  ]);
  expect([10, 11].map(signing)).toEqual([['second'], ['second']]);
});

describe('who knows the old key alone', () => {
  const trust = parseTrust({ origin, vkeys: [vkey] });

  test('is told the new one while both sign, with the words to pin it', async () => {
    const report = await check(lines.slice(0, phases.both), keysOfPhase.both, [vkey]);
    const text = describeLog(report, trust);
    expect(text).toContain(`signs with another key since entry 7. From now on pin it too: --vkey "${newVkey}"`);
    expect(text).toContain(`key      ${vkey} since entry 5, it signs`);
  });

  test('is told after the change what to bring, and with it follows', async () => {
    const lost = await check(lines, keysOfPhase.after, [vkey]);
    expect(describeLog(lost, trust)).toContain('bring the last checkpoint that it signed (--earlier;');
    const report = await check(lines, keysOfPhase.after, [vkey], [noteOf(9, [oldKey, newKey])]);
    expect(found(report)).toEqual([]);
    expect(report.isFollowed).toBe(true);
    const text = describeLog(report, trust);
    expect(text).toContain('No pinned key signs any more; an earlier checkpoint vouches for the key that does.');
    expect(text).toContain(`pin it too: --vkey "${newVkey}"`);
    expect(text).toContain('was retired by entry 9');
  });

  test('does not follow a checkpoint that does not cover the introduction', async () => {
    const report = await check(lines, keysOfPhase.after, [vkey], [noteOf(7, [oldKey])]);
    expect(found(report)).toEqual(['untrusted at checkpoint']);
  });

  test('does not follow entries that are not those the earlier checkpoint covers', async () => {
    const strange = lines.with(7, keyEntry(encodeVerifierKey(strangeKey), 'introduced'));
    const report = await check(strange, [strangeKey], [vkey], [noteOf(9, [oldKey, newKey])]);
    expect(found(report)).toEqual(['untrusted at checkpoint']);
    expect(describeLog(report, trust)).not.toContain('pin it too');
  });
});

describe('a signature that does not count', () => {
  test('a checkpoint signed by a key that was never introduced is refused, though the key is pinned', async () => {
    const report = await check(lines.slice(0, 9), [strangeKey], [encodeVerifierKey(strangeKey)]);
    expect(found(report)).toEqual(['key-not-standing at checkpoint']);
  });

  test('a checkpoint signed by the retired key alone is refused, though the key is pinned', async () => {
    expect(found(await check(lines, [oldKey], [vkey]))).toEqual(['key-not-standing at checkpoint']);
  });

  test('an earlier checkpoint that the new key signed before it was introduced is refused', async () => {
    const report = await check(lines, [newKey], [newVkey], [noteOf(6, [newKey])]);
    expect(found(report)).toEqual(['key-not-standing at kept 0']);
  });

  test('one bad line of a known key condemns a checkpoint that another key signed well', () => {
    const both = noteOf(9, [oldKey, newKey]).split('\n');
    const other = noteOf(8, [oldKey, newKey]).split('\n');
    const mixed = both.with(-2, other.at(-2)!).join('\n');
    const open = (vkeys: string[]) => openCheckpoint(mixed, parseTrust({ origin, vkeys }));
    expect(open([vkey]).signers).toHaveLength(1);
    expect(() => open([vkey, newVkey])).toThrow(VerificationError);
  });
});

describe('entries about keys that contradict one another are found', () => {
  const foreign = generateNoteKey('hamano.azukari.example/log/2026').vkey;
  test.each([
    ['a key introduced twice', [keyEntry(vkey, 'introduced'), keyEntry(vkey, 'introduced')], 6],
    ['a key retired that never came', [keyEntry(vkey, 'introduced'), keyEntry(newVkey, 'retired')], 6],
    ['the only key retired', [keyEntry(vkey, 'introduced'), keyEntry(vkey, 'retired')], 6],
    ['a key of another log', [keyEntry(vkey, 'introduced'), keyEntry(foreign, 'introduced')], 6],
    ['a key whose id is not its own', [keyEntry(vkey.replace(/\+......../, '+00000000'), 'introduced')], 5],
  ])('%s', async (_, more, place) => {
    expect(found(await check([...opening(), ...more], [oldKey], [vkey]))).toContain(`key-misplaced at entry ${place}`);
  });
});

test('a mirror goes on through a rotation as long as a key that it pins signs, and takes up the rest when it is told the new one', async () => {
  const path = await mkdtemp(join(tmpdir(), 'azukari-mirror-'));
  const mirror = await MirrorDirectory.open(path);
  const update = (phase: keyof typeof phases, vkeys: readonly string[]) => {
    const source = readerOf(publishSigned(lines.slice(0, phases[phase]), keysOfPhase[phase]));
    return updateMirror(source, mirror, parseTrust({ origin, vkeys }));
  };
  expect(await update('before', pins.old)).toMatchObject({ ok: true, size: phases.before });
  expect(await update('both', pins.old)).toMatchObject({ ok: true, size: phases.both });
  expect(await update('after', pins.old)).toMatchObject({ ok: false, finding: { code: 'untrusted' } });
  expect(await update('after', pins.both)).toMatchObject({ ok: true, size: phases.after });
  expect(await update('after', pins.new)).toMatchObject({ ok: true, size: phases.after });
  const report = await checkLog(mirror.reader, parseTrust({ origin, vkeys: pins.new }));
  expect(report).toMatchObject({ size: phases.after, findings: [] });
  await rm(path, { recursive: true });
});
