/**
 * The name a recipient knows a resident by: HMAC-SHA-256 under the resident's identifier key, so that two recipients
 * hold unrelated names for one person, and only who holds the key can tell they belong together (design section 6).
 */
import type { KeyObject } from 'node:crypto';
import { fromBase64url, hmacSha256, toBase64url, utf8 } from './bytes.js';

const context = utf8('azukari/ppid/v1\0');

/** The pseudo-recipient under which a resident's own acts stand in the log. */
export const selfRecipient = 'self';

/** 32 bytes. @param identifierKey K_id, of 32 bytes. @param recipientId a recipient's code, `self`, or `op:<unit>`. */
export function pairwiseIdOf(identifierKey: KeyObject, recipientId: string): Buffer {
  return hmacSha256(identifierKey, context, utf8(recipientId));
}

/** Outside form: base64url, 43 characters. */
export function encodePairwiseId(pairwiseId: Uint8Array): string {
  return toBase64url(pairwiseId);
}

/** The 32 bytes, or null when the text is not the canonical form of 32 bytes. */
export function decodePairwiseId(text: string): Buffer | null {
  const bytes = text.length === 43 ? fromBase64url(text) : null;
  return bytes?.length === 32 ? bytes : null;
}
