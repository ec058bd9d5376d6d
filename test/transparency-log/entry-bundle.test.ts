import fc from 'fast-check';
import { cutBundle, decodeBundle, encodeBundle } from '../../src/transparency-log/entry-bundle.js';

describe('an entry bundle', () => {
  test('is each entry after its length in two bytes, big-endian', () => {
    const bundle = encodeBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 0x7a)]);
    expect(bundle.subarray(0, 8).toString('hex')).toBe('0002' + '6162' + '0000' + '0102');
    expect(bundle).toHaveLength(2 + 2 + 2 + 2 + 258);
  });

  test('gives back its entries, and any number of the first of them', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, fc.nat(), (list, cut) => {
        const bundle = encodeBundle(list);
        expect(decodeBundle(bundle, list.length).map((entry) => [...entry])).toEqual(list.map((entry) => [...entry]));
        const count = 1 + (cut % list.length);
        expect(cutBundle(bundle, count)).toEqual(encodeBundle(list.slice(0, count)));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['one entry fewer', (bundle: Buffer) => bundle.subarray(0, 7), 'it has 1 entries, not 2'],
    ['a cut entry', (bundle: Buffer) => bundle.subarray(0, -1), 'entry 1 is cut off'],
    ['a cut length', (bundle: Buffer) => bundle.subarray(0, 8), 'entry 1 is cut off'],
    [
      'bytes at the end',
      (bundle: Buffer) => Buffer.concat([bundle, Buffer.from([0, 0])]),
      'bytes follow its 2 entries',
    ],
    ['nothing', () => Buffer.alloc(0), 'it has 0 entries, not 2'],
  ])('with %s is refused', (_, change, message) => {
    const bundle = encodeBundle([Buffer.from('first'), Buffer.from('second')]);
    expect(() => decodeBundle(change(bundle), 2)).toThrow(message);
  });
});
