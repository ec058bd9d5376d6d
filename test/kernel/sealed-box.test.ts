import fc from 'fast-check';
import { secretKey } from '../../src/kernel/bytes.js';
import { bind, bucketOf, epochOf, seal, unseal, UnsealError } from '../../src/kernel/sealed-box.js';

const key = { secret: secretKey(Buffer.alloc(32, 7)), epoch: 3 };
const place = bind('record', 'resident', 'health.checkup', '1');

const contents = fc.uint8Array({ maxLength: 5000 });

test('what was sealed comes back, byte for byte', () => {
  fc.assert(fc.property(contents, (content) => unseal(key, seal(key, content, place), place).equals(content)));
});

test('every change of one byte anywhere in a box is refused', () => {
  const box = seal(key, Buffer.from('a person’s data'), place);
  for (let position = 0; position < box.length; position += 1) {
    const altered = Buffer.from(box);
    altered[position]! ^= 1;
    expect(() => unseal(key, altered, place)).toThrow(UnsealError);
  }
});

test.each([0, 1, 4, 8, 12, 15])('a box whose tag was cut to %i bytes is refused', (tagBytes) => {
  const box = seal(key, Buffer.from('a person’s data'), place);
  expect(() => unseal(key, box.subarray(0, box.length - 16 + tagBytes), place)).toThrow(UnsealError);
});

test.each([
  ['another resident', bind('record', 'other', 'health.checkup', '1')],
  ['another category', bind('record', 'resident', 'activity.steps', '1')],
  ['an older version', bind('record', 'resident', 'health.checkup', '0')],
  ['parts joined otherwise', bind('record', 'residenthealth.checkup', '', '1')],
])('a box does not open as that of %s', (_what, other) => {
  expect(() => unseal(key, seal(key, Buffer.from('x'), place), other)).toThrow(UnsealError);
});

test('a box names its key epoch, and opens with no key of another epoch', () => {
  const box = seal(key, Buffer.from('x'), place);
  expect(epochOf(box)).toBe(3);
  expect(() => unseal({ ...key, epoch: 4 }, box, place)).toThrow(UnsealError);
  expect(() => unseal({ ...key, secret: secretKey(Buffer.alloc(32, 8)) }, box, place)).toThrow(UnsealError);
});

test('what is not a box at all is refused as one that does not open', () => {
  fc.assert(
    fc.property(contents, (noise) => {
      expect(() => unseal(key, Buffer.from(noise), place)).toThrow(UnsealError);
    }),
  );
});

test('boxes of contents of about the same length have the same length', () => {
  const lengths = new Set(
    ['佐藤', '佐々木', 'Ng', 'Featherstonehaugh'].map((name) => seal(key, Buffer.from(name), place).length),
  );
  expect(lengths.size).toBe(1);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000 }), (size) => {
      expect(bucketOf(size)).toBeGreaterThanOrEqual(size);
      expect(bucketOf(size) - size).toBeLessThan(Math.max(64, size, 0) > 16_384 ? 4096 : Math.max(64, size));
      expect(bucketOf(bucketOf(size))).toBe(bucketOf(size));
    }),
  );
});

test('no two boxes are alike, though their contents are', () => {
  const boxes = new Set(Array.from({ length: 200 }, () => seal(key, Buffer.from('same'), place).toString('hex')));
  expect(boxes.size).toBe(200);
});
