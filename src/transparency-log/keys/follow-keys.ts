/**
 * From an old key to the new one. Whoever pins a key that signs no more may still follow the log: a checkpoint kept from when it signed
 * covers the entry that introduces its successor, and so vouches for it.
 */
import { type OpenCheckpoint, openCheckpoint, type Trust } from '../checkpoint.js';
import { parseVerifierKey } from '../note-key.js';
import type { KeyStanding } from './key-standing.js';

/**
 * Opens a checkpoint with the keys that entries below `vouchedSize` introduce: those that a checkpoint of a pinned key covers, compared
 * with the entries themselves. Throws `VerificationError` as `openCheckpoint` does.
 */
export function openFollowing(
  note: Uint8Array | string,
  trust: Trust,
  keys: readonly KeyStanding[],
  vouchedSize: number,
): OpenCheckpoint {
  const vouched = keys.filter(({ introducedAt }) => introducedAt < vouchedSize);
  return openCheckpoint(note, { ...trust, logKeys: vouched.map(({ vkey }) => parseVerifierKey(vkey)) });
}
