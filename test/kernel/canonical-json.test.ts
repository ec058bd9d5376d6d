import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { toCanonicalJson } from '../../src/kernel/canonical-json.js';

/** Objects with their members in an order that is mostly not the canonical one. */
const values = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });

test('canonical JSON is that of the library, whether the members come in order or not', () => {
  fc.assert(
    fc.property(values, (value) => {
      const expected = canonicalize(value);
      expect(toCanonicalJson(value)).toBe(expected);
      expect(toCanonicalJson(JSON.parse(expected!))).toBe(expected);
    }),
  );
});

test.each([
  ['a number that is none', { a: Number.NaN }],
  ['a lone surrogate', { a: ['\ud800'] }],
  ['a lone surrogate in a name', { '\ud800': 1 }],
])('%s has no canonical JSON', (_what, value) => {
  expect(() => toCanonicalJson(value)).toThrow();
});

test('what is undefined has no canonical JSON, and a date is its text', () => {
  expect(() => toCanonicalJson(undefined)).toThrow();
  expect(toCanonicalJson({ at: new Date(0), b: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
});
