/**
 * Decides V4 of design section 5 about one resident and one program from the entries of the log, and holds the responses a driver received
 * against them: in the log no provision stands after the withdrawal or suspension, and every response has one entry of its own that stands.
 */
import { type Entry, parseEntry } from '../../src/transparency-log/entry.js';
import { decodeBundle } from '../../src/transparency-log/entry-bundle.js';
import type { LogReader } from '../../src/transparency-log/reader.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { tileWidth } from '../../src/transparency-log/tile-path.js';
import type { Violation } from './checker.js';

export interface Subject {
  /** 32 bytes. */
  readonly pairwiseId: Buffer;
  readonly recipient: string;
  readonly program: string;
}

/** All entries a checkpoint of `size` covers, in order. */
export async function readEntries(reader: LogReader, size: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let n = 0; n * tileWidth < size; n += 1) {
    const width = Math.min(tileWidth, size - n * tileWidth);
    entries.push(...decodeBundle(await reader.entries(n, width), width).map((line) => parseEntry(line)));
  }
  return entries;
}

/** @param delivered the index in each receipt that came with data, as often as it came. */
export function checkEntries(
  entries: readonly Entry[],
  { pairwiseId, recipient, program }: Subject,
  delivered: readonly number[],
): Violation[] {
  const violations: Violation[] = [];
  const report = (rule: Violation['rule'], message: string) => violations.push({ rule, message });
  const standing = new Set<number>();
  const voided = new Set<number>();
  let [isConsented, isActive, isRecipient] = [false, false, false];
  for (const [index, entry] of entries.entries()) {
    const isTheirs = 'tag' in entry && entry.tag !== undefined && entry.tag === tagOf(pairwiseId, entry.at);
    if (entry.t === 'org' && entry.org === recipient) isRecipient = ['registered', 'resumed'].includes(entry.status);
    else if (entry.t === 'program' && entry.program === program) isActive = entry.status === 'active';
    else if (entry.t === 'consent' && entry.program === program && isTheirs) isConsented = entry.state === 'active';
    else if (entry.t === 'void' && isTheirs) voided.add(entry.of);
    else if (entry.t === 'provision' && entry.program === program && isTheirs) {
      standing.add(index);
      if (!isConsented) report('V4', `entry ${index} provides though no consent stood`);
      if (!isActive || !isRecipient) report('V4', `entry ${index} provides though program or recipient was suspended`);
    }
  }
  const seen = new Set<number>();
  for (const index of delivered) {
    if (seen.has(index)) report('entry', `two responses have the entry ${index}`);
    seen.add(index);
    if (!standing.has(index)) report('entry', `a response carried data, but entry ${index} is no provision to it`);
    if (voided.has(index)) report('entry', `a response carried data, but entry ${index} was voided`);
  }
  return violations;
}
