/** RFC 8785 canonical JSON, for everything that is hashed or signed except log entries, which have a field order of their own. */
import canonicalize from 'canonicalize';
import { sha256, utf8 } from './bytes.js';

/** Throws when the value has no JSON form (undefined, function, NaN, lone surrogate). */
export function toCanonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('the value has no JSON form');
  return text;
}

/** SHA-256 of the canonical JSON of `value`: 32 bytes. */
export function hashCanonicalJson(value: unknown): Buffer {
  return sha256(utf8(toCanonicalJson(value)));
}
