/**
 * Promise 11, at the disk of the tiles: whenever the power fails, and whatever of that for which nobody had waited is lost, kept or torn, the directory
 * is the log up to the last signature that was kept, or to one after it.
 */
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Random } from '../../src/demo/random.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { directoryReader, findCheckpoint } from '../../src/transparency-log/directory-reader.js';
import { generateNoteKey, parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { type Act, filesAfter, type Loss } from './forgetful-disk.js';
import type { Recording } from './recorded-signer.js';

const origin = 'minatono.azukari.example/log/2026';
const { skey, vkey } = generateNoteKey(origin);
const trust = { origin, logKeys: [parseVerifierKey(vkey)] };
/** Within a bundle, over its end, exactly to it, and on. */
const signatures = [
  ...[
    { count: 3, settles: false },
    { count: 4, settles: true },
    { count: 1, settles: false },
  ],
  ...[
    { count: 250, settles: false },
    { count: 10, settles: true },
    { count: 244, settles: false },
  ],
  ...[
    { count: 5, settles: false },
    { count: 100, settles: true },
    { count: 160, settles: true },
  ],
];

const random = new Random('power loss');
const losses: [string, Loss][] = [
  ['all of it is lost', { keepsName: () => false, bytesLeft: () => Buffer.alloc(0) }],
  ['names are there, and no bytes', { keepsName: () => true, bytesLeft: () => Buffer.alloc(0) }],
  [
    'some names are there, and bytes that are cut off',
    {
      keepsName: () => random.integer(0, 1) === 1,
      bytesLeft: (bytes) => bytes.subarray(0, random.integer(0, bytes.length)),
    },
  ],
  ['names are there, and zeros for bytes', { keepsName: () => true, bytesLeft: ({ length }) => Buffer.alloc(length) }],
];

let root: string;
let acts: Act[];
beforeAll(async () => {
  root = await aTemporaryDirectory();
  const workerData: Recording = { path: join(root, 'tiles', '2026'), origin, skey, signatures };
  const worker = new Worker(new URL('./recorded-signer.js', import.meta.url), { workerData });
  [acts] = (await once(worker, 'message')) as [Act[]];
});

/** Entries that the directory tells of after the power failed; what does not fit together is thrown. */
async function sizeAfter(done: readonly Act[], loss: Loss, directory: string): Promise<number> {
  for (const [path, content] of filesAfter(done, loss, root)) {
    const place = join(directory, relative(root, path));
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content);
  }
  const tiles = join(directory, 'tiles', '2026');
  if (findCheckpoint(tiles) === null) return 0;
  const { size, findings } = await checkLog(directoryReader(tiles), trust);
  expect(findings).toEqual([]);
  return size;
}

test.each(losses)('what was not waited for: %s', async (_what, loss) => {
  let signed = 0;
  for (const [place, act] of acts.entries()) {
    if (act.what === 'signed') signed = act.size;
    const directory = await aTemporaryDirectory();
    const size = await sizeAfter(acts.slice(0, place + 1), loss, directory);
    expect({ after: act.what, place, isThere: size >= signed, size }).toMatchObject({ isThere: true });
    await rm(directory, { recursive: true });
  }
  expect(signed).toBe(signatures.reduce((sum, { count }) => sum + count, 0));
});
