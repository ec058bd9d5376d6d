/**
 * Bytes and their text forms, and the two hash functions everything else is built on (FIPS 180-4, RFC 2104).
 * Text encodings are strict: a string that is not exactly the canonical encoding of some bytes is refused.
 */
import { createHash, createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** SHA-256 of the concatenation of `parts`: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  if (parts.length === 1) return hash('sha256', parts[0]!, 'buffer');
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** HMAC-SHA-256 of the concatenation of `parts` under `key`: 32 bytes. A key that is used often is to be a {@link secretKey}. */
export function hmacSha256(key: KeyObject | Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/**
 * Secret bytes as a key that nothing prints and that is quick to use: bytes are made into a key again by Node at every call,
 * which takes five times as long as the HMAC or the cipher itself (docs/performance.md).
 */
export function secretKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** UTF-8 bytes of a string. */
export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** Bytes of canonical base64url text, or null when the text is anything else. */
export function fromBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** Lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Compares without telling by its duration where the difference lies; false for different lengths. */
export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
