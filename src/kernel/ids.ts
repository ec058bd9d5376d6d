/** Identifiers are made here and are random (RFC 9562 version 4): an id shown outside must not tell when it was made. */
import { randomBytes, randomUUID } from 'node:crypto';
import { toBase64url } from './bytes.js';

export type Uuid = string;

export function newUuid(): Uuid {
  return randomUUID();
}

/** A bearer secret of 256 bits, base64url, 43 characters. Only its SHA-256 is ever stored. */
export function newSecret(): string {
  return toBase64url(randomBytes(32));
}

const codeAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A catalogue-style code such as `p-7kqm2xw9rh`: `prefix`, a hyphen and ten characters that are hard to misread (49 bits). */
export function newCode(prefix: string): string {
  let code = '';
  while (code.length < 10) {
    for (const byte of randomBytes(16)) {
      if (byte < 248 && code.length < 10) code += codeAlphabet[byte % 31];
    }
  }
  return `${prefix}-${code}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
