/**
 * The tail of a log on disk: the entries of the bundle that is being filled, and every checkpoint signed over them, in one file that only grows.
 * A signature adds to it and waits for the disk once, where the partial tiles of the layout (c2sp.org/tlog-tiles) would be four new files.
 *
 *     azukari-tail/v1 512                       where it begins: a multiple of 256
 *     +{"v":1,…}                                an entry
 *     =<sha256, hex> "<note as a JSON string>"  a checkpoint over everything above; hash of the lines since the one before it
 *
 * What was cut off or torn when the power failed has no such hash and is passed over: it was told to nobody.
 */
import { hash } from 'node:crypto';
import { utf8 } from '../kernel/bytes.js';
import { invariant } from '../kernel/errors.js';
import { peekCheckpoint } from './checkpoint.js';
import { encodeBundle, entryBytesLimit } from './entry-bundle.js';
import { VerificationError } from './finding.js';
import { leafHash } from './merkle.js';
import { parseTilePath, tileWidth } from './tile-path.js';

export const tailFile = 'tail';

export interface Tail {
  /** Entries of the log before the first one here: a multiple of 256. */
  readonly from: number;
  readonly entries: readonly Buffer[];
  /** The newest checkpoint, of size `from` + number of entries. Nothing has been verified. */
  readonly note: string;
}

const start = 'azukari-tail/v1 ';
const [entryMark, checkpointMark] = ['+', '='];

/** The first line of a tail. */
export function formatTailStart(from: number): string {
  invariant(from % tileWidth === 0, 'a tail begins where a bundle does');
  return `${start}${from}\n`;
}

/** What a signature adds. */
export function formatTailPart(entries: readonly Buffer[], note: string): string {
  const lines = entries.map((entry) => `${entryMark}${entry.toString()}\n`).join('');
  return `${lines}${checkpointMark}${hash('sha256', lines)} ${JSON.stringify(note)}\n`;
}

/** Up to the last checkpoint that is whole; null where there is none. */
export function parseTail(content: string): Tail | null {
  const lines = content.split('\n');
  // What follows the last newline is cut off, or nothing.
  lines.pop();
  const from = fromOf(lines.shift() ?? '');
  if (from === null) return null;
  let tail: Tail | null = null;
  const entries: Buffer[] = [];
  let part = '';
  for (const line of lines) {
    if (line.startsWith(entryMark)) {
      part += `${line}\n`;
      const entry = utf8(line.slice(1));
      if (entry.length > entryBytesLimit) break;
      entries.push(entry);
      continue;
    }
    const note = noteOf(line, part, from + entries.length);
    if (note === null || entries.length > tileWidth) break;
    tail = { from, entries: [...entries], note };
    part = '';
  }
  return tail;
}

function fromOf(line: string): number | null {
  const from = line.startsWith(start) ? Number(line.slice(start.length)) : NaN;
  return Number.isSafeInteger(from) && from >= 0 && from % tileWidth === 0 ? from : null;
}

/** The note of a checkpoint line, if it is of this size and its hash that of the lines before it. */
function noteOf(line: string, part: string, size: number): string | null {
  const expected = `${checkpointMark}${hash('sha256', part)} `;
  if (!line.startsWith(expected)) return null;
  try {
    const note: unknown = JSON.parse(line.slice(expected.length));
    return typeof note === 'string' && sizeOf(note) === size ? note : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The size that a note names; null when it is no checkpoint. Nothing is verified. */
export function sizeOf(note: string | Buffer): number | null {
  try {
    return peekCheckpoint(note).size;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw error;
  }
}

/** What a reader asks for by its path in the layout, as far as the tail has it: the checkpoint, and the partial bundle and tile of its entries. */
export function resourceOfTail({ from, entries, note }: Tail, path: string): Buffer | null {
  if (path === 'checkpoint') return utf8(note);
  const place = parseTilePath(path);
  if (place === null || place.n * tileWidth !== from || place.width > entries.length) return null;
  const wanted = entries.slice(0, place.width);
  if (place.level === 'entries') return encodeBundle(wanted);
  return place.level === 0 ? Buffer.concat(wanted.map(leafHash)) : null;
}
