/**
 * The name a recipient knows a resident by: HMAC-SHA-256 under the resident's identifier key, so that two recipients
 * hold unrelated names for one person, and only who holds the key can tell they belong together (design section 6).
 */
import type { KeyObject } from 'node:crypto';
import { fromBase64url, hmacSha256, sha256, toBase64url, utf8 } from './bytes.js';

const context = utf8('azukari/ppid/v1\0');

/** The pseudo-recipient under which a resident's own acts stand in the log. */
export const selfRecipient = 'self';

const unitsContext = utf8('azukari/units/v1\0');
const unitContext = utf8('azukari/unit-id/v1\0');

/** 32 bytes. @param identifierKey K_id, of 32 bytes. @param recipientId a recipient's code, `self`, or `op:<unit>`. */
export function pairwiseIdOf(identifierKey: KeyObject, recipientId: string): Buffer {
  if (isUnit(recipientId)) return sha256(unitContext, unitsKeyOf(identifierKey), utf8(recipientId));
  return hmacSha256(identifierKey, context, utf8(recipientId));
}

/**
 * 32 bytes: from these the database itself makes the ids by which units of the operator know a resident (`unit_id_of`), so that nobody can have staff's
 * looks written under another's. They are kept with the resident from the beginning.
 */
export function unitsKeyOf(identifierKey: KeyObject): Buffer {
  return hmacSha256(identifierKey, unitsContext);
}

/** Whether this is the code of a unit of the operator. */
export function isUnit(recipientId: string): boolean {
  return recipientId.startsWith('op:');
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
