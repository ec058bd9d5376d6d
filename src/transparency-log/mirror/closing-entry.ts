/** The entry with which a log ends for good: after it none may follow, and it names the log that does. */
import type { EntryOf } from '../entry.js';
import { parseEntry } from '../entry.js';
import { decodeBundle } from '../entry-bundle.js';
import { VerificationError } from '../finding.js';
import type { LogReader } from '../reader.js';
import { tileWidth } from '../tile-path.js';

/** The entry that closes the log, if it is the last of the copy, every entry of which has been proved. @param size entries of the copy */
export async function closeIn(copy: LogReader, size: number): Promise<EntryOf<'close'> | null> {
  if (size === 0) return null;
  const n = Math.floor((size - 1) / tileWidth);
  const width = size - n * tileWidth;
  return closeOf(decodeBundle(await copy.entries(n, width), width).at(-1)!);
}

/**
 * Null for an entry of another kind, and for one that cannot be read: whoever verifies the log finds that. The kind is looked for in the bytes first: a
 * mirror need not parse every entry it takes.
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
