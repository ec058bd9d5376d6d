/**
 * Sealed boxes: AES-256-GCM (NIST SP 800-38D) with the associated data bound in, padded so that a length tells little.
 *
 *   blob = version (1 byte, 1) | algorithm (1 byte, 1) | key epoch (4 bytes, big-endian) | nonce (12) | ciphertext | tag (16)
 *   plaintext = length (4 bytes, big-endian) | content | zero bytes up to the bucket
 *
 * The header is authenticated too. Random 96-bit nonces bound one key to 2^32 messages (SP 800-38D section 8.3); a key here
 * belongs to one resident and is far below that. `authTagLength` is passed because Node otherwise accepts a 4-byte tag.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { utf8 } from './bytes.js';

const formatVersion = 1;
const aes256Gcm = 1;
const headerBytes = 6;
const nonceBytes = 12;
const tagBytes = 16;
const overheadBytes = headerBytes + nonceBytes + tagBytes;

export interface SealingKey {
  /** Of 32 bytes. */
  readonly secret: KeyObject;
  /** 0 to 2^32 - 1; which of the owner's keys this is. */
  readonly epoch: number;
}

/** The blob was altered, cut, moved to another place, or sealed under another key. It says no more than that. */
export class UnsealError extends Error {
  constructor() {
    super('the sealed box does not open here');
    this.name = 'UnsealError';
  }
}

/** Joins the parts that a box is bound to so that no two different lists give the same bytes. */
export function bind(...parts: readonly string[]): Buffer {
  return utf8(JSON.stringify(parts));
}

/** Rounds up to a power of two up to 1 KiB, then to whole kibibytes up to 16 KiB, then to whole 4 KiB: at most 4 KiB are added. */
export function bucketOf(sizeBytes: number): number {
  if (sizeBytes <= 64) return 64;
  if (sizeBytes <= 1024) return 2 ** Math.ceil(Math.log2(sizeBytes));
  const step = sizeBytes <= 16384 ? 1024 : 4096;
  return Math.ceil(sizeBytes / step) * step;
}

/** Bytes of the box around a content of so many. @param bucket how the length is rounded up */
export function boxBytes(sizeBytes: number, bucket = bucketOf): number {
  return bucket(sizeBytes + 4) + overheadBytes;
}

/** Seals `content` under `key`, bound to `associated`. @param bucket how the length is rounded up, where it may tell more than usual */
export function seal(key: SealingKey, content: Uint8Array, associated: Uint8Array, bucket = bucketOf): Buffer {
  const padded = Buffer.alloc(bucket(content.length + 4));
  padded.writeUInt32BE(content.length, 0);
  padded.set(content, 4);
  const header = Buffer.alloc(headerBytes);
  header[0] = formatVersion;
  header[1] = aes256Gcm;
  header.writeUInt32BE(key.epoch, 2);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.concat([header, associated]));
  // GCM is a stream: `final` gives no more bytes.
  const ciphertext = cipher.update(padded);
  cipher.final();
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
}

/** The key epoch a blob names. It is not trusted until `unseal` has succeeded. Throws `UnsealError` on a blob of another format. */
export function epochOf(blob: Buffer): number {
  if (blob.length < overheadBytes + 4 || blob[0] !== formatVersion || blob[1] !== aes256Gcm) throw new UnsealError();
  return blob.readUInt32BE(2);
}

/** Opens a blob, or throws `UnsealError`. No byte of plaintext is used before the tag has been verified. */
export function unseal(key: SealingKey, blob: Buffer, associated: Uint8Array): Buffer {
  if (epochOf(blob) !== key.epoch) throw new UnsealError();
  const nonceEnd = headerBytes + nonceBytes;
  const decipher = createDecipheriv('aes-256-gcm', key.secret, blob.subarray(headerBytes, nonceEnd), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.concat([blob.subarray(0, headerBytes), associated]));
  decipher.setAuthTag(blob.subarray(blob.length - tagBytes));
  const padded = decipher.update(blob.subarray(nonceEnd, blob.length - tagBytes));
  try {
    decipher.final();
  } catch {
    throw new UnsealError();
  }
  const sizeBytes = padded.readUInt32BE(0);
  if (sizeBytes > padded.length - 4) throw new UnsealError();
  return padded.subarray(4, 4 + sizeBytes);
}
