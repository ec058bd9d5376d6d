/**
 * Timestamped Ed25519 cosignatures of witnesses (c2sp.org/tlog-cosignature, signature type 0x04): the statement that at this time the
 * largest consistent tree the witness had seen of the log was this one.
 */
import { sign, verify } from 'node:crypto';
import { utf8 } from '../kernel/bytes.js';
import { invariant } from '../kernel/errors.js';
import type { NoteSignature, NoteVerifier } from './note.js';
import type { SigningKey, VerifierKey } from './note-key.js';

const timestampBytes = 8;
const signatureBytes = 64;

/** A witness's signature line over the text of a checkpoint. @param timestamp seconds since the epoch, more than 0. */
export function cosign(checkpointText: string, key: SigningKey, timestamp: number): NoteSignature {
  invariant(key.type === 'cosignature', 'a log key signs no cosignatures');
  invariant(Number.isSafeInteger(timestamp) && timestamp > 0, 'a cosignature has a time');
  const signature = Buffer.alloc(timestampBytes + signatureBytes);
  signature.writeBigUInt64BE(BigInt(timestamp));
  signature.set(sign(null, signedMessage(utf8(checkpointText), timestamp), key.privateKey), timestampBytes);
  return { name: key.name, keyId: key.keyId, signature };
}

/** Verifies cosignatures of one witness. */
export function cosignatureVerifier(key: VerifierKey): NoteVerifier {
  invariant(key.type === 'cosignature', 'a log key verifies no cosignatures');
  return {
    name: key.name,
    keyId: key.keyId,
    verify(text, signature) {
      const timestamp = timestampOf(signature);
      if (timestamp === null) return false;
      return verify(null, signedMessage(text, timestamp), key.publicKey, signature.subarray(timestampBytes));
    },
  };
}

/** Seconds since the epoch, or null when the bytes have not the form of a cosignature. The caller has verified it. */
export function timestampOf(signature: Uint8Array): number | null {
  if (signature.length !== timestampBytes + signatureBytes) return null;
  const timestamp = Number(Buffer.from(signature.subarray(0, timestampBytes)).readBigUInt64BE(0));
  return Number.isSafeInteger(timestamp) ? timestamp : null;
}

function signedMessage(text: Uint8Array, timestamp: number): Buffer {
  return Buffer.concat([utf8(`cosignature/v1\ntime ${timestamp}\n`), text]);
}
