/**
 * Forms as browsers send them (`application/x-www-form-urlencoded`, WHATWG URL standard), read strictly: valid UTF-8 after
 * percent-decoding, a bounded number of fields. A field that comes once is a string, one that comes several times an array.
 */
import { Mistake } from '../kernel/errors.js';
import { formFieldsMax } from './limits.js';

export type Form = Record<string, string | string[]>;

/** @throws Mistake `invalid-encoding`, or `invalid-request` for too many fields, `__proto__` or U+0000 */
export function parseFormBody(bytes: Buffer): Form {
  const form: Form = {};
  if (bytes.length === 0) return form;
  // Byte for byte: whatever is not ASCII should have been percent-encoded.
  const pairs = bytes.toString('latin1').split('&', formFieldsMax + 1);
  if (pairs.length > formFieldsMax) {
    throw new Mistake('invalid-request', `the form has more than ${formFieldsMax} fields`, { formFieldsMax });
  }
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    if (name === '__proto__') throw new Mistake('invalid-request', 'a field named __proto__ is not accepted');
    const before = Object.hasOwn(form, name) ? form[name] : undefined;
    form[name] = before === undefined ? value : [before, value].flat();
  }
  return form;
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Mistake('invalid-encoding', 'the form is not percent-encoded UTF-8');
  }
  if (decoded.includes('\0')) throw new Mistake('invalid-request', 'the form holds the character U+0000');
  // eslint-disable-next-line no-control-regex -- what is not ASCII here was not percent-encoded
  if (/[^\x00-\x7f]/.test(text)) throw new Mistake('invalid-encoding', 'the form is not percent-encoded');
  return decoded;
}
