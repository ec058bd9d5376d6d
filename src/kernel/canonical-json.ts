/** RFC 8785 canonical JSON, for everything that is hashed or signed except log entries, which have a field order of their own. */
import canonicalize from 'canonicalize';
import { sha256, utf8 } from './bytes.js';

/** Throws when the value has no JSON form (undefined, function, NaN, lone surrogate). */
export function toCanonicalJson(value: unknown): string {
  // What is canonical as it stands is written at once: JSON.stringify spells strings and numbers as RFC 8785 does (section 3.2.2).
  const text = isCanonicalAsItStands(value) ? JSON.stringify(value) : canonicalize(value);
  if (text === undefined) throw new Error('the value has no JSON form');
  return text;
}

/** SHA-256 of the canonical JSON of `value`: 32 bytes. */
export function hashCanonicalJson(value: unknown): Buffer {
  return sha256(utf8(toCanonicalJson(value)));
}

/** Plain values only, and the members of every object in ascending order of their names' code units. */
function isCanonicalAsItStands(value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isCanonicalAsItStands);
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return hasOrderedMembers(value as Record<string, unknown>);
}

function hasOrderedMembers(object: Readonly<Record<string, unknown>>): boolean {
  let before: string | null = null;
  for (const name in object) {
    if ((before !== null && before >= name) || !name.isWellFormed() || !isCanonicalAsItStands(object[name]))
      return false;
    before = name;
  }
  return true;
}
