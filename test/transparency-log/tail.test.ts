/**
 * What a signer has kept is found again, whole, however its file ends: a tail that is cut off or altered at any byte tells the state before, never
 * another one, and whoever reads the directory need not know of it.
 */
import { cp, link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { openCheckpoint, signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { directoryReader, findCheckpoint } from '../../src/transparency-log/directory-reader.js';
import { generateNoteKey, parseSigningKey, parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { leafHash } from '../../src/transparency-log/merkle.js';
import { LogHead, noGrowth } from '../../src/transparency-log/signer/log-head.js';
import { TileDirectory } from '../../src/transparency-log/signer/tile-directory.js';
import { ReadFailure } from '../../src/transparency-log/reader.js';
import { formatTailPart, formatTailStart, tailFile } from '../../src/transparency-log/tail.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { linesOfACity } from '../../bench/large-log.js';

const origin = 'minatono.azukari.example/log/2026';
const { skey, vkey } = generateNoteKey(origin);
const trust = { origin, logKeys: [parseVerifierKey(vkey)] };
const lines = [...linesOfACity(700)].map((line) => Buffer.from(line));

class Signer {
  readonly tiles: TileDirectory;
  private head = LogHead.empty();
  private note = '';

  constructor(readonly directory: string) {
    this.tiles = new TileDirectory(directory, origin);
  }

  static async start(): Promise<Signer> {
    return new Signer(await aTemporaryDirectory());
  }

  async sign(count: number): Promise<void> {
    const next = this.head.copy();
    const growth = noGrowth();
    for (const line of lines.slice(next.size, next.size + count)) next.append(line, growth);
    await this.tiles.keepFull(this.head.size, next, growth);
    this.note = signCheckpoint({ origin, size: next.size, root: next.root() }, parseSigningKey(skey));
    this.tiles.keepCheckpoint(next, this.note);
    this.head = next;
  }

  settle(): Promise<void> {
    return this.tiles.settle(this.head, this.note);
  }

  state(): { head: LogHead; note: string } {
    return { head: this.head, note: this.note };
  }
}

async function stateOf(directory: string): Promise<{ size: number; findings: readonly unknown[] }> {
  const { size } = openCheckpoint(findCheckpoint(directory)!, trust);
  const { findings } = await checkLog(directoryReader(directory), trust);
  return { size, findings };
}

test('after each signature the directory is the log up to it, whether or not it was settled in between', async () => {
  const steps = fc.array(fc.record({ count: fc.integer({ min: 1, max: 300 }), settles: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const signer = await Signer.start();
      let size = 0;
      for (const { count, settles } of plan) {
        await signer.sign(count);
        size = Math.min(lines.length, size + count);
        if (settles) await signer.settle();
        expect(await stateOf(signer.directory)).toEqual({ size, findings: [] });
        expect((await readdir(signer.directory)).includes(tailFile)).toBe(!settles);
      }
    }),
    { numRuns: 15 },
  );
});

test('a tail that is cut off anywhere tells the newest signature that is whole', async () => {
  const signer = await Signer.start();
  await signer.sign(260);
  await signer.settle();
  const ends = [{ size: 260, bytes: 0 }];
  for (const count of [3, 1, 5]) {
    await signer.sign(count);
    const bytes = (await readFile(join(signer.directory, tailFile))).length;
    ends.push({ size: ends.at(-1)!.size + count, bytes });
  }
  const whole = await readFile(join(signer.directory, tailFile));
  for (let length = 0; length <= whole.length; length += length % 97 === 0 ? 1 : 16) {
    await writeFile(join(signer.directory, tailFile), whole.subarray(0, length));
    const size = ends.findLast(({ bytes }) => bytes <= length)!.size;
    expect({ length, ...(await stateOf(signer.directory)) }).toEqual({ length, size, findings: [] });
  }
});

test('an altered byte of the tail never makes a log that was not signed', async () => {
  const signer = await Signer.start();
  await signer.sign(4);
  await signer.settle();
  await signer.sign(2);
  const whole = await readFile(join(signer.directory, tailFile));
  for (let at = 0; at < whole.length; at += 7) {
    const altered = Buffer.from(whole);
    altered[at]! ^= 1;
    await writeFile(join(signer.directory, tailFile), altered);
    const newest = findCheckpoint(signer.directory)!;
    // A signature or its text may be hit; then nobody takes it for a checkpoint of this log.
    const size = isOurs(newest) ? openCheckpoint(newest, trust).size : null;
    expect([4, 6, null]).toContain(size);
    if (size !== null) expect((await stateOf(signer.directory)).findings).toEqual([]);
  }
});

function isOurs(note: Buffer): boolean {
  try {
    return openCheckpoint(note, trust).size > 0;
  } catch {
    return false;
  }
}

test('a tail that another signer has begun anew is not written to, and what that one wrote stands', async () => {
  const stalled = await Signer.start();
  await stalled.sign(2);
  const leader = new Signer(stalled.directory);
  await leader.sign(3);
  await expect(stalled.sign(2)).rejects.toThrow('another signer has begun');
  expect(await stateOf(leader.directory)).toEqual({ size: 3, findings: [] });
});

test('a tail that cannot be written leaves the state before, and once it can the log goes on', async () => {
  const signer = await Signer.start();
  await signer.sign(2);
  await signer.settle();
  // In its place stands a directory, which no file replaces.
  await mkdir(join(signer.directory, tailFile, 'in the way'), { recursive: true });
  await expect(signer.sign(1)).rejects.toThrow();
  const kept = await aTemporaryDirectory();
  await cp(signer.directory, kept, { recursive: true, filter: (path) => !path.includes(tailFile) });
  expect(await stateOf(kept)).toEqual({ size: 2, findings: [] });
  await rm(join(signer.directory, tailFile), { recursive: true });
  await signer.sign(1);
  expect(await stateOf(signer.directory)).toEqual({ size: 3, findings: [] });
});

test('whoever has read a checkpoint of the tail reads the log up to it, also once the layout has gone on', async () => {
  const signer = await Signer.start();
  const { tile, ...reader } = directoryReader(signer.directory);
  for (const sizes of [
    [5, 2],
    [255, 100],
  ]) {
    await signer.sign(sizes[0]!);
    const { size } = openCheckpoint(await reader.checkpoint(), trust);
    const read = () =>
      Promise.all([reader.entries(Math.floor(size / 256), size % 256), tile(0, Math.floor(size / 256), size % 256)]);
    const before = await read();
    await signer.sign(sizes[1]!);
    await signer.settle();
    expect(await read()).toEqual(before);
  }
});

test('a checkpoint that is signed again and again makes the tail no longer', async () => {
  const signer = await Signer.start();
  await signer.sign(3);
  const { head, note } = signer.state();
  const before = await readFile(join(signer.directory, tailFile));
  for (let time = 0; time < 3; time += 1) signer.tiles.keepCheckpoint(head, note);
  expect(await readFile(join(signer.directory, tailFile))).toEqual(before);
});

test('a tail that was begun anew is noticed also where a backup holds on to the old one', async () => {
  const stalled = await Signer.start();
  await stalled.sign(2);
  await link(join(stalled.directory, tailFile), join(stalled.directory, 'snapshot'));
  await new Signer(stalled.directory).sign(3);
  await expect(stalled.sign(2)).rejects.toThrow('another signer has begun');
});

test('an entry that fits into no bundle makes no tail', async () => {
  const directory = await aTemporaryDirectory();
  const entry = Buffer.alloc(0x10000, 'a');
  const note = signCheckpoint({ origin, size: 1, root: leafHash(entry) }, parseSigningKey(skey));
  await writeFile(join(directory, tailFile), formatTailStart(0) + formatTailPart([entry], note));
  await expect(directoryReader(directory).entries(0, 1)).rejects.toThrow(ReadFailure);
});
