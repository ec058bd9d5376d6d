/** The definitions of RFC 6962 section 2.1, word for word and without regard to speed: what the fast code is held against. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH of leaf hashes. */
export function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0));
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  const split = naiveSplit(leaves.length);
  return sha256(Buffer.from([1]), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

/** PATH(m, D[n]). */
export function naiveInclusionProof(index: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const split = naiveSplit(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...naiveInclusionProof(index, left), naiveRoot(right)]
    : [...naiveInclusionProof(index - split, right), naiveRoot(left)];
}

/** PROOF(m, D[n]). */
export function naiveConsistencyProof(oldSize: number, leaves: readonly Uint8Array[]): Buffer[] {
  return subproof(oldSize, leaves, true);
}

function subproof(oldSize: number, leaves: readonly Uint8Array[], isKnown: boolean): Buffer[] {
  if (oldSize === leaves.length) return isKnown ? [] : [naiveRoot(leaves)];
  const split = naiveSplit(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return oldSize <= split
    ? [...subproof(oldSize, left, isKnown), naiveRoot(right)]
    : [...subproof(oldSize - split, right, false), naiveRoot(left)];
}

function naiveSplit(size: number): number {
  return size <= 2 ? 1 : 2 ** (Math.ceil(Math.log2(size)) - 1);
}

/** The hash of the leaf whose content is the decimal number `index`. */
export function numberedLeaf(index: number): Buffer {
  return sha256(Buffer.from([0]), Buffer.from(String(index)));
}

export function numberedLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => numberedLeaf(index));
}
