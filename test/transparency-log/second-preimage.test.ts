/**
 * A second set of entries under a root that was signed: what trees without prefixes, or with their last leaf doubled, allow. Each forgery is first shown to
 * work on such a tree, and then not on ours.
 */
import { sha256 } from '../../src/kernel/bytes.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { emptyRoot, leafHash, nodeHash, rootOfLeaves } from '../../src/transparency-log/merkle.js';
import { verifyConsistency, verifyInclusion } from '../../src/transparency-log/merkle-proof.js';
import { RightEdge } from '../../src/transparency-log/right-edge.js';
import { bundlePath, tilePath, tileWidth } from '../../src/transparency-log/tile-path.js';
import { anHonestLog, origin, readerOf, type Resources, signingKey, trust } from './a-log.js';

/** How a tree hashes; ours is one of three here. */
interface Hashing {
  leaf(entry: Buffer): Buffer;
  node(left: Buffer, right: Buffer): Buffer;
  /** Whether a last one without a neighbour is taken for its own neighbour. */
  doubles: boolean;
}
const ours: Hashing = { leaf: leafHash, node: nodeHash, doubles: false };
const withoutPrefixes: Hashing = {
  leaf: (entry) => sha256(entry),
  node: (left, right) => sha256(left, right),
  doubles: false,
};
const doubling: Hashing = { ...ours, doubles: true };

/** Level by level, as the tree is drawn. */
function rootOf(entries: readonly Buffer[], { leaf, node, doubles }: Hashing): Buffer {
  let level = entries.map(leaf);
  while (level.length > 1) {
    const pairs: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const right = level[at + 1] ?? (doubles ? level[at] : undefined);
      pairs.push(right ? node(level[at]!, right) : level[at]!);
    }
    level = pairs;
  }
  return level[0]!;
}

const entriesOf = (count: number) => Array.from({ length: count }, (_, n) => Buffer.from(`entry ${n}`));
const sizes = Array.from({ length: 40 }, (_, n) => n + 1);

/** Half as many entries, each being the two hashes of a pair. */
function nodesAsEntries(entries: readonly Buffer[], { leaf }: Hashing): Buffer[] {
  const hashes = entries.map(leaf);
  return Array.from({ length: hashes.length / 2 }, (_, n) => Buffer.concat([hashes[2 * n]!, hashes[2 * n + 1]!]));
}

test('an inner node does not pass for an entry: a tree of nodes has another root than the tree above them', () => {
  for (const size of sizes.filter((count) => count % 2 === 0)) {
    const entries = entriesOf(size);
    expect(rootOf(nodesAsEntries(entries, withoutPrefixes), withoutPrefixes)).toEqual(rootOf(entries, withoutPrefixes));
    const root = rootOfLeaves(entries.map(leafHash));
    expect(root).toEqual(rootOf(entries, ours));
    expect(rootOfLeaves(nodesAsEntries(entries, ours).map(leafHash))).not.toEqual(root);
  }
});

test('nor is a node proved as an entry of a smaller tree by the hashes that prove what is below it', () => {
  const [a, b, c, d] = entriesOf(4).map(leafHash) as [Buffer, Buffer, Buffer, Buffer];
  const [left, right] = [nodeHash(a, b), nodeHash(c, d)];
  const root = rootOfLeaves([a, b, c, d]);
  expect(verifyInclusion(a, 0, 4, [b, right], root)).toBe(true);
  // Not for the shape of the proof, but because no entry has this hash.
  expect(verifyInclusion(left, 0, 2, [right], root)).toBe(true);
  for (const entry of [Buffer.concat([a, b]), left]) {
    for (const tree of [2, 3, 4]) expect(verifyInclusion(leafHash(entry), 0, tree, [right], root)).toBe(false);
  }
});

test('the last entry twice is another tree, and the second one is not proved in the first', () => {
  for (const size of sizes.filter((count) => count % 2 === 1)) {
    const entries = entriesOf(size);
    const twice = [...entries, entries.at(-1)!];
    // A tree of one has no level on which to double.
    if (size > 1) expect(rootOf(twice, doubling)).toEqual(rootOf(entries, doubling));
    const root = rootOfLeaves(entries.map(leafHash));
    expect(root).toEqual(rootOf(entries, ours));
    expect(rootOfLeaves(twice.map(leafHash))).not.toEqual(root);
    const last = leafHash(entries.at(-1)!);
    expect(verifyInclusion(last, size, size + 1, [last], root)).toBe(false);
    expect(verifyConsistency(size, size + 1, [last], root, root)).toBe(false);
  }
});

test('the empty tree is that of nothing: no entry stands in it, not even an empty one, and it proves nothing of what it grew into', () => {
  const empty = leafHash(Buffer.alloc(0));
  expect(emptyRoot).toEqual(sha256(Buffer.alloc(0)));
  expect(rootOfLeaves([])).toEqual(emptyRoot);
  expect(rootOfLeaves([empty])).not.toEqual(emptyRoot);
  for (const tree of [0, 1]) expect(verifyInclusion(empty, 0, tree, [], emptyRoot)).toBe(false);
  for (const proof of [[], [empty]]) expect(verifyConsistency(0, 1, proof, emptyRoot, empty)).toBe(false);
});

/** Entries published under a root that is signed for them, whatever they give themselves; tiles are those of the entries. */
function publishUnder(entries: readonly Buffer[], root: Buffer): Resources {
  const edge = RightEdge.empty();
  for (const entry of entries) edge.append(leafHash(entry));
  const resources: Resources = new Map();
  for (const tile of edge.partialTiles()) resources.set(tilePath(tile), edge.partialHashes(tile.level));
  expect(entries.length).toBeLessThan(tileWidth);
  if (entries.length > 0) resources.set(bundlePath({ n: 0, width: entries.length }), encodeBundle(entries));
  resources.set('checkpoint', Buffer.from(signCheckpoint({ origin, size: entries.length, root }, signingKey)));
  return resources;
}

const honest = anHonestLog(9).map((line) => Buffer.from(line));
const rootOfHonest = (count: number) => rootOfLeaves(honest.slice(0, count).map(leafHash));

test.each<[string, Buffer[], Buffer]>([
  ['inner nodes in the place of entries', nodesAsEntries(honest.slice(0, 8), ours), rootOfHonest(8)],
  ['the last entry twice', [...honest, honest.at(-1)!], rootOfHonest(9)],
  ['no entries, under the root of one', [], rootOfHonest(1)],
  ['no entries, under the hash of an empty one', [], leafHash(Buffer.alloc(0))],
])('a whole log of %s is found not to give the signed root', async (_what, entries, root) => {
  const report = await checkLog(readerOf(publishUnder(entries, root)), trust);
  expect(report.findings.map(({ code }) => code)).toContain('root-differs');
  const own = await checkLog(readerOf(publishUnder(honest, rootOfHonest(9))), trust);
  expect(own.findings).toEqual([]);
});
