/**
 * The body of an `add-checkpoint` request (c2sp.org/tlog-witness): the size the witness is thought to hold, a consistency proof from
 * there, and the checkpoint. Written by the log, read by the witness.
 */
import { invariant } from '../../kernel/errors.js';
import { fromBase64, toBase64 } from '../base64.js';
import { VerificationError } from '../finding.js';
import { hashBytes, isTreeSize } from '../merkle.js';

/** "The client MUST NOT send more than 63 consistency proof lines." */
const proofLinesMax = 63;

/** Of a whole request: 63 proof lines, and a checkpoint with more signatures than anybody has. */
export const requestBytesMax = 64 * 1024;

/** What a witness answers to a wrong old size. */
export const sizeContentType = 'text/x.tlog.size';

export interface AddCheckpoint {
  readonly oldSize: number;
  /** 32 bytes each. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

export function encodeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  invariant(isTreeSize(oldSize) && proof.length <= proofLinesMax, 'a request has an old size and at most 63 hashes');
  return `${[`old ${oldSize}`, ...proof.map(toBase64)].join('\n')}\n\n${checkpoint}`;
}

/** Reads a request; verifies nothing. Throws `VerificationError` `malformed-proof`. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  // Neither the old size line nor a proof line can be empty, so the first empty line is the one before the checkpoint.
  const blank = body.indexOf('\n\n');
  if (blank < 0) throw malformed('there is no empty line before the checkpoint');
  const [first, ...lines] = body.slice(0, blank).split('\n');
  const oldSize = parseSize(/^old (.*)$/.exec(first!)?.[1] ?? '');
  if (oldSize === null) throw malformed('its first line is not the word old and a decimal number below 2^53');
  if (lines.length > proofLinesMax) throw malformed(`it has more than ${proofLinesMax} hashes`);
  const proof = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== hashBytes) throw malformed('a line of it is not base64 of 32 bytes');
    return hash;
  });
  return { oldSize, proof, checkpoint: body.slice(blank + 2) };
}

/** A tree size in ASCII decimal without leading zeroes, or null. */
export function parseSize(text: string): number | null {
  const size = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : NaN;
  return isTreeSize(size) ? size : null;
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-proof', detail);
}
