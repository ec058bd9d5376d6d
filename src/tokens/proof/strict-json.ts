/**
 * JSON from strangers, read strictly: valid UTF-8, an object, and no member named twice at any depth. A parser that takes
 * the last of two equal names would let two readers of one signed token disagree (RFC 7515 section 4, RFC 8725 section 2.4).
 */
import { isUtf8 } from 'node:buffer';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that `bytes` spell, or null for anything else. */
export function parseJsonObject(bytes: Buffer): JsonObject | null {
  if (!isUtf8(bytes)) return null;
  const value = parseStrictJson(bytes.toString('utf8'));
  return isJsonObject(value) ? value : null;
}

/** The value that `text` spells, or undefined when it is not JSON or names a member twice. */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // What was written compactly and without repetition comes back equal; only the rest needs counting.
  return JSON.stringify(value) === text || countMembersOfText(text) === countMembersOf(value) ? value : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In valid JSON every colon outside a string belongs to one member. */
function countMembersOfText(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
}

function countMembersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return members.reduce<number>(
    (sum, member) => sum + countMembersOf(member),
    Array.isArray(value) ? 0 : members.length,
  );
}
