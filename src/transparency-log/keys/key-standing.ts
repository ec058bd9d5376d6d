/**
 * Which keys sign which checkpoint: those whose introduction it covers and whose retirement it does not. Both the signer and the verifier
 * ask this one function, the one by the list of keys, the other by the entries it has read.
 */

/** A key of the log and the entries by which it came and went. */
export interface KeyStanding {
  /** As verifiers pin it. */
  readonly vkey: string;
  /** Index of the entry that introduces it. */
  readonly introducedAt: number;
  /** Index of the entry that retires it; null while it stands. */
  readonly retiredAt: number | null;
}

/**
 * The keys that sign the checkpoint of `size`, the oldest first. The log's first key signs also what lies before its own entry.
 * @param keys in the order of their introduction
 */
export function keysSigning(keys: readonly KeyStanding[], size: number): KeyStanding[] {
  return keys.filter(
    ({ introducedAt, retiredAt }, place) =>
      (place === 0 || introducedAt < size) && (retiredAt === null || retiredAt >= size),
  );
}

/** Those that nobody has retired yet, the oldest first. */
export function standingKeys(keys: readonly KeyStanding[]): KeyStanding[] {
  return keys.filter(({ retiredAt }) => retiredAt === null);
}
