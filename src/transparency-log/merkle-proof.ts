/**
 * Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2), and their generalisation to subtrees
 * (draft-ietf-plants-merkle-tree-certs section 4), of which the whole tree is the case `start = 0`. Proving and verifying are the
 * same recursion as the definitions, so that each can be read beside its text. Verifying is strict: a proof with one hash
 * too many or too few is refused. Recursion is at most 53 deep.
 */
import { isEqual } from '../kernel/bytes.js';
import { invariant } from '../kernel/errors.js';
import { emptyRoot, hashBytes, isTreeSize, nodeHash, splitOf } from './merkle.js';

/** Leaves from `start` to before `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A perfect subtree: the `index`-th run of 2^`height` leaves. */
export interface PerfectNode {
  readonly height: number;
  readonly index: number;
}

/** Gives the hash of a perfect subtree: 32 bytes. */
export type HashSource = (node: PerfectNode) => Uint8Array;

/** The ranges whose roots make up the inclusion proof of leaf `index` in a tree of `size`, leaf's sibling first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  invariant(isTreeSize(size) && isTreeSize(index) && index < size, 'a leaf is proved in a tree that has it');
  const ranges: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** The ranges whose roots make up the consistency proof from a tree of `oldSize` ≥ 1 to one of `newSize`, in the proof's order. */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  invariant(isTreeSize(newSize) && isTreeSize(oldSize) && oldSize >= 1 && oldSize <= newSize, 'a log grows from 1 on');
  const ranges: LeafRange[] = [];
  let [start, end] = [0, newSize];
  while (end > oldSize) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The verifier knows the root of the old tree, but not that of a part of it.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The perfect subtrees a range consists of, left to right, when the range is a right part of some tree. */
export function perfectNodesOf({ start, end }: LeafRange): PerfectNode[] {
  const nodes: PerfectNode[] = [];
  for (let from = start; from < end;) {
    let [height, leaves] = [0, 1];
    while (from % (leaves * 2) === 0 && from + leaves * 2 <= end) [height, leaves] = [height + 1, leaves * 2];
    nodes.push({ height, index: from / leaves });
    from += leaves;
  }
  return nodes;
}

/** Root of a range: 32 bytes. */
export function rootOfRange(range: LeafRange, hashOf: HashSource): Buffer {
  const hashes = perfectNodesOf(range).map((node): Buffer => Buffer.from(hashOf(node)));
  return hashes.length === 0 ? emptyRoot : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** Whether `leaf` (a leaf hash) stands at `index` in the tree of `size` with this root. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return verifySubtreeInclusion(leaf, index, { start: 0, end: size }, proof, root);
}

/** Whether `leaf` (a leaf hash) stands at `index` (counted in the whole tree) in the subtree with this root. */
export function verifySubtreeInclusion(
  leaf: Uint8Array,
  index: number,
  subtree: LeafRange,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSubtree(subtree) || !isTreeSize(index) || index < subtree.start || index >= subtree.end) return false;
  if (leaf.length !== hashBytes || !proof.every((hash) => hash.length === hashBytes)) return false;
  const computed = rootOverPath(leaf, index - subtree.start, subtree.end - subtree.start, proof);
  return computed !== null && isEqual(computed, root);
}

/**
 * Whether the tree of `newSize` with `newRoot` begins with the tree of `oldSize` with `oldRoot`. False for `oldSize` 0: every log
 * begins with the empty one, so there is nothing to prove and a proof of it proves nothing.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): boolean {
  return oldSize !== 0 && verifySubtreeConsistency({ start: 0, end: oldSize }, newSize, proof, oldRoot, newRoot);
}

/**
 * Whether this proof shows that the tree of `newSize` with `newRoot` begins otherwise than with `oldRoot`: it leads to the new root, by way of
 * another old one. Where `oldSize` is a power of two no proof contains its root, and this is false.
 */
export function disprovesConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): boolean {
  if (oldSize === 0 || oldSize >= newSize || !proof.every((hash) => hash.length === hashBytes)) return false;
  const computed = rootsOverProof({ start: 0, end: oldSize }, newSize, proof, oldRoot);
  return computed !== null && isEqual(computed.tree, newRoot) && !isEqual(computed.subtree, oldRoot);
}

/** Whether the subtree with `subtreeRoot` is a part of the tree of `size` with `root`. The empty subtree is a part of every tree. */
export function verifySubtreeConsistency(
  subtree: LeafRange,
  size: number,
  proof: readonly Uint8Array[],
  subtreeRoot: Uint8Array,
  root: Uint8Array,
): boolean {
  if (!isSubtree(subtree) || !isTreeSize(size) || subtree.end > size) return false;
  if (subtree.start === subtree.end) return proof.length === 0 && isEqual(subtreeRoot, emptyRoot);
  if (!proof.every((hash) => hash.length === hashBytes)) return false;
  const isWhole = subtree.start === 0 && subtree.end === size;
  if (!isWhole && subtreeRoot.length !== hashBytes) return false;
  const computed = rootsOverProof(subtree, size, proof, subtreeRoot);
  return computed !== null && isEqual(computed.subtree, subtreeRoot) && isEqual(computed.tree, root);
}

/** A range is a subtree when its start is a multiple of the smallest power of two that is not less than its length. */
function isSubtree({ start, end }: LeafRange): boolean {
  if (!isTreeSize(start) || !isTreeSize(end) || start > end) return false;
  return end - start <= 1 || start % (splitOf(end - start) * 2) === 0;
}

/** PATH of RFC 6962 section 2.1.1, read backwards: the last hash of a proof is the sibling at the top. */
function rootOverPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  length = proof.length,
): Uint8Array | null {
  if (size === 1) return length === 0 ? leaf : null;
  if (length === 0) return null;
  const split = splitOf(size);
  const sibling = proof[length - 1]!;
  if (index < split) {
    const left = rootOverPath(leaf, index, split, proof, length - 1);
    return left && nodeHash(left, sibling);
  }
  const right = rootOverPath(leaf, index - split, size - split, proof, length - 1);
  return right && nodeHash(sibling, right);
}

/** SUBTREE_SUBPROOF of the draft, read backwards; `isKnown` is its `b`: the subtree's root is the verifier's own. */
function rootsOverProof(
  { start, end }: LeafRange,
  size: number,
  proof: readonly Uint8Array[],
  subtreeRoot: Uint8Array,
  isKnown = true,
  length = proof.length,
): { subtree: Uint8Array; tree: Uint8Array } | null {
  if (start === 0 && end === size) {
    if (length !== (isKnown ? 0 : 1)) return null;
    const hash = isKnown ? subtreeRoot : proof[0]!;
    return { subtree: hash, tree: hash };
  }
  if (length === 0) return null;
  const split = splitOf(size);
  const sibling = proof[length - 1]!;
  if (end <= split) {
    const left = rootsOverProof({ start, end }, split, proof, subtreeRoot, isKnown, length - 1);
    return left && { subtree: left.subtree, tree: nodeHash(left.tree, sibling) };
  }
  const isRight = start >= split;
  const part = { start: isRight ? start - split : 0, end: end - split };
  const right = rootsOverProof(part, size - split, proof, subtreeRoot, isKnown && isRight, length - 1);
  if (!right) return null;
  return {
    subtree: isRight ? right.subtree : nodeHash(sibling, right.subtree),
    tree: nodeHash(sibling, right.tree),
  };
}
