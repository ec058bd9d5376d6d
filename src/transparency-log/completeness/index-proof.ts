/**
 * Proofs out of a completeness index: that a tag is there with exactly these entries, or that it is not there. Verified strictly against the
 * root and number of leaves in a signed `index` entry: positions, order, adjacency. What the proof says is believed only as far as the root
 * bears it out. That the root itself follows from the log is for `index-rules.ts` to check.
 */
import { isEqual } from '../../kernel/bytes.js';
import { emptyRoot, hashBytes, isTreeSize } from '../merkle.js';
import { verifyInclusion } from '../merkle-proof.js';
import { digestOfIndices, hashOfLeaf, type IndexLeaf, isAscending } from './index-leaf.js';

/** A leaf with its place in the tree and the hashes that prove it, leaf's sibling first. */
export interface PlacedLeaf extends IndexLeaf {
  readonly position: number;
  readonly hashes: readonly Uint8Array[];
}

export interface PresenceProof {
  readonly kind: 'presence';
  readonly leaf: PlacedLeaf;
  /** All entries of the range with this tag. */
  readonly indices: readonly number[];
}

/** The neighbours between which the tag would stand; null at either end. */
export interface AbsenceProof {
  readonly kind: 'absence';
  readonly before: PlacedLeaf | null;
  readonly after: PlacedLeaf | null;
}

/** What an `index` entry says: its range [from, to), the number of leaves and their root. */
export interface IndexTree {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** What a proof shows: all entries of the tag in the range (none: it is absent), or what is wrong with the proof. */
export type Shown =
  { readonly ok: true; readonly indices: readonly number[] } | { readonly ok: false; readonly why: string };

const wrong = (why: string): Shown => ({ ok: false, why });

/**
 * Verifies what a proof shows of `tag` (32 bytes).
 * @param stands whether a leaf stands in the tree, where the caller remembers it: neighbours serve many tags.
 */
export function verifyIndexProof(
  tag: Uint8Array,
  proof: PresenceProof | AbsenceProof,
  tree: IndexTree,
  stands: (leaf: PlacedLeaf) => boolean = (leaf) => standsIn(tree, leaf),
): Shown {
  if (!isTreeSize(tree.n) || (tree.n === 0 && !isEqual(tree.root, emptyRoot)))
    return wrong('an index without leaves has the root of nothing');
  return proof.kind === 'presence' ? verifyPresence(tag, proof, tree, stands) : verifyAbsence(tag, proof, tree, stands);
}

/** Whether the leaf stands at its position in the tree. */
export function standsIn({ n, root }: IndexTree, leaf: PlacedLeaf): boolean {
  if (leaf.tag.length !== hashBytes || leaf.digest.length !== hashBytes) return false;
  return (
    isTreeSize(leaf.position) &&
    leaf.position < n &&
    verifyInclusion(hashOfLeaf(leaf), leaf.position, n, leaf.hashes, root)
  );
}

type Stands = (leaf: PlacedLeaf) => boolean;

function verifyPresence(tag: Uint8Array, { leaf, indices }: PresenceProof, tree: IndexTree, stands: Stands): Shown {
  if (!isEqual(leaf.tag, tag)) return wrong('the leaf is of another tag');
  if (!isAscending(indices)) return wrong('the entries do not ascend');
  if (indices[0]! < tree.from || indices.at(-1)! >= tree.to)
    return wrong('an entry lies outside the range of the index');
  if (!isEqual(digestOfIndices(indices), leaf.digest))
    return wrong('these are not the entries that the leaf was made of');
  if (!stands(leaf)) return wrong(`the leaf does not stand at position ${leaf.position}`);
  return { ok: true, indices };
}

function verifyAbsence(tag: Uint8Array, { before, after }: AbsenceProof, tree: IndexTree, stands: Stands): Shown {
  if (tree.n === 0)
    return before || after ? wrong('an index without leaves has no neighbours') : { ok: true, indices: [] };
  if (!before && !after) return wrong('there is neither neighbour');
  if (before && Buffer.compare(before.tag, tag) >= 0) return wrong('the neighbour before does not come before the tag');
  if (after && Buffer.compare(tag, after.tag) >= 0) return wrong('the neighbour after does not come after the tag');
  // -1 and n stand for the ends, which need no proof: no leaf is there.
  const [left, right] = [before ? before.position : -1, after ? after.position : tree.n];
  if (left + 1 !== right) return wrong(`something may stand between positions ${left} and ${right}`);
  for (const leaf of [before, after]) {
    if (leaf && !stands(leaf)) return wrong(`the neighbour does not stand at position ${leaf.position}`);
  }
  return { ok: true, indices: [] };
}
