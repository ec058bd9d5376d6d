/** An entry that travels with its inclusion proof, and the one way to believe it. */
import { utf8 } from '../../kernel/bytes.js';
import type { Checkpoint } from '../checkpoint.js';
import type { EntryKind } from '../entry-catalogue.js';
import { type Entry, type EntryOf, parseEntry } from '../entry.js';
import { VerificationError } from '../finding.js';
import { leafHash } from '../merkle.js';
import { verifyInclusion } from '../merkle-proof.js';
import { type ProvedEntry, readHashes } from './completeness-file.js';

type Tree = Pick<Checkpoint, 'size' | 'root'>;

/** The entry, if the checkpoint covers it. Throws `VerificationError`. */
export function openProved({ index, entry, hashes }: ProvedEntry, { size, root }: Tree): Entry {
  if (!verifyInclusion(leafHash(utf8(entry)), index, size, readHashes(hashes), root)) {
    throw new VerificationError('not-included', `entry ${index} of ${size} is another one`);
  }
  return parseEntry(utf8(entry));
}

/** The same, of the kind it should be. */
export function openProvedAs<K extends EntryKind>(proved: ProvedEntry, tree: Tree, kind: K): EntryOf<K> {
  const entry = openProved(proved, tree);
  if (entry.t !== kind)
    throw new VerificationError('malformed-completeness', `entry ${proved.index} is no ${kind} entry`);
  // Its kind has just been compared.
  return entry as unknown as EntryOf<K>;
}
