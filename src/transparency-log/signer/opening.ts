/**
 * How one log follows another (design section 6): the old one's last entry names the new one and its first key, and the new one's first entry
 * quotes the old one's size and root. The signer holds this against what it computed itself, before it signs the new log for the first time.
 */
import { isEqual } from '../../kernel/bytes.js';
import { type Entry, parseEntry } from '../entry.js';
import { VerificationError } from '../finding.js';
import { LogDiffers } from './log-differs.js';
import type { LogHead } from './log-head.js';

/** A log that is closed: what its successor quotes, and its last entry. */
export interface Ending {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  readonly last: Buffer | null;
}

/** @param before null for a city's first log, which quotes none. @throws LogDiffers */
export function requireOpening(head: LogHead, origin: string, before: Ending | null): void {
  if (head.first === null) return;
  const start = read(head.first, 'entry 0');
  if (start.t !== 'start' || start.origin !== origin) throw new LogDiffers(`entry 0 does not begin the log ${origin}`);
  if (before === null) {
    if (start.previous !== undefined)
      throw new LogDiffers(`entry 0 quotes ${start.previous}, and there was no log before`);
    return;
  }
  const isQuoted =
    start.previous === before.origin &&
    start.size === before.size &&
    isEqual(Buffer.from(start.root!, 'base64'), before.root);
  if (!isQuoted) {
    throw new LogDiffers(
      `entry 0 of ${origin} does not quote the ${before.size} entries of ${before.origin} that were signed`,
    );
  }
  const close = before.last === null ? null : read(before.last, `entry ${before.size - 1} of ${before.origin}`);
  const [firstKey] = head.keys;
  if (close?.t !== 'close' || close.next !== origin || (firstKey && close.key !== keyIn(firstKey.entry))) {
    throw new LogDiffers(`the last entry of ${before.origin} does not name ${origin} and its first key`);
  }
}

function keyIn(line: Buffer): string | null {
  const entry = read(line, 'the first key');
  return entry.t === 'key' ? entry.key : null;
}

function read(line: Buffer, place: string): Entry {
  try {
    return parseEntry(line);
  } catch (error) {
    if (error instanceof VerificationError) throw new LogDiffers(`${place}: ${error.message}`);
    throw error;
  }
}
