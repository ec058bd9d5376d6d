/**
 * JSON from strangers, read strictly (RFC 8259, I-JSON RFC 7493): valid UTF-8, bounded nesting, no member named twice, no
 * `__proto__`, no number beyond a double, no text that PostgreSQL or UTF-8 could not give back. Nothing of the value is
 * repeated in the refusal.
 */
import { isUtf8 } from 'node:buffer';
import { Mistake } from '../kernel/errors.js';
import { jsonDepthMax } from './limits.js';

/**
 * The value that `bytes` spell.
 * @throws Mistake `invalid-encoding`, `malformed-json`, or `invalid-request` for JSON we do not take
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Mistake('invalid-encoding', 'the body is not valid UTF-8');
  const members = countMembers(bytes);
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new Mistake('malformed-json', 'the body is not JSON (RFC 8259)');
  }
  // A NUL or half a surrogate pair can only have come from an escape; most bodies have none, and skip reading every string.
  const survey = new Survey(/\\u(?:0000|[dD][89a-fA-F])/.test(text));
  survey.visit(value);
  if (survey.members !== members)
    throw new Mistake('invalid-request', 'an object in the body has two members of one name');
  return value;
}

const [quote, backslash, colon, openBracket, openBrace, closeBracket, closeBrace] = Buffer.from('"\\:[{]}');

/** In valid JSON every colon outside a string belongs to one member; `JSON.parse` keeps only the last of two of one name. */
function countMembers(bytes: Buffer): number {
  let members = 0;
  let depth = 0;
  let isInString = false;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position];
    if (isInString) {
      if (byte === backslash) position += 1;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) {
      isInString = true;
    } else if (byte === colon) {
      members += 1;
    } else if (byte === openBracket || byte === openBrace) {
      depth += 1;
      if (depth > jsonDepthMax) {
        throw new Mistake('invalid-request', `the body is nested deeper than ${jsonDepthMax} levels`, { jsonDepthMax });
      }
    } else if (byte === closeBracket || byte === closeBrace) {
      depth -= 1;
    }
  }
  return members;
}

/** Goes through a parsed value once. The recursion is bounded: the depth was checked before. */
class Survey {
  members = 0;

  constructor(private readonly readsStrings: boolean) {}

  visit(value: unknown): void {
    if (typeof value === 'string') this.visitText(value);
    else if (typeof value === 'number') this.visitNumber(value);
    else if (Array.isArray(value)) for (const item of value) this.visit(item);
    else if (typeof value === 'object' && value !== null) this.visitObject(value);
  }

  private visitObject(value: object): void {
    for (const [name, member] of Object.entries(value)) {
      this.members += 1;
      // Copied onto another object, it would replace that object's prototype.
      if (name === '__proto__') throw new Mistake('invalid-request', 'a member named __proto__ is not accepted');
      this.visitText(name);
      this.visit(member);
    }
  }

  private visitText(text: string): void {
    if (!this.readsStrings) return;
    if (!text.isWellFormed()) throw new Mistake('invalid-encoding', 'a text in the body holds half a surrogate pair');
    if (text.includes('\0')) throw new Mistake('invalid-request', 'a text in the body holds the character U+0000');
  }

  /** `1e999` is valid JSON and becomes Infinity, which has no JSON form. */
  private visitNumber(value: number): void {
    if (!Number.isFinite(value)) throw new Mistake('invalid-request', 'a number in the body is out of range');
  }
}
