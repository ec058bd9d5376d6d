import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { fromBase64url, isEqual, secretKey, toBase64url } from '../../src/kernel/bytes.js';
import { toCanonicalJson } from '../../src/kernel/canonical-json.js';
import { startOfDayInJapan, toMinute } from '../../src/kernel/clock.js';
import { isUuid, newCode, newSecret, newUuid } from '../../src/kernel/ids.js';
import { decodePairwiseId, encodePairwiseId, pairwiseIdOf } from '../../src/kernel/pairwise-id.js';

test('a pairwise id is the HMAC that the design names, 43 characters outside', () => {
  const key = secretKey(Buffer.alloc(32, 1));
  const expected = createHmac('sha256', key).update('azukari/ppid/v1\0hamakaze-clinic').digest();
  const made = pairwiseIdOf(key, 'hamakaze-clinic');
  expect(made.equals(expected)).toBe(true);
  expect(encodePairwiseId(made)).toHaveLength(43);
  expect(decodePairwiseId(encodePairwiseId(made))!.equals(made)).toBe(true);
});

test('two recipients know one resident by unrelated ids, and one recipient two residents by two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), fc.string(), (bytes, left, right) => {
      const key = secretKey(bytes);
      fc.pre(left !== right);
      expect(isEqual(pairwiseIdOf(key, left), pairwiseIdOf(key, right))).toBe(false);
    }),
  );
});

test.each([
  ['padding', `${'A'.repeat(43)}=`],
  ['42 characters', 'A'.repeat(42)],
  ['44 characters', 'A'.repeat(44)],
  ['bits that are not of the 32 bytes', `${'A'.repeat(42)}B`],
  ['the alphabet of plain base64', `${'A'.repeat(40)}+/A`],
  ['a blank', ` ${'A'.repeat(42)}`],
])('a pairwise id with %s is none', (_what, text) => {
  expect(decodePairwiseId(text)).toBeNull();
});

test('base64url is read only in the one form in which it is written', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => fromBase64url(toBase64url(bytes))!.equals(bytes)));
  for (const text of ['A', 'AB=', 'A B', 'AB\n', 'AR']) expect(fromBase64url(text)).toBeNull();
});

test('ids tell nothing about when they were made', () => {
  const ids = Array.from({ length: 500 }, newUuid);
  expect(ids.every(isUuid)).toBe(true);
  expect(new Set(ids).size).toBe(500);
  expect(ids.toSorted()).not.toEqual(ids);
  expect(newSecret()).toHaveLength(43);
  expect(newCode('p')).toMatch(/^p-[a-z2-9]{10}$/);
});

test('canonical JSON sorts members by code units and writes numbers as RFC 8785 says', () => {
  expect(toCanonicalJson({ b: 1, a: [1e30, 4.5, 0.002, 1e-27], '\u20ac': '\n', é: null })).toBe(
    '{"a":[1e+30,4.5,0.002,1e-27],"b":1,"é":null,"€":"\\n"}',
  );
  expect(() => toCanonicalJson({ a: Number.NaN })).toThrow();
  expect(() => toCanonicalJson('\ud800')).toThrow();
});

test('a minute is written in UTC, and a day in Japan begins nine hours before it does in Greenwich', () => {
  expect(toMinute(new Date('2026-11-21T03:04:59.999Z'))).toBe('2026-11-21T03:04Z');
  expect(startOfDayInJapan('2026-11-21').toISOString()).toBe('2026-11-20T15:00:00.000Z');
});
