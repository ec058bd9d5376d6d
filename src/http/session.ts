/** Who is signed in. A session is known by a random secret of 256 bits in a cookie, of which only the SHA-256 is stored. */
import { fromBase64url, hmacSha256, isEqual, toBase64url, utf8 } from '../kernel/bytes.js';

export type SubjectKind = 'resident' | 'board' | 'staff';

export interface Session {
  readonly kind: SubjectKind;
  /** The resident's id, or the code of the board member or member of staff. */
  readonly id: string;
  /** SHA-256 of the secret, by which the database knows the session; 32 bytes. */
  readonly sha256: Buffer;
  /** For the hidden field `csrf` of every form. */
  readonly csrfToken: string;
  readonly expiresAt: Date;
}

/** Name of the hidden field that carries the CSRF token. */
export const csrfField = 'csrf';

/** Known only to pages that were given to this session; it tells nothing about the secret (HMAC-SHA-256 keyed by it). */
export function csrfTokenFor(secret: string): string {
  return toBase64url(hmacSha256(utf8(secret), utf8('azukari/csrf/v1\0')));
}

export function isCsrfTokenOf(session: Session, token: unknown): boolean {
  if (typeof token !== 'string') return false;
  const [sent, own] = [fromBase64url(token), fromBase64url(session.csrfToken)];
  return sent !== null && own !== null && isEqual(sent, own);
}

/** Whether `text` has the form of a secret of ours: 32 bytes as base64url. */
export function isSessionSecret(text: string): boolean {
  return fromBase64url(text)?.length === 32;
}
