/**
 * Keeps signatures as the signer does, and records what that does to the disk. In a thread of its own: there the signer itself waits for the disk. See
 * `power-loss.test.ts`.
 */
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { parseSigningKey } from '../../src/transparency-log/note-key.js';
import { LogHead, noGrowth } from '../../src/transparency-log/signer/log-head.js';
import { TileDirectory } from '../../src/transparency-log/signer/tile-directory.js';
import { linesOfACity } from '../../bench/large-log.js';
import type { Act } from './forgetful-disk.js';

export interface Recording {
  /** Where the tiles lie. */
  readonly path: string;
  readonly origin: string;
  readonly skey: string;
  readonly signatures: readonly { readonly count: number; readonly settles: boolean }[];
}

const { path, origin, skey, signatures } = workerData as Recording;
const acts: Act[] = [];
const [own, ownPromises] = [{ ...fs }, { ...promises }];
/** By descriptor: the number of a file, or the path of a directory. */
const open = new Map<number, { file: number } | { path: string }>();

function fileOf(descriptor: number): number {
  const known = open.get(descriptor)!;
  if (!('file' in known)) throw new Error('a directory is not written to');
  return known.file;
}

Object.assign(fs, {
  openSync(place: string, flags: string, mode?: number) {
    const descriptor = own.openSync(place, flags, mode);
    open.set(descriptor, { path: place });
    if (flags === 'r') return descriptor;
    open.set(descriptor, { file: acts.length });
    acts.push({ what: 'file', path: place, file: acts.length });
    return descriptor;
  },
  writeSync(descriptor: number, content: Uint8Array, at: number) {
    const written = own.writeSync(descriptor, content, at);
    acts.push({ what: 'write', file: fileOf(descriptor), bytes: Buffer.from(content.subarray(at, at + written)) });
    return written;
  },
  writeFileSync(descriptor: number, content: string | Uint8Array) {
    const bytes = Buffer.from(content as string);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(descriptor, bytes, at);
  },
  fdatasyncSync: (descriptor: number) => void acts.push({ what: 'wait for bytes', file: fileOf(descriptor) }),
  fsyncSync(descriptor: number) {
    const known = open.get(descriptor)!;
    acts.push('file' in known ? { what: 'wait for bytes', ...known } : { what: 'wait for names', ...known });
  },
  renameSync(from: string, to: string) {
    own.renameSync(from, to);
    acts.push({ what: 'rename', path: from, to });
  },
  rmSync(place: string, options: fs.RmOptions) {
    if (own.existsSync(place)) acts.push({ what: 'remove', path: place });
    own.rmSync(place, options);
  },
  mkdirSync(place: string, options: fs.MakeDirectoryOptions) {
    const made = own.mkdirSync(place, options);
    acts.push({ what: 'directory', path: place });
    return made;
  },
});
Object.assign(promises, {
  async mkdir(place: string, options: fs.MakeDirectoryOptions) {
    const missing: string[] = [];
    for (let above = place; !own.existsSync(above); above = dirname(above)) missing.unshift(above);
    const made = await ownPromises.mkdir(place, options);
    for (const one of missing) acts.push({ what: 'directory', path: one });
    return made;
  },
  async rm(place: string, options: fs.RmOptions) {
    const names = own.existsSync(place) ? ['', ...own.readdirSync(place)] : [];
    await ownPromises.rm(place, options);
    for (const name of names.reverse()) acts.push({ what: 'remove', path: join(place, name) });
  },
});
// The modules above get the recording ones from here on.
syncBuiltinESMExports();

const lines = [...linesOfACity(signatures.reduce((sum, { count }) => sum + count, 0))].map((line) => Buffer.from(line));
const tiles = new TileDirectory(path, origin);
let head = LogHead.empty();
for (const { count, settles } of signatures) {
  const next = head.copy();
  const growth = noGrowth();
  for (const line of lines.slice(next.size, next.size + count)) next.append(line, growth);
  await tiles.keepFull(head.size, next, growth);
  const note = signCheckpoint({ origin, size: next.size, root: next.root() }, parseSigningKey(skey));
  tiles.keepCheckpoint(next, note);
  acts.push({ what: 'signed', size: next.size });
  if (settles) await tiles.settle(next, note);
  head = next;
}
parentPort!.postMessage(acts);
