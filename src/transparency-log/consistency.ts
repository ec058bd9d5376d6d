/** Whether a log of today begins with the log of yesterday: two checkpoints and a proof between them, from hash tiles alone. */
import { isEqual } from '../kernel/bytes.js';
import type { Checkpoint } from './checkpoint.js';
import { isMissing } from './covered-reader.js';
import { type Finding, toFinding, VerificationError } from './finding.js';
import { emptyRoot } from './merkle.js';
import { verifyConsistency } from './merkle-proof.js';
import { proveConsistency, type ReadTile, rootFromTiles } from './tiles.js';

/**
 * Compares two checkpoints whose signatures were verified, `newer` being what the log shows now. Null when the one continues the other.
 * `forked` is said only when it is proved: the tiles lead to the newer root, and not by way of the older one. Otherwise the tiles are wrong, or not there.
 */
export async function compareCheckpoints(
  older: Checkpoint,
  newer: Checkpoint,
  readTile: ReadTile,
): Promise<Finding | null> {
  if (older.size > newer.size) {
    const place = `entries ${newer.size} to ${older.size - 1}`;
    const message = `the log shows ${newer.size} entries, but signed ${older.size} before`;
    return { code: 'rolled-back', place, index: newer.size, message };
  }
  const forked = (message: string): Finding => ({ code: 'forked', place: `the first ${older.size} entries`, message });
  if (older.size === newer.size) {
    return isEqual(older.root, newer.root)
      ? null
      : forked(`two checkpoints of size ${older.size} have different roots`);
  }
  if (older.size === 0) {
    return isEqual(older.root, emptyRoot) ? null : forked('a checkpoint of size 0 has not the root of the empty tree');
  }
  try {
    const proof = await proveConsistency(older.size, newer.size, readTile);
    const isProof = (oldRoot: Buffer) => verifyConsistency(older.size, newer.size, proof, oldRoot, newer.root);
    if (isProof(older.root)) return null;
    // What the newer checkpoint covers begins with these entries, provably; and they are others than those signed before.
    if (isProof(await rootFromTiles(older.size, readTile, newer.size))) {
      return forked(`the first ${older.size} of ${newer.size} entries are not those signed before`);
    }
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (isMissing(error)) return toFinding(error, 'tile/');
  }
  const message = 'the hash tiles do not lead to the root the log signed';
  return { code: 'tile-differs', place: 'tile/', message };
}
