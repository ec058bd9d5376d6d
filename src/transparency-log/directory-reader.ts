/**
 * A log in a directory, laid out as it is served: `checkpoint`, `tile/0/000`, `tile/entries/000.p/3`; in a signer's own directory also what only
 * the tail has yet. It blocks while it reads: for commands, not for a service. Asking for each file by way of a promise was a noticeable part of
 * checking a log.
 */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashBytes } from './merkle.js';
import { noteBytesMax } from './note.js';
import { bundleBytesMax, endOfEntries, endOfHashes, type LogReader, ReadFailure, readerOver } from './reader.js';
import { parseTail, resourceOfTail, sizeOf, type Tail, tailFile } from './tail.js';
import { parseTilePath, tileWidth } from './tile-path.js';

/** More than the entries of one bundle, each of at most 4 KiB, and as many checkpoints over them. */
const tailBytesMax = 8_000_000;

export function directoryReader(directory: string): LogReader {
  return readerOver(async (path, bytesMax) => {
    if (path === 'checkpoint') return findCheckpoint(directory);
    const kept = readFile(directory, path, bytesMax);
    // A partial tile or bundle of the layout is as good as the tail's, and the tail has no full ones.
    if (kept !== null || !path.includes('.p/')) return kept;
    const tail = readTail(directory);
    return (tail && resourceOfTail(tail, path)) ?? cutFromWider(directory, path);
  });
}

/** For whoever has read a checkpoint of the tail, and the layout has gone on since, past it: what it covers is the beginning of what is there. */
function cutFromWider(directory: string, path: string): Buffer | null {
  const { level, width } = parseTilePath(path)!;
  const wider = namesIn(join(directory, dirname(path))).find((name) => /^[0-9]+$/.test(name) && Number(name) > width);
  const bytesMax = level === 'entries' ? bundleBytesMax : tileWidth * hashBytes;
  const content = wider === undefined ? null : readFile(directory, join(dirname(path), wider), bytesMax);
  if (content === null) return null;
  // One that is cut short is handed over as it is.
  const end = level === 'entries' ? endOfEntries(content, width) : endOfHashes(content, width);
  return content.subarray(0, end ?? content.length);
}

/** None where there is no such directory, or it cannot be read. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The tail that lies in a directory; null where there is none, or nothing whole in it. */
export function readTail(directory: string): Tail | null {
  const content = readFile(directory, tailFile, tailBytesMax);
  return content && parseTail(content.toString());
}

/** The newest checkpoint in a directory. One that is damaged is returned as it is, for whoever reads it to find. */
export function findCheckpoint(directory: string): Buffer | null {
  const kept = readFile(directory, 'checkpoint', noteBytesMax);
  const tail = readTail(directory);
  const size = kept && sizeOf(kept);
  if (tail === null || (kept !== null && (size === null || size >= sizeOf(tail.note)!))) return kept;
  return resourceOfTail(tail, 'checkpoint');
}

function readFile(directory: string, path: string, bytesMax: number): Buffer | null {
  let file: number | null = null;
  try {
    file = openSync(join(directory, path), 'r');
    if (fstatSync(file).size > bytesMax) throw new ReadFailure(`${path} is larger than ${bytesMax} bytes`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof ReadFailure) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ReadFailure(`${path} cannot be read: ${code}`, { cause: error });
  } finally {
    if (file !== null) closeSync(file);
  }
}
