/** Proofs that travel (c2sp.org/tlog-proof): entry index, inclusion proof and the signed checkpoint in one text. */
import { invariant } from '../kernel/errors.js';
import { fromBase64, toBase64 } from './base64.js';
import { VerificationError } from './finding.js';
import { hashBytes, isTreeSize } from './merkle.js';

const header = 'c2sp.org/tlog-proof@v1';

/** No tree has a longer inclusion proof. */
const hashesMax = 63;

export interface TlogProof {
  /** Zero-based index of the entry. */
  readonly index: number;
  /** 32 bytes each, leaf's sibling first. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  /** Opaque and not authenticated. We write none. */
  readonly extra?: Uint8Array;
}

export function encodeProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  invariant(isTreeSize(index) && hashes.length <= hashesMax, 'a proof has an index and at most 63 hashes');
  invariant(
    hashes.every((hash) => hash.length === hashBytes),
    'every hash of a proof has 32 bytes',
  );
  const lines = [header, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...hashes.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof; verifies nothing. Throws `VerificationError` `malformed-proof`. */
export function parseProof(text: string): TlogProof {
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw malformed('there is no blank line before the checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== header) throw malformed(`it does not begin with ${header}`);
  const extraText = lines[0]?.startsWith('extra ') ? lines.shift()!.slice('extra '.length) : undefined;
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  if (extra === null) throw malformed('its extra data is not base64');
  const indexText = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() ?? '')?.[1];
  const index = indexText === undefined ? NaN : Number(indexText);
  if (!isTreeSize(index)) throw malformed('its index is not a decimal number below 2^53');
  if (lines.length > hashesMax) throw malformed(`it has more than ${hashesMax} hashes`);
  const hashes = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== hashBytes) throw malformed('a line of it is not base64 of 32 bytes');
    return hash;
  });
  return { index, hashes, checkpoint: text.slice(blank + 2), ...(extra ? { extra } : {}) };
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-proof', detail);
}
