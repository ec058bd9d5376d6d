/** Witness policies as c2sp.org/tlog-policy words them: what is a quorum, what is refused, and what a verifier does who pins one. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8 } from '../../src/kernel/bytes.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { encodeVerifierKey, generateNoteKey, keyIdOf, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { trustByPolicy } from '../../src/transparency-log/witness/policy-trust.js';
import { parseWitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { readWitnessSettings } from '../../src/transparency-log/witness/witness-settings.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { GrowingLog } from './a-growing-log.js';

const log = new GrowingLog();
const keys = Object.fromEntries(
  ['x1', 'x2', 'x3', 'y1', 'y2', 'y3'].map((name) => [
    name,
    parseSigningKey(generateNoteKey(`witness.example/${name}`, 'cosignature').skey),
  ]),
);
const vkeyOf = (name: string) => encodeVerifierKey(keys[name]!);
const witnessLines = Object.keys(keys).map((name) => `witness ${name} ${vkeyOf(name)}`);

/** The example of the text. */
const example = [
  `log ${log.vkey}`,
  ...witnessLines,
  'group X-witnesses 2 x1 x2 x3',
  'group Y-witnesses any y1 y2 y3',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
];
const fileOf = (lines: readonly string[]) => utf8(lines.map((line) => `${line}\n`).join(''));

function isQuorum(lines: readonly string[], names: readonly string[]): boolean {
  const policy = parseWitnessPolicy(fileOf(lines));
  const cosigners = policy.witnesses.filter(({ name }) => names.includes(name)).map(({ key }) => key);
  return policy.isQuorum(new Set(cosigners));
}

test.each([
  [['x1', 'x2', 'y3'], true],
  [['x1', 'x2', 'x3', 'y1', 'y2', 'y3'], true],
  [['x1', 'x2', 'x3'], false],
  [['x3', 'y1', 'y2', 'y3'], false],
  [[], false],
])('in the example of the text, %j are a quorum: %s', (names, expected) => {
  expect(isQuorum(example, names)).toBe(expected);
});

test.each([
  ['quorum none', [], true, 0],
  ['quorum x2', ['x2'], true, 1],
  ['quorum x2', ['x1', 'x3'], false, 1],
  ['group g all x1 x2 x3\nquorum g', ['x1', 'x2'], false, 3],
  ['group g any x1 x2 x3\nquorum g', ['x3'], true, 1],
  ['group g 3 x1 x2 x3\nquorum g', ['x1', 'x2', 'x3'], true, 3],
  ['group a 2 x1 x2\ngroup b any x3 y1\ngroup c any a b\nquorum c', ['y1'], true, 1],
])('%s: %j are a quorum: %s, and at least %i are needed', (rule, names, expected, threshold) => {
  const lines = [...witnessLines, ...rule.split('\n')];
  expect(isQuorum(lines, names)).toBe(expected);
  expect(parseWitnessPolicy(fileOf(lines)).threshold).toBe(threshold);
});

test('comments, empty lines, tabs and spaces around are as good as none', () => {
  const untidy = example
    .map((line) => ` \t${line.replaceAll(' ', '\t  ')} `)
    .flatMap((line) => ['', '  # a comment 立会人', line]);
  expect(isQuorum(untidy, ['x1', 'x2', 'y3'])).toBe(true);
});

describe('refused is', () => {
  const [x1 = ''] = witnessLines;
  const renamed = `witness z1 ${encodeVerifierKey({ ...keys['x1']!, ...nameAs('other.example/name', 'x1') })}`;
  const cases: [string, string][] = [
    ['a policy without a quorum', `${x1}\n`],
    ['two quorum lines', `${x1}\nquorum x1\nquorum x1\n`],
    ['a quorum of nobody', `${x1}\nquorum x2\n`],
    ['a quorum named before its witness', `quorum x1\n${x1}\n`],
    ['a group of nobody', `group g any\nquorum g\n`],
    ['a group of zero', `${x1}\ngroup g 0 x1\nquorum g\n`],
    ['a group of more than it has', `${x1}\ngroup g 2 x1\nquorum g\n`],
    ['a group in hexadecimal', `${x1}\ngroup g 0x1 x1\nquorum g\n`],
    ['a member twice', `${x1}\ngroup g 2 x1 x1\nquorum g\n`],
    ['a member of two groups', `${x1}\ngroup g any x1\ngroup h any x1\nquorum g\n`],
    ['a group called none', `${x1}\ngroup none any x1\nquorum none\n`],
    ['none as a member', `${x1}\ngroup g any none\nquorum g\n`],
    ['a name twice', `${x1}\ngroup x1 any x1\nquorum x1\n`],
    ['one key under two names', `${x1}\n${renamed}\nquorum x1\n`],
    ['a log twice', `log ${log.vkey}\nlog ${log.vkey}\nquorum none\n`],
    ['the key of a log for a witness', `witness w ${log.vkey}\nquorum w\n`],
    ['the key of a witness for a log', `log ${vkeyOf('x1')}\nquorum none\n`],
    ['a damaged key', `${x1.slice(0, -2)}\nquorum x1\n`],
    ['an unknown line', `${x1}\nquorum x1\nthreshold 1\n`],
    ['too much on a line', `${x1}\nquorum x1 x1\n`],
    ['a file that was cut short', `${x1}\nquorum x1`],
    ['a carriage return', `${x1}\r\nquorum x1\r\n`],
    ['a byte of zero', `${x1}\nquorum x1\0\n`],
  ];
  test.each(cases)('%s', (_what, text) => {
    expect(() => parseWitnessPolicy(utf8(text))).toThrow(/The witness policy is malformed|The key is not written/);
  });
  test('a file that is not UTF-8', () => {
    expect(() => parseWitnessPolicy(Buffer.from([0x23, 0xff, 0x0a]))).toThrow(/not UTF-8/);
  });
});

describe('a verifier that pins a policy', () => {
  const cosignedBy = (...names: string[]) => {
    const note = log.checkpoint(20);
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    return note + names.map((name) => signatureLine(cosign(text, keys[name]!, 1_790_000_000))).join('');
  };
  const trust = trustByPolicy(parseWitnessPolicy(fileOf(example)), {});

  test('believes a checkpoint with a quorum, and says who cosigned', () => {
    const names = openCheckpoint(cosignedBy('x1', 'x3', 'y2'), trust).cosignatures.map(({ name }) => name);
    expect(names).toEqual(['witness.example/x1', 'witness.example/x3', 'witness.example/y2']);
  });

  test.each([[[]], [['x1', 'x2']], [['y1', 'y2', 'y3']], [['x1', 'x1', 'y1']]])('not one with %j', (names) => {
    expect(() => openCheckpoint(cosignedBy(...names), trust)).toThrow(/Too few witnesses/);
  });

  test('reads the file at the command line, and refuses one together with single witnesses', async () => {
    const directory = await aTemporaryDirectory();
    const [policy, checkpoint] = [join(directory, 'policy'), join(directory, 'checkpoint')];
    await writeFile(policy, fileOf(example));
    await writeFile(checkpoint, cosignedBy('x1'));
    let text = '';
    const output = { stdout: (part: string) => void (text += part) };
    expect(await runVerify(['consistency', checkpoint, directory, '--policy', policy], output)).toBe(1);
    expect(text).toContain('FOUND too-few-witnesses at checkpoint');
    await writeFile(checkpoint, cosignedBy('x1', 'x2', 'y1'));
    expect(await runVerify(['consistency', checkpoint, directory, '--policy', policy], output)).toBe(0);
    const both = ['--policy', policy, '--witness', vkeyOf('x1')];
    expect(await runVerify(['consistency', checkpoint, directory, ...both], output)).toBe(2);
  });

  test('has to say which log, where the policy names several', () => {
    const two = parseWitnessPolicy(fileOf([`log ${new GrowingLog('other.example/log').vkey}`, ...example]));
    expect(() => trustByPolicy(two, {})).toThrow(/several logs/);
    expect(trustByPolicy(two, { origin: log.origin }).logKeys.length).toBe(1);
  });
});

describe('the service takes a policy', () => {
  const settingsOf = async (lines: readonly string[]) => {
    const file = join(await aTemporaryDirectory(), 'policy');
    await writeFile(file, fileOf(lines));
    return readWitnessSettings(file, 60, keys);
  };
  // It has been through a rotation: whoever wrote the policy may have known either key.
  const newer = new GrowingLog(log.origin);
  const keys = [log.vkey, newer.vkey];
  const at = (url: string) => [`witness w ${vkeyOf('x1')} ${url}`, 'quorum w'];

  test.each(['https://witness.example/board', 'http://127.0.0.1:8481', 'http://[::1]:8481/', 'http://localhost:1/x'])(
    'with a witness at %s',
    async (url) => {
      expect((await settingsOf(at(url))).policy.threshold).toBe(1);
    },
  );

  test.each([
    'http://witness.example/board',
    'http://169.254.169.254/',
    'ftp://witness.example',
    'witness.example',
    'https://user:password@witness.example',
    'https://witness.example/?x=',
  ])('but not at %s', async (url) => {
    await expect(settingsOf(at(url))).rejects.toThrow(/is not an https address/);
  });

  test('only where those with an address are a quorum, and the logs it names are ours', async () => {
    await expect(settingsOf(example)).rejects.toThrow(/are not a quorum/);
    const foreign = [`log ${new GrowingLog('other.example/log').vkey}`, ...at('https://witness.example')];
    await expect(settingsOf(foreign)).rejects.toThrow(/ours is not among them/);
    for (const { vkey } of [log, newer]) {
      const own = [`log ${vkey}`, ...at('https://witness.example')];
      await expect(settingsOf(own)).resolves.toMatchObject({ limitMinutes: 60 });
    }
    await expect(readWitnessSettings('/nowhere/policy', 60, keys)).rejects.toThrow(/policy .* cannot be used: ENOENT/);
  });
});

/** The same public key under another name. */
function nameAs(name: string, of: string) {
  const key = keys[of]!;
  return { name, keyId: keyIdOf(name, key.type, Buffer.from(key.publicKey.export({ format: 'jwk' }).x!, 'base64url')) };
}
