/** The completeness index by itself: against its definition written out plainly, and against proofs that lie. */
import fc from 'fast-check';
import { sha256 } from '../../../src/kernel/bytes.js';
import { hashOfLeaf } from '../../../src/transparency-log/completeness/index-leaf.js';
import {
  type AbsenceProof,
  type IndexTree,
  type PresenceProof,
  verifyIndexProof,
} from '../../../src/transparency-log/completeness/index-proof.js';
import { SortedIndex } from '../../../src/transparency-log/completeness/sorted-index.js';
import { emptyRoot } from '../../../src/transparency-log/merkle.js';
import { naiveRoot } from '../naive-tree.js';

const base = 1000;

/** One tag for each entry from 1000 on; tags are told apart by their last byte, so that they begin alike. */
function indexOf(tags: readonly number[]): { index: SortedIndex; tree: IndexTree } {
  const index = SortedIndex.of(
    Buffer.concat(tags.map(tag)),
    Float64Array.from(tags, (_tag, position) => base + position),
  );
  return { index, tree: { from: base, to: base + Math.max(tags.length, 1), n: index.n, root: index.root() } };
}

function tag(number: number): Buffer {
  const bytes = Buffer.alloc(32, 0x5a);
  bytes.writeUInt16BE(number, 30);
  return bytes;
}

function bigEndian(index: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(index));
  return bytes;
}

const hashed = (leaf: Uint8Array) => sha256(Buffer.from([0]), leaf);

const someTags = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });

test('the root is that of RFC 6962 over the leaves sorted by tag, each tag followed by the digest of its entries', () => {
  fc.assert(
    fc.property(someTags, (tags) => {
      const different = [...new Set(tags)].sort((left, right) => left - right);
      const leaves = different.map((one) => {
        const entries = tags.flatMap((other, position) => (other === one ? [bigEndian(base + position)] : []));
        return Buffer.concat([tag(one), sha256(Buffer.concat(entries))]);
      });
      const { tree } = indexOf(tags);
      expect(tree.n).toBe(leaves.length);
      expect(tree.root).toEqual(naiveRoot(leaves.map(hashed)));
    }),
  );
});

test('tags that begin alike and tags that do not are sorted alike, whatever their number', () => {
  const random = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 300 });
  fc.assert(
    fc.property(random, (tags) => {
      const index = SortedIndex.of(Buffer.concat(tags), Float64Array.from(tags.keys()));
      const sorted = [...new Set(tags.map((one) => Buffer.from(one).toString('hex')))].sort();
      expect(
        Array.from({ length: index.n }, (_, position) => Buffer.from(index.leaf(position).tag).toString('hex')),
      ).toEqual(sorted);
    }),
    { numRuns: 50 },
  );
});

test('of every tag a proof shows exactly the entries that carry it, none where there are none', () => {
  fc.assert(
    fc.property(someTags, fc.integer({ min: 0, max: 41 }), (tags, wanted) => {
      const { index, tree } = indexOf(tags);
      const indices = tags.flatMap((one, position) => (one === wanted ? [base + position] : []));
      expect(verifyIndexProof(tag(wanted), index.prove(tag(wanted)), tree)).toEqual({ ok: true, indices });
    }),
  );
});

test('no proof made for one tag shows anything of another', () => {
  fc.assert(
    fc.property(someTags, fc.nat(41), fc.nat(41), (tags, mine, other) => {
      const { index, tree } = indexOf(tags);
      const shown = verifyIndexProof(tag(mine), index.prove(tag(other)), tree);
      const indices = tags.flatMap((one, position) => (one === mine ? [base + position] : []));
      // Two tags in one gap have one proof; and then it is right for both.
      if (shown.ok) expect(shown.indices).toEqual(indices);
    }),
  );
});

// Entries 1000 to 1006 carry the tags 10, 20, 20, 30, 40, 50, 20.
const { index, tree } = indexOf([10, 20, 20, 30, 40, 50, 20]);
const present = (number: number) => index.prove(tag(number)) as PresenceProof;
const absent = (number: number) => index.prove(tag(number)) as AbsenceProof;
const placed = (number: number) => present(number).leaf;
const forged = { position: 1, tag: tag(22), digest: sha256(Buffer.alloc(8)), hashes: placed(20).hashes };

test('the honest proofs of the table below are accepted', () => {
  expect(verifyIndexProof(tag(20), present(20), tree)).toEqual({ ok: true, indices: [1001, 1002, 1006] });
  expect([5, 25, 55].map((number) => verifyIndexProof(tag(number), absent(number), tree))).toEqual(
    [1, 2, 3].map(() => ({ ok: true, indices: [] })),
  );
});

const lies: [what: string, tag: number, proof: PresenceProof | AbsenceProof, tree: IndexTree, why: RegExp][] = [
  ['an entry is hidden', 20, { ...present(20), indices: [1001, 1006] }, tree, /not the entries/],
  ['the last entry is hidden', 20, { ...present(20), indices: [1001, 1002] }, tree, /not the entries/],
  ['an entry is added', 20, { ...present(20), indices: [1001, 1002, 1003, 1006] }, tree, /not the entries/],
  ['entries are swapped', 20, { ...present(20), indices: [1002, 1001, 1006] }, tree, /do not ascend/],
  ['an entry is named twice', 20, { ...present(20), indices: [1001, 1001, 1002, 1006] }, tree, /do not ascend/],
  ['there is no entry', 20, { ...present(20), indices: [] }, tree, /do not ascend/],
  ['an entry lies outside', 20, present(20), { ...tree, to: 1006 }, /outside the range/],
  ['an entry lies before', 20, present(20), { ...tree, from: 1002 }, /outside the range/],
  ['the leaf is another’s', 20, present(30), tree, /another tag/],
  ['the leaf is elsewhere', 20, { ...present(20), leaf: { ...placed(20), position: 2 } }, tree, /position 2/],
  [
    'a tag that is there is denied',
    20,
    { kind: 'absence', before: placed(10), after: placed(30) },
    tree,
    /between positions 0 and 2/,
  ],
  [
    'a tag that is first is denied',
    10,
    { kind: 'absence', before: null, after: placed(20) },
    tree,
    /between positions -1 and 1/,
  ],
  [
    'a tag that is last is denied',
    50,
    { kind: 'absence', before: placed(40), after: null },
    tree,
    /between positions 3 and 5/,
  ],
  [
    'a neighbour is the tag itself',
    20,
    { kind: 'absence', before: placed(20), after: placed(30) },
    tree,
    /does not come before/,
  ],
  [
    'a neighbour after is the tag itself',
    20,
    { kind: 'absence', before: placed(10), after: placed(20) },
    tree,
    /does not come after/,
  ],
  ['the neighbours are those of another gap', 25, absent(35), tree, /does not come before/],
  [
    'the neighbours are swapped',
    25,
    { ...absent(25), before: absent(25).after, after: absent(25).before },
    tree,
    /does not come before/,
  ],
  [
    'a neighbour is moved',
    20,
    { kind: 'absence', before: { ...placed(10), position: 1 }, after: placed(30) },
    tree,
    /position 1/,
  ],
  ['a neighbour is invented', 20, { kind: 'absence', before: placed(10), after: forged }, tree, /position 1/],
  ['there is no neighbour', 20, { kind: 'absence', before: null, after: null }, tree, /neither neighbour/],
  [
    'the number of leaves is smaller',
    50,
    { kind: 'absence', before: placed(40), after: null },
    { ...tree, n: 4 },
    /position 3/,
  ],
  ['the number of leaves is larger', 25, absent(25), { ...tree, n: 9 }, /position/],
  ['the root is another', 25, absent(25), { ...tree, root: sha256(Buffer.alloc(1)) }, /position/],
  [
    'an empty index has a root',
    25,
    { kind: 'absence', before: null, after: null },
    { ...tree, n: 0 },
    /root of nothing/,
  ],
  ['an empty index has neighbours', 25, absent(25), { ...tree, n: 0, root: emptyRoot }, /no neighbours/],
  [
    'a hash is missing',
    25,
    { ...absent(25), after: { ...placed(30), hashes: placed(30).hashes.slice(1) } },
    tree,
    /position 2/,
  ],
  [
    'a hash is too many',
    25,
    { ...absent(25), after: { ...placed(30), hashes: [...placed(30).hashes, emptyRoot] } },
    tree,
    /position 2/,
  ],
];

test.each(lies)('refused: %s', (_what, number, proof, against, why) => {
  const shown = verifyIndexProof(tag(number), proof, against);
  expect(shown).toEqual({ ok: false, why: expect.stringMatching(why) as string });
});

test('a tree with a tag in two places cannot hide one of them behind the other', () => {
  // An operator signs leaves 10, 20, 20: the rule for a whole log finds it; a single proof is right about its own leaf.
  const leaves = [placed(10), placed(20), { ...placed(20), digest: sha256(bigEndian(1002)) }];
  const doubled: IndexTree = { ...tree, n: 3, root: naiveRoot(leaves.map(hashOfLeaf)) };
  expect(Buffer.compare(hashOfLeaf(leaves[1]!), hashOfLeaf(leaves[2]!))).not.toBe(0);
  expect(verifyIndexProof(tag(20), { kind: 'absence', before: leaves[0]!, after: null }, doubled).ok).toBe(false);
});
