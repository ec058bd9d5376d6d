/** What only the resident may read of an entry: opens with the resident's key and no other, and takes no more room than it needs. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { secretKey, toBase64url } from '../../src/kernel/bytes.js';
import type { Uuid } from '../../src/kernel/ids.js';
import { readEntryDetail, sealEntryDetail } from '../../src/residents/entry-detail.js';
import { commitmentOf, tagOf } from '../../src/transparency-log/tag.js';
import { provisionDetail, restOfDetail } from '../../src/residents/provision-detail.js';

const key = { epoch: 1, secret: secretKey(randomBytes(32)) };
const resident = '019ad2f0-0000-7000-8000-000000000001' as Uuid;
const other = '019ad2f0-0000-7000-8000-000000000002' as Uuid;
const nonce = randomBytes(32);
/** Of an entry that the detail's text does not depend on. */
const anyEntry = '';

test.each([
  ['an empty one', '{}'],
  ['one with what JSON escapes', '{"name":"髙橋 “はな” \\\\ \\u0000"}'],
  ['a long one', `{"long":"${'x'.repeat(5_000)}"}`],
])('%s opens to the very text and nonce that the entry commits to', (_what, detail) => {
  const sealed = sealEntryDetail(key, resident, nonce, detail);
  const facts = JSON.parse(detail) as unknown;
  expect(readEntryDetail(key, resident, sealed, anyEntry)).toEqual({ nonce: toBase64url(nonce), detail, facts });
});

test('opens neither for another resident, nor with another key, nor when it was altered, nor to what is no object', () => {
  const sealed = sealEntryDetail(key, resident, nonce, '{}');
  const altered = Buffer.from(sealed);
  altered[altered.length - 20]! ^= 1;
  expect(readEntryDetail(key, other, sealed, anyEntry)).toBeNull();
  expect(readEntryDetail({ epoch: 1, secret: secretKey(randomBytes(32)) }, resident, sealed, anyEntry)).toBeNull();
  expect(readEntryDetail(key, resident, altered, anyEntry)).toBeNull();
  for (const text of ['[]', 'null', '1', '{', '']) {
    expect(readEntryDetail(key, resident, sealEntryDetail(key, resident, nonce, text), anyEntry)).toBeNull();
  }
});

test('with a nonce of another length is not sealed', () => {
  expect(() => sealEntryDetail(key, resident, randomBytes(31), '{}')).toThrow('a nonce has 32 bytes');
});

describe('of a provision', () => {
  const code = fc.stringMatching(/^[a-z]{1,8}\.[a-z-]{1,12}$/);
  const day = fc.option(fc.constantFrom('2026-04-01', '2027-04-01'));
  const facts = fc
    .tuple(
      fc.record({
        at: fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
        programId: fc.stringMatching(/^p-[a-z0-9]{4,10}$/),
        purpose: code,
        pairwiseId: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        from: day,
        to: day,
      }),
      fc.uniqueArray(fc.record({ category: code, fields: fc.array(fc.string()), version: fc.nat() }), {
        ...{ minLength: 1, maxLength: 5, selector: ({ category }) => category },
      }),
    )
    .map(([rest, items]) => {
      const sorted = items.toSorted((one, other) => (one.category < other.category ? -1 : 1));
      return {
        ...rest,
        categories: sorted.map(({ category }) => category),
        fields: sorted.map(({ fields }) => fields),
        versions: sorted.map(({ version }) => version),
      };
    });
  type Facts = Parameters<typeof provisionDetail>[0];

  const entryOf = ({ programId, purpose, categories, pairwiseId }: Facts, detail: string, kind = 'provision') =>
    `{"v":1,"t":"${kind}","at":"2026-11-28T01:02Z","recipient":"r-x","program":"${programId}","version":3,"purpose":"${purpose}",` +
    `"categories":${JSON.stringify(categories)},${kind === 'refusal' ? '"reason":"no-consent",' : ''}"policy":"${'ab'.repeat(32)}",` +
    `"tag":"${tagOf(pairwiseId, '2026-11-28T01:02Z')}"${kind === 'refusal' ? '' : `,"commitment":"${commitmentOf(nonce, detail)}"`}}`;

  test.each(['provision', 'refusal'])('the text is made again from the %s and the rest, whatever was asked', (kind) => {
    fc.assert(
      fc.property(facts, (own) => {
        const detail = provisionDetail(own);
        const sealed = sealEntryDetail(key, resident, nonce, restOfDetail(own));
        const opened = readEntryDetail(key, resident, sealed, entryOf(own, detail, kind));
        expect(opened).toEqual({ nonce: toBase64url(nonce), detail, facts: JSON.parse(detail) as unknown });
      }),
      { numRuns: 200 },
    );
  });

  const own: Facts = {
    ...{ at: new Date('2026-11-28T01:02:03.456Z'), programId: 'p-walking4', purpose: 'care.prevention' },
    ...{ categories: ['activity.steps'], fields: [['steps', 'time']], versions: [1_000_000] },
    ...{ pairwiseId: Buffer.alloc(32, 7), from: '2026-04-01', to: '2027-04-01' },
  };

  test('what was sealed in the first form is read as it was written then', () => {
    const kept = Buffer.from(`01${'07'.repeat(32)}`, 'hex');
    const parts = '[1795827723456,[["steps","time"]],[1000000],"2026-04-01","2027-04-01"]';
    const sealed = sealEntryDetail(key, resident, nonce, Buffer.concat([kept, Buffer.from(parts)]));
    expect(readEntryDetail(key, resident, sealed, entryOf(own, ''))?.detail).toBe(
      '{"at":"2026-11-28T01:02:03.456Z","items":[{"category":"activity.steps","fields":["steps","time"],"purpose":"care.prevention"}],' +
        '"obtained":"deposited by the named source under the resident’s authorisation","pairwiseId":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",' +
        '"request":"bff8cdda86124e034791ff8c31b15356e6b1daad9b40d77cbd14d71116b580ce","versions":{"activity.steps":1000000},' +
        '"window":{"from":"2026-04-01","to":"2027-04-01"}}',
    );
  });

  test('beside another entry it opens nothing that the other commits to; beside one of another kind, or none at all, nothing', () => {
    const detail = provisionDetail(own);
    const sealed = sealEntryDetail(key, resident, nonce, restOfDetail(own));
    const other = readEntryDetail(key, resident, sealed, entryOf({ ...own, purpose: 'care.treatment' }, detail));
    expect(commitmentOf(nonce, other!.detail)).not.toBe(commitmentOf(nonce, detail));
    for (const line of ['', '{"v":1,"t":"provision"}', '{"v":1,"t":"policy","at":"2026-11-28T01:02Z"}']) {
      expect(readEntryDetail(key, resident, sealed, line)).toBeNull();
    }
  });

  test.each([
    ['a time that no date has', [9e15, [['steps']], [1], null, null]],
    ['fields of more categories than the entry names', [0, [['steps'], ['time']], [1], null, null]],
    ['no version', [0, [['steps']], [], null, null]],
    ['what is no text', [0, [['\ud800']], [1], null, null]],
    ['something else', {}],
  ])('a rest with %s opens to nothing', (_what, parts) => {
    const rest = Buffer.concat([restOfDetail(own).subarray(0, 33), Buffer.from(JSON.stringify(parts))]);
    expect(readEntryDetail(key, resident, sealEntryDetail(key, resident, nonce, rest), entryOf(own, ''))).toBeNull();
  });

  test('of one category takes a box of 192 bytes, where the text would take 512', () => {
    expect(sealEntryDetail(key, resident, nonce, restOfDetail(own)).length).toBe(192 + 34);
    expect(sealEntryDetail(key, resident, nonce, provisionDetail(own)).length).toBe(512 + 34);
  });
});
