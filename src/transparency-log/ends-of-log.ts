/** The two ends of a log, read for themselves: the entry it begins with, and the one with which it ends for good. Nothing here is verified. */
import type { EntryOf } from './entry.js';
import { parseEntry } from './entry.js';
import { cutBundle, decodeBundle } from './entry-bundle.js';
import { VerificationError } from './finding.js';
import type { LogReader } from './reader.js';
import { tileWidth } from './tile-path.js';

type EntryReader = Pick<LogReader, 'entries'>;

/** The first entry, without a newline. @param size entries of the log, at least one */
export async function firstLine(reader: EntryReader, size: number): Promise<Buffer> {
  return decodeBundle(cutBundle(await reader.entries(0, Math.min(tileWidth, size)), 1), 1)[0]!;
}

/** The last of `size` entries, at least one. */
export async function lastLine(reader: EntryReader, size: number): Promise<Buffer> {
  const n = Math.floor((size - 1) / tileWidth);
  const width = size - n * tileWidth;
  return decodeBundle(await reader.entries(n, width), width).at(-1)!;
}

/** The entry that closes the log, if it is the last of `size`: after it none may follow, and it names the log that does. */
export async function closeIn(reader: EntryReader, size: number): Promise<EntryOf<'close'> | null> {
  return size === 0 ? null : closeOf(await lastLine(reader, size));
}

/**
 * Null for an entry of another kind, and for one that cannot be read: whoever verifies the log finds that. The kind is looked for in the bytes first: who
 * walks a log need not parse every entry for it.
 */
export function closeOf(line: Buffer): EntryOf<'close'> | null {
  if (!line.includes('"t":"close"')) return null;
  try {
    const entry = parseEntry(line);
    return entry.t === 'close' ? entry : null;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw error;
  }
}
