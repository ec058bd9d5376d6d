/** What a verifier trusts who has pinned a witness policy (c2sp.org/tlog-policy): its logs, and its quorum of witnesses. */
import type { Trust } from '../checkpoint.js';
import { VerificationError } from '../finding.js';
import { parseVerifierKey } from '../note-key.js';
import type { WitnessPolicy } from './witness-policy.js';

/**
 * @param pinned keys of the log in text form; without any, those of the policy. The origin is needed where a policy names several logs.
 * Throws `VerificationError` `malformed-policy`, `malformed-key`.
 */
export function trustByPolicy(
  policy: WitnessPolicy,
  pinned: { readonly vkeys?: readonly string[] | undefined; readonly origin?: string | undefined },
): Trust {
  const known = pinned.vkeys?.length ? pinned.vkeys.map(parseVerifierKey) : policy.logs;
  if (known.some(({ type }) => type !== 'ed25519'))
    throw new VerificationError('malformed-key', 'a log key is of type 1');
  const names = [...new Set(known.map(({ name }) => name))];
  const origin = pinned.origin ?? names[0];
  if (origin === undefined) throw new VerificationError('malformed-policy', 'it names no log');
  if (pinned.origin === undefined && names.length > 1) {
    throw new VerificationError('malformed-policy', `it names several logs; say which: ${names.join(', ')}`);
  }
  // A key given by hand may have another name than the log it signs; of a policy's keys only those of this log count.
  const logKeys = pinned.vkeys?.length ? known : known.filter(({ name }) => name === origin);
  if (logKeys.length === 0) throw new VerificationError('malformed-policy', `it names no log ${origin}`);
  const { witnesses, threshold, isQuorum } = policy;
  return { origin, logKeys, witnesses: { keys: witnesses.map(({ key }) => key), quorum: threshold, isQuorum } };
}
