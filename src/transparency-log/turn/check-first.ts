/**
 * A log that quotes none before it says that it is the city's first. Another log of the city shows that it is not: one that ends by naming it, or one that
 * claims the same. Neither has to be signed with a pinned key for that: whoever holds two such logs has to ask.
 */
import { peekCheckpoint } from '../checkpoint.js';
import { firstLine, lastLine } from '../ends-of-log.js';
import { type Entry, type EntryOf, parseEntry } from '../entry.js';
import { type Finding, VerificationError } from '../finding.js';
import { type LogReader, ReadFailure } from '../reader.js';

interface Ends {
  readonly origin: string;
  readonly start: EntryOf<'start'>;
  readonly last: Entry;
}

/** @param reader of a log that quotes none. @param others logs at hand that may be of the same city. */
export async function checkFirst(reader: LogReader, others: readonly LogReader[]): Promise<Finding[]> {
  if (others.length === 0) return [];
  const own = await peekEnds(reader);
  if (own === null || own.start.previous !== undefined) return [];
  const findings = new Map<string, Finding>();
  for (const other of others) {
    const ends = await peekEnds(other);
    const said = ends && ends.origin !== own.origin && contradiction(own, ends);
    if (said) findings.set(ends.origin, notFirst(said));
  }
  return [...findings.values()];
}

export function notFirst(said: string): Finding {
  const { message } = new VerificationError('previous-differs', `it quotes no log before it, and ${said}`);
  return { code: 'previous-differs', place: 'entry 0', index: 0, message };
}

function contradiction(own: Ends, { origin, start, last }: Ends): string | null {
  if (last.t === 'close' && last.next === own.origin) return `${origin} ends by naming it as the log that follows`;
  const isRival = start.previous === undefined && start.municipality === own.start.municipality;
  return isRival ? `neither does ${origin}: a city has one first log` : null;
}

/** The first and the last entry, unverified. Null where they cannot be read. */
async function peekEnds(reader: LogReader): Promise<Ends | null> {
  try {
    const { origin, size } = peekCheckpoint(await reader.checkpoint());
    if (size === 0) return null;
    const start = parseEntry(await firstLine(reader, size));
    const last = parseEntry(await lastLine(reader, size));
    return start.t === 'start' ? { origin, start, last } : null;
  } catch (error) {
    if (error instanceof VerificationError || error instanceof ReadFailure) return null;
    throw error;
  }
}
