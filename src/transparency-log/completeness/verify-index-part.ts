/**
 * What one index of the log says about one resident: all entries under each of the tags that could be theirs, or proof that there are none.
 * The same code serves the offline verifier and the page, so the page says nothing that a resident could not check at home.
 */
import { type Finding, VerificationError } from '../finding.js';
import type { EntryOf } from '../entry.js';
import { type IndexPart, readLeaf } from './completeness-file.js';
import type { ExpectedTag } from './expected-tags.js';
import {
  type AbsenceProof,
  type IndexTree,
  type PlacedLeaf,
  type PresenceProof,
  standsIn,
  verifyIndexProof,
} from './index-proof.js';

export interface ShownEntry {
  readonly index: number;
  readonly expected: ExpectedTag;
}

/** The tree that an `index` entry speaks of. */
export function treeOf({ from, to, n, root }: EntryOf<'index'>): IndexTree {
  return { from, to, n, root: Buffer.from(root, 'base64') };
}

/** Verifies the leaves of one index for all tags expected; reports each tag of which neither presence nor absence is proved. */
export function verifyIndexPart(
  { leaves: written }: IndexPart,
  tree: IndexTree,
  expected: readonly ExpectedTag[],
  report: (finding: Finding) => void,
): ShownEntry[] {
  const leaves = new SortedLeaves(written.map((leaf) => ({ leaf: readLeaf(leaf), indices: leaf.indices ?? [] })));
  const known = new Map<PlacedLeaf, boolean>();
  const stands = (leaf: PlacedLeaf): boolean => {
    const answer = known.get(leaf) ?? standsIn(tree, leaf);
    known.set(leaf, answer);
    return answer;
  };
  return expected.flatMap((one) => {
    const tag = Buffer.from(one.tag, 'hex');
    const proof = leaves.proofOf(tag);
    const shown = verifyIndexProof(tag, proof, tree, stands);
    if (shown.ok) return shown.indices.map((index) => ({ index, expected: one }));
    const place = `entries ${tree.from} to ${tree.to - 1}, ${one.organisation}, ${one.month}`;
    const code = proof.kind === 'presence' ? 'presence-not-proved' : 'absence-not-proved';
    report({ code, place, message: new VerificationError(code, shown.why).message });
    return [];
  });
}

interface OwnLeaf {
  readonly leaf: PlacedLeaf;
  readonly indices: readonly number[];
}

class SortedLeaves {
  private readonly leaves: readonly OwnLeaf[];

  constructor(leaves: readonly OwnLeaf[]) {
    this.leaves = leaves.toSorted((left, right) => Buffer.compare(left.leaf.tag, right.leaf.tag));
  }

  /** The best proof that these leaves offer for a tag; whether it is any good is for its verification. */
  proofOf(tag: Buffer): PresenceProof | AbsenceProof {
    let [low, high] = [0, this.leaves.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Buffer.compare(this.leaves[middle]!.leaf.tag, tag) < 0) low = middle + 1;
      else high = middle;
    }
    const here = this.leaves[low];
    if (here && Buffer.compare(here.leaf.tag, tag) === 0) return { kind: 'presence', ...here };
    return { kind: 'absence', before: this.leaves[low - 1]?.leaf ?? null, after: here?.leaf ?? null };
  }
}
