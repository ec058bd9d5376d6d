import { createHash } from 'node:crypto';
import { commitmentOf, tagOf } from '../../src/transparency-log/tag.js';

const pairwiseId = Buffer.alloc(32, 9);

test('a tag is the hash of its context, the pairwise id and the month', () => {
  const expected = createHash('sha256')
    .update(Buffer.concat([Buffer.from('azukari/tag/v1\0'), pairwiseId, Buffer.from('2026-11')]))
    .digest('hex');
  expect(tagOf(pairwiseId, '2026-11-30T23:59Z')).toBe(expected);
  expect(tagOf(pairwiseId, '2026-12-01T00:00Z')).not.toBe(expected);
  expect(tagOf(Buffer.alloc(32, 8), '2026-11-30T23:59Z')).not.toBe(expected);
});

test('a commitment is the hash of its context, the nonce and the exact bytes of the detail', () => {
  const expected = createHash('sha256')
    .update(Buffer.concat([Buffer.from('azukari/commitment/v1\0'), Buffer.alloc(32, 1), Buffer.from('{"名":1}')]))
    .digest('hex');
  expect(commitmentOf(Buffer.alloc(32, 1), '{"名":1}')).toBe(expected);
});

test('a pairwise id or nonce of another length is a fault of ours', () => {
  expect(() => tagOf(pairwiseId.subarray(1), '2026-11-30T23:59Z')).toThrow('32 bytes');
  expect(() => commitmentOf(Buffer.alloc(31), '{}')).toThrow('32 bytes');
  expect(() => tagOf(pairwiseId, 'November')).toThrow('month');
});
