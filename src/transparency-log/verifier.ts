/**
 * The verifier that a recipient takes into its own program (`azukari/verifier`): each receipt is checked on arrival, against a key pinned
 * beforehand and the id that was asked about, and kept only when it proves what was provided. It needs no network, no database and no
 * framework; its whole surface is this file. Design section 6, receipts.
 */
import { parseTrust } from './checkpoint.js';
import type { Finding } from './finding.js';
import { parseVerifierKey } from './note-key.js';
import { trustInReceipt, type VerifiedReceipt, verifyReceipt } from './receipt.js';

export { findingCodes, type Finding, type FindingCode } from './finding.js';
export type { ProvisionReceipt, VerifiedReceipt } from './receipt.js';

/** What is decided once, when the recipient is set up. */
export interface VerifierSettings {
  /**
   * The log's public keys (C2SP vkeys), got from somebody you trust and not from the answer they are to check. One is enough for one log; each year
   * the city begins a new one with a key of its own, so keep those of the years you hold receipts of.
   */
  readonly vkeys: readonly string[];
  /** The log's origin, when it is not the name in the keys: then receipts of this one log only are accepted. */
  readonly origin?: string;
  /** Your own code. */
  readonly recipient: string;
  /** Keys of witnesses, and how many of them must have cosigned (all, unless said). */
  readonly witnessVkeys?: readonly string[];
  readonly quorum?: number;
}

/** What you asked for; all of it must be what the log says. */
export interface Asked {
  /** The id under which you know the person, 43 characters: it must be the one in the detail, and the entry's tag must be made of it. */
  readonly pairwiseId: string;
  readonly program: string;
  /** The categories you were given, in any order. Unless said, they are not compared. */
  readonly categories?: readonly string[];
}

export type Verdict = VerifiedReceipt | { readonly ok: false; readonly finding: Finding };

/**
 * Makes the check of receipts. Throws `VerificationError` `malformed-key` when a key cannot be trusted as given; after that a receipt that
 * proves nothing is a value with a finding, never an exception.
 */
export function receiptVerifier(settings: VerifierSettings): (receipt: unknown, asked: Asked) => Verdict {
  const { vkeys, recipient, witnessVkeys = [], quorum = witnessVkeys.length } = settings;
  const origin = settings.origin ?? parseVerifierKey(vkeys[0] ?? '').name;
  const trust = parseTrust({ origin, vkeys, witnessVkeys, quorum });
  return (receipt, { pairwiseId, program, categories }) => {
    const own = settings.origin === undefined ? trustInReceipt(receipt, trust) : trust;
    const verdict = verifyReceipt(receipt, own, { recipient, pairwiseId, program });
    if (!verdict.ok || categories === undefined) return verdict;
    const [expected, logged] = [categories.toSorted().join(), verdict.entry.categories.join()];
    if (expected === logged) return verdict;
    const message = `the entry is for ${logged}, and not for what you were given`;
    return { ok: false, finding: { code: 'not-a-provision', place: 'receipt', index: verdict.index, message } };
  };
}
