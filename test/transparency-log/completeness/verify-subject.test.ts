/** `azukari verify subject` and `verify index` as commands: a log in a directory, a resident's key in a file, nothing else. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretKey, sha256, utf8 } from '../../../src/kernel/bytes.js';
import { pairwiseIdOf } from '../../../src/kernel/pairwise-id.js';
import { monthsBetween, ResidentTags } from '../../../src/transparency-log/completeness/expected-tags.js';
import { keyFileOf, parseKeyFile } from '../../../src/transparency-log/completeness/key-file.js';
import { SortedIndex } from '../../../src/transparency-log/completeness/sorted-index.js';
import { tagOf } from '../../../src/transparency-log/tag.js';
import { runVerify } from '../../../src/transparency-log/verify-command.js';
import { aProvision, clinic, minute, opening, origin, policy, publish, vkey, writeLog } from '../a-log.js';
import { formatEntry } from '../entry-writer.js';

const identifierKey = secretKey(sha256(utf8('a resident')));
const tagAt = (organisation: string, at: string) => tagOf(pairwiseIdOf(identifierKey, organisation), at);
// Long past, so that nothing is dated in the future, and in two months.
const september = (minutes: number) => minute(minutes).replace('2026-11', '2026-09');
const october = minute(0).replace('2026-11', '2026-10');

// Entries 5 to 9: two of the resident, one of somebody else, one of the resident's own acts, one of staff of a unit registered late.
const unit = formatEntry({ v: 1, t: 'org', at: september(3), org: 'op:records', kind: 'unit', status: 'registered' });
const mine = formatEntry({ ...aProvision(1, september(1)), tag: tagAt(clinic.recipient, september(1)) });
const lines = [
  ...opening().map((line) => line.replace('2026-11', '2026-09')),
  mine,
  formatEntry(aProvision(2, september(1))),
  formatEntry({
    v: 1,
    t: 'consent',
    at: september(2),
    ...clinic,
    recipient: 'self',
    state: 'refused',
    policy,
    tag: tagAt('self', september(2)),
    commitment: policy,
  }),
  unit,
  formatEntry({
    v: 1,
    t: 'refusal',
    at: october,
    recipient: 'op:records',
    reason: 'policy-forbids',
    policy,
    tag: tagAt('op:records', october),
  }),
];
const nothing = SortedIndex.of(Buffer.alloc(0), new Float64Array(0)).root().toString('base64');
let directory: string;
const inDirectory = (name: string): string => join(directory, name);

async function verify(...args: string[]) {
  let text = '';
  const exit = await runVerify(args, { stdout: (part) => (text += part) }, {});
  return { exit, text };
}
const subject = (log: string, key = 'key.json') =>
  verify('subject', inDirectory(log), '--key-file', inDirectory(key), '--vkey', vkey);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azukari-subject-'));
  const past = formatEntry({ v: 1, t: 'index', at: october, from: 0, to: 10, n: 0, root: nothing });
  await writeLog(publish(lines), inDirectory('log'));
  await writeLog(publish([...lines, past]), inDirectory('wrong-index'));
  await writeLog(
    publish([...lines, formatEntry({ ...aProvision(1, october), tag: tagAt('self', october) })]),
    inDirectory('misplaced'),
  );
  await writeFile(inDirectory('key.json'), JSON.stringify(keyFileOf(identifierKey, origin)));
  await writeFile(
    inDirectory('broken.json'),
    '{"type":"azukari-identifier-key","version":1,"origin":"x","identifierKey":"c2VjcmV0"}',
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('in a log the resident finds every entry under every organisation and month, indexed or not', async () => {
  const { exit, text } = await subject('log');
  expect(text).toContain(
    'asked    4 organisations: self (entry 1), minatono-health-center (entry 2), hamakaze-clinic (entry 3), op:records (entry 8)',
  );
  expect(text).toContain('found    3 entries about the holder of this key');
  expect(text.match(/^ {2}entry \d+/gm)).toEqual(['  entry 5', '  entry 7', '  entry 9']);
  expect(text).toContain('that the key is yours');
  expect([exit, text]).toEqual([0, expect.not.stringContaining('FOUND')]);
});

test('an entry that stands under another organisation than it names is reported', async () => {
  const { exit, text } = await subject('misplaced');
  expect(exit).toBe(1);
  expect(text).toContain('FOUND wrong-tag at entry 10');
});

test('a wrong index is found by both commands, at its place', async () => {
  for (const { exit, text } of [
    await subject('wrong-index'),
    await verify('index', inDirectory('wrong-index'), '--vkey', vkey),
  ]) {
    expect(exit).toBe(1);
    expect(text).toContain(
      'FOUND index-count-differs at entry 10: entry 10 (index): it says 0 tags, but entries 0 to 9 have 4',
    );
  }
});

test('what was not said or cannot be read is no verdict', async () => {
  expect(await verify('subject', inDirectory('log'), '--vkey', vkey)).toMatchObject({ exit: 2 });
  expect(await verify('subject', inDirectory('log'), '--key-file', inDirectory('key.json'))).toMatchObject({ exit: 2 });
  expect(await subject('nowhere')).toMatchObject({ exit: 2 });
  expect(await subject('log', 'nowhere.json')).toMatchObject({ exit: 2 });
  expect(
    await verify('subject', inDirectory('log'), '--key-file', inDirectory('key.json'), '--vkey', vkey, '--log', 'x'),
  ).toMatchObject({ exit: 2 });
  expect(await verify('index', '--vkey', vkey)).toMatchObject({ exit: 2 });
});

test('a key file that is none is named, and never repeated', async () => {
  const { exit, text } = await subject('log', 'broken.json');
  expect(exit).toBe(1);
  expect(text).toMatch(/^FOUND malformed-key at .*broken\.json: /);
  expect(text).not.toContain('c2VjcmV0');
});

test.each(['', '{}', 'null', '[]', '{"type":"azukari-completeness"}', '{"type":"azukari-completeness","version":2}'])(
  'a completeness file that reads %j is refused',
  async (content) => {
    await writeFile(inDirectory('file.json'), content);
    const { exit, text } = await subject('file.json');
    expect(exit).toBe(1);
    expect(text).toMatch(/FOUND malformed-completeness at .*file\.json/);
  },
);

test('a key file is read back as it was written', () => {
  const kept = parseKeyFile(JSON.stringify(keyFileOf(identifierKey, origin)));
  expect([kept.origin, kept.identifierKey.equals(identifierKey)]).toEqual([origin, true]);
});

test.each([
  ['2026-11-10T00:00Z', '2026-11-11T00:00Z', ['2026-11']],
  ['2026-11-01T10:00Z', '2026-11-02T10:00Z', ['2026-10', '2026-11']],
  ['2026-11-29T18:00Z', '2026-11-30T18:00Z', ['2026-11', '2026-12']],
  ['2026-11-10T00:00Z', '2027-02-10T00:00Z', ['2026-11', '2026-12', '2027-01', '2027-02']],
])('between indexes of %s and %s entries can stand in the months %j', (from, to, months) => {
  expect(monthsBetween(from, to)).toEqual(months);
});

test('an index dated thousands of years later is refused at once', () => {
  expect(() => monthsBetween('2026-11-10T00:00Z', '9999-11-10T00:00Z')).toThrow('there is none between');
});

test('the tags that are expected are those of the pairwise ids', () => {
  expect(new ResidentTags(identifierKey).all(['self', clinic.recipient], ['2026-11'])).toEqual([
    { organisation: 'self', month: '2026-11', tag: tagAt('self', minute(0)) },
    { organisation: clinic.recipient, month: '2026-11', tag: tagAt(clinic.recipient, minute(0)) },
  ]);
});
