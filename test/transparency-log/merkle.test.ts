import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { emptyRoot, Frontier, leafHash, nodeHash, rootOfLeaves, rootOver } from '../../src/transparency-log/merkle.js';
import {
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  rootOfRange,
  verifyConsistency,
  verifyInclusion,
} from '../../src/transparency-log/merkle-proof.js';
import { naiveConsistencyProof, naiveInclusionProof, naiveRoot, numberedLeaf, numberedLeaves } from './naive-tree.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// The eight leaves with which implementations of RFC 6962 have been compared since Certificate Transparency's first one,
// and the roots of the trees of the first 1 to 8 of them.
const knownLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const knownRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The naive proof's counterpart: ranges hashed from the leaves below them. */
const proofOf = (ranges: readonly LeafRange[], leaves: readonly Buffer[]): Buffer[] =>
  ranges.map((range) =>
    rootOfRange(range, ({ height, index }) => naiveRoot(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height))),
  );

describe('the tree', () => {
  test('gives the roots of RFC 6962 that every implementation gives', () => {
    expect(hex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const frontier = Frontier.empty();
    expect(hex(frontier.root())).toBe(hex(emptyRoot));
    knownLeaves.forEach((leaf, position) => {
      frontier.append(leafHash(Buffer.from(leaf, 'hex')));
      expect(hex(frontier.root())).toBe(knownRoots[position]);
    });
  });

  test('separates leaves from inner nodes, so that a node is no leaf', () => {
    const [left, right] = [numberedLeaf(0), numberedLeaf(1)];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  test('hashes entries of any length, also beyond the longest we write', () => {
    for (const length of [0, 1, 4095, 4096, 4097, 65535]) {
      const entry = Buffer.alloc(length, 0x61);
      const digest = createHash('sha256')
        .update(Buffer.from([0]))
        .update(entry)
        .digest();
      expect(hex(leafHash(entry))).toBe(hex(digest));
    }
  });

  test.each([0, 1, 2, 3, 255, 256, 257, 1000])('of %i leaves has the root of the definition', (size) => {
    const leaves = numberedLeaves(size);
    expect(hex(rootOfLeaves(leaves))).toBe(hex(naiveRoot(leaves)));
    if (size > 0) expect(hex(rootOver(Buffer.concat(leaves)))).toBe(hex(naiveRoot(leaves)));
  });

  test.each([65_535, 65_536, 65_537])('of %i leaves has the same root by frontier and by definition', (size) => {
    const leaves = numberedLeaves(size);
    expect(hex(rootOfLeaves(leaves))).toBe(hex(naiveRoot(leaves)));
  });
});

describe('the frontier', () => {
  test('goes on after it was written down and read again', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), (before, after) => {
        const frontier = Frontier.empty();
        for (let index = 0; index < before; index += 1) frontier.append(numberedLeaf(index));
        const restored = Frontier.decode(frontier.encode());
        expect(restored.size).toBe(before);
        for (let index = before; index < before + after; index += 1) {
          frontier.append(numberedLeaf(index));
          restored.append(numberedLeaf(index));
        }
        expect(hex(restored.root())).toBe(hex(frontier.root()));
      }),
      { numRuns: 30 },
    );
  });

  test('counts beyond 2^32 and 2^48 without losing a leaf', () => {
    // All leaves alike: the hash of a perfect subtree follows from its height.
    const perfect = [numberedLeaf(0)];
    for (let height = 1; height < 53; height += 1) perfect.push(nodeHash(perfect[height - 1]!, perfect[height - 1]!));
    for (const size of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33 + 5, 2 ** 48 + 2 ** 31 + 3]) {
      const frontier = Frontier.decode(encodeFrontier(size, perfect));
      for (let step = 0; step < 3; step += 1) frontier.append(numberedLeaf(0));
      expect(frontier.size).toBe(size + 3);
      expect(hex(frontier.encode())).toBe(hex(encodeFrontier(size + 3, perfect)));
    }
  });

  test('refuses bytes that are not a frontier', () => {
    const frontier = Frontier.empty();
    for (let index = 0; index < 5; index += 1) frontier.append(numberedLeaf(index));
    const bytes = frontier.encode();
    expect(() => Frontier.decode(bytes.subarray(0, -1))).toThrow('2 hashes');
    expect(() => Frontier.decode(Buffer.concat([bytes, bytes.subarray(8, 40)]))).toThrow('2 hashes');
    expect(() => Frontier.decode(bytes.subarray(0, 7))).toThrow('out of range');
    expect(() => Frontier.decode(Buffer.alloc(8, 0xff))).toThrow('out of range');
  });
});

describe('proofs', () => {
  test('of inclusion are those of the definition, for every leaf of every tree up to 33', () => {
    for (let size = 1; size <= 33; size += 1) {
      const leaves = numberedLeaves(size);
      const root = naiveRoot(leaves);
      for (let index = 0; index < size; index += 1) {
        const proof = proofOf(inclusionRanges(index, size), leaves);
        expect(proof.map(hex)).toEqual(naiveInclusionProof(index, leaves).map(hex));
        expect(verifyInclusion(leaves[index]!, index, size, proof, root)).toBe(true);
      }
    }
  });

  test('of consistency are those of the definition, for every pair of trees up to 33', () => {
    for (let size = 1; size <= 33; size += 1) {
      const leaves = numberedLeaves(size);
      for (let old = 1; old <= size; old += 1) {
        const proof = proofOf(consistencyRanges(old, size), leaves);
        expect(proof.map(hex)).toEqual(naiveConsistencyProof(old, leaves).map(hex));
        const oldRoot = naiveRoot(leaves.slice(0, old));
        expect(verifyConsistency(old, size, proof, oldRoot, naiveRoot(leaves))).toBe(true);
      }
    }
  });

  test('of inclusion hold for no other leaf, index, size, root or list of hashes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, at, change) => {
        const leaves = numberedLeaves(size);
        const root = naiveRoot(leaves);
        const index = at % size;
        const proof = naiveInclusionProof(index, leaves);
        const leaf = leaves[index]!;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(flip(leaf, change), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, (index + 1) % size, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flip(root, change))).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof.slice(0, -1), root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, leaf], root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [leaf, ...proof], root)).toBe(false);
        const place = change % proof.length;
        const changed = proof.map((hash, position) => (position === place ? flip(hash, change) : hash));
        expect(verifyInclusion(leaf, index, size, changed, root)).toBe(false);
        for (const odd of [-1, size, 0.5, NaN, Infinity, 2 ** 53]) {
          expect(verifyInclusion(leaf, odd, size, proof, root)).toBe(false);
          expect(verifyInclusion(leaf, index, odd === size ? 0 : odd, proof, root)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are of whole hashes: nothing shorter or longer passes for one', () => {
    const leaves = numberedLeaves(2);
    const [leaf, sibling] = [leaves[0]!, leaves[1]!];
    const root = naiveRoot(leaves);
    for (const odd of [leaf.subarray(0, 31), Buffer.concat([leaf, Buffer.alloc(1)]), Buffer.alloc(0)]) {
      // Right before, the same place in memory held the whole hash.
      expect(verifyInclusion(leaf, 0, 2, [sibling], root)).toBe(true);
      expect(verifyInclusion(odd, 0, 2, [sibling], root)).toBe(false);
      expect(verifyInclusion(sibling, 1, 2, [leaf], root)).toBe(true);
      expect(verifyInclusion(sibling, 1, 2, [odd], root)).toBe(false);
      expect(verifyInclusion(odd, 0, 1, [], odd)).toBe(false);
      expect(verifyConsistency(1, 2, [sibling], leaf, root)).toBe(true);
      expect(verifyConsistency(1, 2, [sibling], odd, root)).toBe(false);
    }
    expect(verifyConsistency(1, 2, [sibling.subarray(0, 31)], leaf, root)).toBe(false);
  });

  test('of consistency hold for no other sizes, roots or list of hashes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, at, change) => {
        const leaves = numberedLeaves(size);
        const old = 1 + (at % (size - 1));
        const [oldRoot, root] = [naiveRoot(leaves.slice(0, old)), naiveRoot(leaves)];
        const proof = naiveConsistencyProof(old, leaves);
        expect(verifyConsistency(old, size, proof, oldRoot, root)).toBe(true);
        expect(verifyConsistency(old, size, proof, flip(oldRoot, change), root)).toBe(false);
        expect(verifyConsistency(old, size, proof, oldRoot, flip(root, change))).toBe(false);
        expect(verifyConsistency(old, size, proof, root, oldRoot)).toBe(false);
        expect(verifyConsistency(size, old, proof, oldRoot, root)).toBe(false);
        expect(verifyConsistency(0, size, [], emptyRoot, root)).toBe(false);
        expect(verifyConsistency(old, size, proof.slice(1), oldRoot, root)).toBe(false);
        expect(verifyConsistency(old, size, proof.slice(0, -1), oldRoot, root)).toBe(false);
        expect(verifyConsistency(old, size, [...proof, root], oldRoot, root)).toBe(false);
        expect(verifyConsistency(old, size, [root, ...proof], oldRoot, root)).toBe(false);
        expect(verifyConsistency(old, old, [root], oldRoot, oldRoot)).toBe(false);
        const place = change % proof.length;
        const changed = proof.map((hash, position) => (position === place ? flip(hash, change) : hash));
        expect(verifyConsistency(old, size, changed, oldRoot, root)).toBe(false);
        for (const odd of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
          expect(verifyConsistency(odd, size, proof, oldRoot, root)).toBe(false);
          expect(verifyConsistency(old, odd, proof, oldRoot, root)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Changes one bit. */
function flip(bytes: Uint8Array, change: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[change % flipped.length]! ^= 1 << (change % 8);
  return flipped;
}

function encodeFrontier(size: number, perfect: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(size));
  const bits = [...size.toString(2)].map((bit, position, all) => ({ bit, height: all.length - 1 - position }));
  return Buffer.concat([head, ...bits.filter(({ bit }) => bit === '1').map(({ height }) => perfect[height]!)]);
}
