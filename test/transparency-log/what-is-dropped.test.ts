/**
 * An operator who drops what his own checkpoint covers is found out by every verifier that needs it, in a directory and at an address, by the place: from
 * which entry to which, and in which file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretKey, sha256, utf8 } from '../../src/kernel/bytes.js';
import { keyFileOf } from '../../src/transparency-log/completeness/key-file.js';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { runMirror } from '../../src/transparency-log/mirror/mirror-command.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { anHonestLog, checkpointOf, origin, publish, type Resources, vkey, writeLog } from './a-log.js';
import { LogServer } from './a-log-server.js';

const lines = anHonestLog(700);
const honest = publish(lines);
const cut = (path: string, bytes: number) => (log: Resources) => log.set(path, honest.get(path)!.subarray(0, bytes));
const without = (path: string) => (log: Resources) => log.delete(path);
const second = lines.slice(256, 512).map(utf8);
const bytesOf = (entries: Buffer[]) => encodeBundle(entries).length;

const verifiers = ['log', 'index', 'subject', 'consistency', 'mirror'] as const;
type VerifierName = (typeof verifiers)[number];
const [readingEntries, needingTiles]: VerifierName[][] = [
  ['log', 'index', 'subject', 'mirror'],
  ['log', 'index', 'subject', 'consistency', 'mirror'],
];

/** What is dropped, what is said of it, and who has to see it: the others do without, and say that all is well. */
const acts: [what: string, drop: (log: Resources) => unknown, found: string, by: VerifierName[]][] = [
  [
    'a full bundle in the middle',
    without('tile/entries/001'),
    'FOUND entries-missing at entries 256 to 511: Entries that the checkpoint covers are not there: entries 256 to 511 of 700; there is no tile/entries/001, also when asked again\n',
    readingEntries!,
  ],
  [
    'the last, partial bundle',
    without('tile/entries/002.p/188'),
    'FOUND entries-missing at entries 512 to 699: Entries that the checkpoint covers are not there: entries 512 to 699 of 700; there is no tile/entries/002.p/188, also when asked again\n',
    readingEntries!,
  ],
  [
    'the end of a bundle',
    cut('tile/entries/001', bytesOf(second.slice(0, 44))),
    'entries 300 to 511 of 700; tile/entries/001 ends before entry 300, also when asked again\n',
    readingEntries!,
  ],
  [
    'the end of a bundle, in the middle of an entry',
    cut('tile/entries/001', bytesOf(second.slice(0, 44)) + 60),
    'FOUND entries-missing at entries 300 to 511: Entries that the checkpoint covers are not there: entries 300 to 511 of 700; tile/entries/001 ends in the middle of entry 300,',
    readingEntries!,
  ],
  [
    'the last byte',
    cut('tile/entries/002.p/188', honest.get('tile/entries/002.p/188')!.length - 1),
    'FOUND entries-missing at entry 699: Entries that the checkpoint covers are not there: entry 699 of 700; tile/entries/002.p/188 ends in the middle of entry 699,',
    readingEntries!,
  ],
  [
    'everything in a bundle',
    cut('tile/entries/001', 0),
    'FOUND entries-missing at entries 256 to 511: Entries that the checkpoint covers are not there: entries 256 to 511 of 700; tile/entries/001 has none of them,',
    readingEntries!,
  ],
  [
    'one entry out of a bundle',
    (log) => log.set('tile/entries/001', encodeBundle(second.toSpliced(44, 1))),
    'FOUND entries-missing at entry 300: Entries that the checkpoint covers are not there: entry 300 of 700; tile/entries/001 leaves it out,',
    readingEntries!,
  ],
  [
    'three entries out of a bundle',
    (log) => log.set('tile/entries/001', encodeBundle(second.toSpliced(44, 3))),
    'FOUND entries-missing at entries 300 to 302: Entries that the checkpoint covers are not there: entries 300 to 302 of 700; tile/entries/001 leaves them out,',
    readingEntries!,
  ],
  [
    'two entries of a bundle here and there',
    (log) => log.set('tile/entries/001', encodeBundle(second.toSpliced(90, 1).toSpliced(44, 1))),
    'FOUND entries-missing at entries 256 to 511: Entries that the checkpoint covers are not there: entries 256 to 511 of 700; tile/entries/001 has 254 of these 256,',
    readingEntries!,
  ],
  [
    'a full hash tile over the entries',
    without('tile/0/001'),
    'FOUND tile-missing at tile/0/001: A hash tile that the checkpoint covers is not there: there is no tile/0/001, also when asked again; it proves entries 256 to 511 of 700\n',
    // A mirror computes full tiles itself.
    ['log', 'index', 'subject', 'consistency'],
  ],
  [
    'the last, partial hash tile',
    without('tile/0/002.p/188'),
    'FOUND tile-missing at tile/0/002.p/188: A hash tile that the checkpoint covers is not there: there is no tile/0/002.p/188, also when asked again; it proves entries 512 to 699 of 700\n',
    needingTiles!,
  ],
  [
    'a hash tile of the level above',
    without('tile/1/000.p/2'),
    'FOUND tile-missing at tile/1/000.p/2: A hash tile that the checkpoint covers is not there: there is no tile/1/000.p/2, also when asked again; it proves entries 0 to 511 of 700\n',
    needingTiles!,
  ],
  [
    'the end of a hash tile',
    cut('tile/0/002.p/188', 44 * 32 + 1),
    'FOUND tile-missing at tile/0/002.p/188: A hash tile that the checkpoint covers is not there: tile/0/002.p/188 has 44 of its 188 hashes, also when asked again; it proves entries 512 to 699 of 700\n',
    needingTiles!,
  ],
];

let directory: string;
let server: LogServer;
let names = 0;

beforeAll(async () => {
  directory = await aTemporaryDirectory();
  await writeFile(join(directory, 'monday'), checkpointOf(lines.slice(0, 300)));
  await writeFile(
    join(directory, 'key.json'),
    JSON.stringify(keyFileOf(secretKey(sha256(utf8('a resident'))), origin)),
  );
  server = await LogServer.start();
});
afterAll(() => server.stop());

async function keep(log: Resources): Promise<string> {
  const place = join(directory, `log-${(names += 1)}`);
  await writeLog(log, place);
  return place;
}

async function run(verifier: VerifierName, source: string): Promise<{ exit: number; text: string }> {
  let text = '';
  const output = { stdout: (part: string) => void (text += part) };
  const key = ['--vkey', vkey];
  if (verifier === 'mirror') {
    const copy = join(directory, `copy-${(names += 1)}`);
    return { exit: await runMirror([source, copy, ...key], output, new AbortController().signal, {}), text };
  }
  const args = {
    log: [source],
    index: [source],
    subject: [source, '--key-file', join(directory, 'key.json')],
    consistency: [join(directory, 'monday'), source],
  }[verifier];
  return { exit: await runVerify([verifier, ...args, ...key], output, {}), text };
}

function dropped(drop: (log: Resources) => unknown): Resources {
  const log = new Map(honest);
  drop(log);
  return log;
}

describe.each([
  ['in a directory', keep],
  ['at an address', (log: Resources) => Promise.resolve(server.serve(log))],
])('%s', (_where, publishAt) => {
  test('an honest log convinces every verifier', async () => {
    const source = await publishAt(honest);
    for (const verifier of verifiers) {
      const { exit, text } = await run(verifier, source);
      expect([verifier, exit, text]).toEqual([verifier, 0, expect.stringContaining('ok:')]);
    }
  });

  const outcomes = new Map<string, object[]>();
  // All at once: each of them waits for what is not there.
  beforeAll(() =>
    Promise.all(
      acts.map(async ([what, drop]) => {
        const source = await publishAt(dropped(drop));
        outcomes.set(what, await Promise.all(verifiers.map(async (one) => ({ one, ...(await run(one, source)) }))));
      }),
    ),
  );

  test.each(acts)('whoever drops %s is found out by all who need it', (what, _drop, found, by) => {
    expect(outcomes.get(what)).toEqual(
      verifiers.map((one) => {
        const text = by.includes(one) ? found : 'ok:';
        return { one, exit: by.includes(one) ? 1 : 0, text: expect.stringContaining(text) as string };
      }),
    );
  });
});

test('where a bundle and its hash tile are both dropped, both are named', async () => {
  const log = dropped((all) => [without('tile/entries/001')(all), without('tile/0/001')(all)]);
  const { exit, text } = await run('log', await keep(log));
  expect(text).toContain('FOUND entries-missing at entries 256 to 511:');
  expect(text).toContain('FOUND tile-missing at tile/0/001:');
  expect(text).toContain('The check ended before the last entry.\n');
  expect(exit).toBe(1);
});

test('where the first entry is dropped, it is not said that the log quotes none before it', async () => {
  const { exit, text } = await run('log', await keep(dropped(without('tile/entries/000'))));
  expect(text).toContain('FOUND entries-missing at entries 0 to 255:');
  expect(text).toContain('  - whether another log came before it: its first entry, which says so, could not be read\n');
  expect(text).not.toContain('it quotes none before it');
  expect(exit).toBe(1);
});

test('a mirror keeps the checkpoint that covers what is dropped, and what it had proved', async () => {
  const copy = join(directory, 'copy');
  const mirror = async (log: Resources) => {
    let text = '';
    const output = { stdout: (part: string) => void (text += part) };
    const exit = await runMirror([await keep(log), copy, '--vkey', vkey], output, new AbortController().signal, {});
    return { exit, text };
  };
  const { exit, text } = await mirror(dropped(without('tile/entries/001')));
  const [, path] = /^Nothing was taken\. The evidence is kept: (.*\/shown-checkpoint)\n$/m.exec(text)!;
  expect((await readFile(path!)).equals(honest.get('checkpoint')!)).toBe(true);
  expect(exit).toBe(1);
  expect(await readFile(join(copy, '2026/tile/entries/000'))).toEqual(honest.get('tile/entries/000'));
  expect(await mirror(honest)).toMatchObject({ exit: 0 });
});
