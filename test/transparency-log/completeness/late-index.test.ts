/**
 * An operator who leaves entries out of one index and takes them up in another, weeks later: the log is in order, and each index is computed
 * rightly. The resident asks the later one about the months in which what it holds was written, not only about that of the index itself.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretKey, sha256, utf8 } from '../../../src/kernel/bytes.js';
import { pairwiseIdOf } from '../../../src/kernel/pairwise-id.js';
import { toBase64 } from '../../../src/transparency-log/base64.js';
import {
  type CompletenessFile,
  type ProvedEntry,
  type WrittenLeaf,
  writeLeaf,
} from '../../../src/transparency-log/completeness/completeness-file.js';
import { monthsOf, ResidentTags, stillNeeded } from '../../../src/transparency-log/completeness/expected-tags.js';
import { keyFileOf } from '../../../src/transparency-log/completeness/key-file.js';
import { SortedIndex } from '../../../src/transparency-log/completeness/sorted-index.js';
import { tagOf } from '../../../src/transparency-log/tag.js';
import { proveInclusion } from '../../../src/transparency-log/tiles.js';
import { runVerify } from '../../../src/transparency-log/verify-command.js';
import { aProvision, clinic, minute, opening, origin, publish, readerOf, vkey, writeLog } from '../a-log.js';
import { formatEntry } from '../entry-writer.js';

const identifierKey = secretKey(sha256(utf8('a resident')));
const june = (text: string) => text.replace('2026-11', '2026-06');
const at = june(minute(1));
const september = '2026-09-20T00:00Z';
const tag = tagOf(pairwiseIdOf(identifierKey, clinic.recipient), at);
// Entry 5 is about the resident. The first index, in September, ends right before it.
const access = formatEntry({ ...aProvision(1, at), tag });
const [none, one] = [SortedIndex.of(Buffer.alloc(0), new Float64Array(0)), indexOfAccess()];
const lines = [...opening().map(june), access, indexing(none, 0, 5), indexing(one, 5, 7)];
let directory: string;

function indexOfAccess(): SortedIndex {
  return SortedIndex.of(Buffer.from(tag, 'hex'), Float64Array.of(5));
}

function indexing(index: SortedIndex, from: number, to: number): string {
  const root = index.root().toString('base64');
  return formatEntry({ v: 1, t: 'index', at: september, from, to, n: index.n, root });
}

async function proved(index: number): Promise<ProvedEntry> {
  const reader = readerOf(publish(lines));
  const hashes = await proveInclusion(index, lines.length, (level, n, width) => reader.tile(level, n, width));
  return { index, entry: lines[index]!, hashes: hashes.map(toBase64) };
}

/** A file that answers for these months of the later index and for no others. */
async function fileFor(months: readonly string[]): Promise<CompletenessFile> {
  const organisations = ['self', 'minatono-health-center', clinic.recipient];
  const leaves = new Map<number, WrittenLeaf>();
  for (const expected of new ResidentTags(identifierKey).all(organisations, months)) {
    const proof = one.prove(Buffer.from(expected.tag, 'hex'));
    if (proof.kind === 'presence') leaves.set(proof.leaf.position, writeLeaf(proof.leaf, proof.indices));
    for (const leaf of proof.kind === 'absence' ? [proof.before, proof.after] : []) {
      if (leaf && !leaves.has(leaf.position)) leaves.set(leaf.position, writeLeaf(leaf));
    }
  }
  const isShown = [...leaves.values()].some(({ indices }) => indices !== undefined);
  return {
    ...{ type: 'azukari-completeness', version: 1, origin },
    checkpoint: publish(lines).get('checkpoint')!.toString(),
    start: await proved(0),
    organisations: await Promise.all([1, 2, 3].map(proved)),
    indexes: [
      { index: await proved(6), leaves: [] },
      { index: await proved(7), leaves: [...leaves.values()] },
    ],
    entries: isShown ? [await proved(5)] : [],
  };
}

async function verify(...args: string[]) {
  let text = '';
  const exit = await runVerify([...args, '--vkey', vkey], { stdout: (part) => (text += part) }, {});
  return { exit, text };
}

async function verifyFile(file: CompletenessFile) {
  const path = join(directory, 'completeness.json');
  await writeFile(path, JSON.stringify(file));
  return verify('subject', path, '--key-file', join(directory, 'key.json'));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azukari-late-index-'));
  await writeLog(publish(lines), join(directory, 'log'));
  await writeFile(join(directory, 'key.json'), JSON.stringify(keyFileOf(identifierKey, origin)));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('whoever recomputes the indexes finds nothing wrong with one that took up entries late', async () => {
  expect(await verify('index', join(directory, 'log'))).toMatchObject({ exit: 0 });
});

test('a file that answers only for the months since the index before hides the access, and is refused', async () => {
  const { exit, text } = await verifyFile(await fileFor(['2026-09']));
  expect(exit).toBe(1);
  expect(text).toContain(`FOUND presence-not-proved at entries 5 to 6, ${clinic.recipient}, 2026-06`);
});

test('a file that answers for every month since the log began shows it', async () => {
  const { exit, text } = await verifyFile(await fileFor(['2026-05', '2026-06', '2026-07', '2026-08', '2026-09']));
  expect(text).toContain(`  entry 5, ${at}: provision, ${clinic.recipient}`);
  expect([exit, text]).toEqual([0, expect.not.stringContaining('FOUND')]);
});

test('an index asks for the months since the newest index that stands before all it holds, and no others are remembered', () => {
  const [start, first, second] = [
    { index: 0, at: '2026-06-10T00:00Z' },
    { index: 9, at: '2026-07-10T00:00Z' },
    { index: 20, at: '2026-08-10T00:00Z' },
  ];
  const written = { index: 30, at: '2026-09-10T00:00Z' };
  expect(monthsOf(20, written, [start, first, second])).toEqual(['2026-08', '2026-09']);
  expect(monthsOf(19, written, [start, first, second])).toEqual(['2026-07', '2026-08', '2026-09']);
  expect(monthsOf(8, written, [start, first, second])).toEqual(['2026-06', '2026-07', '2026-08', '2026-09']);
  expect(stillNeeded(19, [start, first, second])).toEqual([first, second]);
  expect(stillNeeded(20, [start, first, second])).toEqual([second]);
});
