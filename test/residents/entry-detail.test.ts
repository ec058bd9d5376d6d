/** What only the resident may read of an entry: opens with the resident's key and no other, and takes no more room than it needs. */
import { randomBytes } from 'node:crypto';
import { secretKey, toBase64url } from '../../src/kernel/bytes.js';
import type { Uuid } from '../../src/kernel/ids.js';
import { readEntryDetail, sealEntryDetail } from '../../src/residents/entry-detail.js';
import { detailOf } from '../../src/provision/provision-request.js';

const key = { epoch: 1, secret: secretKey(randomBytes(32)) };
const resident = '019ad2f0-0000-7000-8000-000000000001' as Uuid;
const other = '019ad2f0-0000-7000-8000-000000000002' as Uuid;
const nonce = randomBytes(32);

test.each([
  ['an empty one', '{}'],
  ['one with what JSON escapes', '{"name":"髙橋 “はな” \\\\ \\u0000"}'],
  ['a long one', `{"long":"${'x'.repeat(5_000)}"}`],
])('%s opens to the very text and nonce that the entry commits to', (_what, detail) => {
  const sealed = sealEntryDetail(key, resident, nonce, detail);
  const facts = JSON.parse(detail) as unknown;
  expect(readEntryDetail(key, resident, sealed)).toEqual({ nonce: toBase64url(nonce), detail, facts });
});

test('opens neither for another resident, nor with another key, nor when it was altered, nor to what is no object', () => {
  const sealed = sealEntryDetail(key, resident, nonce, '{}');
  const altered = Buffer.from(sealed);
  altered[altered.length - 20]! ^= 1;
  expect(readEntryDetail(key, other, sealed)).toBeNull();
  expect(readEntryDetail({ epoch: 1, secret: secretKey(randomBytes(32)) }, resident, sealed)).toBeNull();
  expect(readEntryDetail(key, resident, altered)).toBeNull();
  for (const text of ['[]', 'null', '1', '{', '']) {
    expect(readEntryDetail(key, resident, sealEntryDetail(key, resident, nonce, text))).toBeNull();
  }
});

test('with a nonce of another length is not sealed', () => {
  expect(() => sealEntryDetail(key, resident, randomBytes(31), '{}')).toThrow('a nonce has 32 bytes');
});

test('of a provision of one category takes a box of 512 bytes', () => {
  const item = {
    ...{ recipientId: 'r', programId: 'p-walking-together', pairwiseId: randomBytes(32), purpose: 'care.prevention' },
    ...{ categories: ['activity.steps'], from: '2026-04-01', to: '2027-04-01' },
  };
  const resolved = { resident: null, programVersion: 1, versions: [1_000_000] };
  const detail = detailOf(item, resolved, { 'activity.steps': ['steps', 'time'] }, new Date());
  expect(sealEntryDetail(key, resident, nonce, detail).length).toBe(512 + 34);
});
