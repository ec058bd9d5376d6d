import fc from 'fast-check';
import { Frontier, leafHash, nodeHash, rootOfLeaves } from '../../src/transparency-log/merkle.js';
import { verifyConsistency, verifyInclusion } from '../../src/transparency-log/merkle-proof.js';
import { RightEdge } from '../../src/transparency-log/right-edge.js';
import { bundlePath, parseTilePath, tilePath, tileWidth, widthOf } from '../../src/transparency-log/tile-path.js';
import { proveConsistency, proveInclusion, type ReadTile, rootFromTiles } from '../../src/transparency-log/tiles.js';
import { naiveConsistencyProof, naiveInclusionProof, naiveRoot, numberedLeaf, numberedLeaves } from './naive-tree.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('paths', () => {
  test.each([
    ['tile/0/000', { level: 0, n: 0, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, n: 1234067, width: 256 }],
    ['tile/1/017.p/1', { level: 1, n: 17, width: 1 }],
    ['tile/63/x001/000.p/255', { level: 63, n: 1000, width: 255 }],
    ['tile/0/x009/x007/x199/x254/x740/991', { level: 0, n: Number.MAX_SAFE_INTEGER, width: 256 }],
    ['tile/entries/000', { level: 'entries', n: 0, width: 256 }],
    ['tile/entries/x273/112.p/112', { level: 'entries', n: 273112, width: 112 }],
  ] as const)('%s is the one name of its resource', (path, coordinate) => {
    expect(parseTilePath(path)).toEqual(coordinate);
    const { level, n, width } = coordinate;
    expect(level === 'entries' ? bundlePath({ n, width }) : tilePath({ level, n, width })).toBe(path);
  });

  test.each([
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/007',
    'tile/0/000.p/',
    'tile/0/000/',
    'tile/0/000\n',
    '/tile/0/000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
    'tile/data/000',
    'tile/entries/../0/000',
    'tile/0/٠٠٠',
    '',
  ])('%j names nothing', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  test('a tree of 70,000 has the tiles that the specification counts for it', () => {
    expect(widthOf(0, 272, 70_000)).toBe(256);
    expect(widthOf(0, 273, 70_000)).toBe(112);
    expect(widthOf(0, 274, 70_000)).toBe(0);
    expect(widthOf(1, 0, 70_000)).toBe(256);
    expect(widthOf(1, 1, 70_000)).toBe(17);
    expect(widthOf(2, 0, 70_000)).toBe(1);
    expect(widthOf(1, 0, 256)).toBe(1);
    expect(widthOf(0, 1, 256)).toBe(0);
  });
});

/** Tiles of a list of leaves, computed from the definition; asks for exactly the width the tree has. */
function tilesOver(leaves: readonly Buffer[]): ReadTile {
  return (level, n, width) => {
    if (width !== widthOf(level, n, leaves.length)) throw new Error(`tile ${level}/${n} is not ${width} wide`);
    const span = tileWidth ** level;
    const hashes = Array.from({ length: width }, (_, position) => {
      const first = (n * tileWidth + position) * span;
      return naiveRoot(leaves.slice(first, first + span));
    });
    return Promise.resolve(Buffer.concat(hashes));
  };
}

describe('proofs from tiles', () => {
  test.each([1, 2, 255, 256, 257, 513])('of a tree of %i are those of the definition', async (size) => {
    const leaves = numberedLeaves(size);
    const read = tilesOver(leaves);
    expect(hex(await rootFromTiles(size, read))).toBe(hex(naiveRoot(leaves)));
    for (const index of new Set([0, 1, 254, 255, 256, size - 1].filter((index) => index < size))) {
      const proof = await proveInclusion(index, size, read);
      expect(proof.map(hex)).toEqual(naiveInclusionProof(index, leaves).map(hex));
    }
    for (const old of new Set([1, 2, 255, 256, 257, size].filter((old) => old <= size))) {
      const proof = await proveConsistency(old, size, read);
      expect(proof.map(hex)).toEqual(naiveConsistencyProof(old, leaves).map(hex));
    }
  });

  test('of any tree up to 70,000 verify', async () => {
    const leaves = numberedLeaves(70_000);
    const levels = [leaves];
    for (let level = 1; level < 3; level += 1) {
      const below = levels[level - 1]!;
      levels.push(
        Array.from({ length: Math.floor(below.length / tileWidth) }, (_, n) =>
          rootOfLeaves(below.slice(n * tileWidth, (n + 1) * tileWidth)),
        ),
      );
    }
    const read: ReadTile = (level, n, width) =>
      Promise.resolve(Buffer.concat(levels[level]!.slice(n * tileWidth, n * tileWidth + width)));
    const sizes = fc.oneof(fc.constantFrom(65_535, 65_536, 65_537), fc.integer({ min: 1, max: 70_000 }));
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, at, before) => {
        const root = await rootFromTiles(size, read);
        const index = at % size;
        expect(verifyInclusion(leaves[index]!, index, size, await proveInclusion(index, size, read), root)).toBe(true);
        const old = 1 + (before % size);
        const oldRoot = await rootFromTiles(old, read);
        expect(verifyConsistency(old, size, await proveConsistency(old, size, read), oldRoot, root)).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(hex(await rootFromTiles(70_000, read))).toBe(hex(rootOfLeaves(leaves)));
  });

  test('of an empty tree are empty, and its root is that of nothing', async () => {
    const unread: ReadTile = () => Promise.reject(new Error('an empty tree has no tiles'));
    expect(hex(await rootFromTiles(0, unread))).toBe(hex(rootOfLeaves([])));
    expect(await proveConsistency(0, 0, unread)).toEqual([]);
    expect(await proveConsistency(0, 5, unread)).toEqual([]);
    expect(await proveConsistency(5, 5, tilesOver(numberedLeaves(5)))).toEqual([]);
  });

  test('are the same when a tile is given again, and when another buffer follows it', async () => {
    const [leaves, others] = [numberedLeaves(300), numberedLeaves(301).slice(1)];
    const kept = new Map<string, Promise<Buffer>>();
    const keeping =
      (name: string, read: ReadTile): ReadTile =>
      (level, n, width) => {
        const key = `${name}/${level}/${n}/${width}`;
        if (!kept.has(key)) kept.set(key, read(level, n, width));
        return kept.get(key)!;
      };
    for (let round = 0; round < 2; round += 1) {
      for (const [name, list] of [
        ['first', leaves],
        ['second', others],
      ] as const) {
        const read = keeping(name, tilesOver(list));
        for (const index of [0, 7, 255, 256, 299]) {
          const proof = await proveInclusion(index, 300, read);
          expect(proof.map(hex)).toEqual(naiveInclusionProof(index, list).map(hex));
        }
      }
    }
  });

  test('refuse a tile of another width than asked for', async () => {
    const short: ReadTile = async (level, n, width) =>
      (await tilesOver(numberedLeaves(300))(level, n, width)).subarray(32);
    await expect(proveInclusion(5, 300, short)).rejects.toThrow('tile/0/000 has 8160 bytes');
  });
});

/**
 * A tree too large to have: every leaf is alike but for a few. The hash of a subtree without one of those follows from its height.
 */
function sparseTree(special: ReadonlyMap<number, Buffer>) {
  const plain = [leafHash(Buffer.from('plain'))];
  const plainAt = (height: number): Buffer => (plain[height] ??= nodeHash(plainAt(height - 1), plainAt(height - 1)));
  const hashAt = (height: number, index: number): Buffer => {
    const [first, leaves] = [index * 2 ** height, 2 ** height];
    const isPlain = ![...special.keys()].some((leaf) => leaf >= first && leaf < first + leaves);
    if (isPlain) return plainAt(height);
    return height === 0
      ? special.get(index)!
      : nodeHash(hashAt(height - 1, index * 2), hashAt(height - 1, index * 2 + 1));
  };
  const read: ReadTile = (level, n, width) =>
    Promise.resolve(
      Buffer.concat(Array.from({ length: width }, (_, position) => hashAt(level * 8, n * tileWidth + position))),
    );
  return { read, leafAt: (index: number) => special.get(index) ?? plainAt(0) };
}

describe('a tree beyond 2^32 leaves', () => {
  const far = [3, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 70_000, 2 ** 40 + 1];
  const tree = sparseTree(new Map(far.map((index) => [index, numberedLeaf(index)])));
  const sizes = [2 ** 32, 2 ** 32 + 1, 2 ** 32 + 70_001, 2 ** 40 + 2, 2 ** 40 + 65_793, 2 ** 52 + 12_345];

  test.each(sizes)('of %i leaves proves where its leaves are, and nothing else', async (size) => {
    const root = await rootFromTiles(size, tree.read);
    for (const index of [0, ...far, size - 1].filter((index) => index < size)) {
      const proof = await proveInclusion(index, size, tree.read);
      expect(verifyInclusion(tree.leafAt(index), index, size, proof, root)).toBe(true);
      expect(verifyInclusion(numberedLeaf(1), index, size, proof, root)).toBe(false);
      // 32-bit arithmetic would take these for one another.
      const alias = index >= 2 ** 32 ? index - 2 ** 32 : index + 2 ** 32;
      expect(verifyInclusion(tree.leafAt(index), alias, size, proof, root)).toBe(false);
    }
  });

  test('grows consistently', async () => {
    for (const old of [1, 2 ** 31, ...sizes.slice(0, -1)]) {
      for (const size of sizes.filter((size) => size > old)) {
        const proof = await proveConsistency(old, size, tree.read);
        const [oldRoot, root] = [await rootFromTiles(old, tree.read), await rootFromTiles(size, tree.read)];
        expect(verifyConsistency(old, size, proof, oldRoot, root)).toBe(true);
        expect(verifyConsistency(old, size, proof, numberedLeaf(0), root)).toBe(false);
      }
    }
  });

  test('is gone on with from its right edge', async () => {
    for (const size of [2 ** 32 - 1, 2 ** 32 + 70_000, 2 ** 40]) {
      const edge = await RightEdge.load(size, tree.read);
      expect(hex(edge.root())).toBe(hex(await rootFromTiles(size, tree.read)));
      edge.append(tree.leafAt(size));
      expect(edge.size).toBe(size + 1);
      expect(hex(edge.root())).toBe(hex(await rootFromTiles(size + 1, tree.read)));
    }
  });
});

describe('the right edge', () => {
  test('completes exactly the tiles of the definition, and knows the root at every size', () => {
    const leaves = numberedLeaves(65_537);
    const edge = RightEdge.empty();
    const frontier = Frontier.empty();
    const completed: string[] = [];
    leaves.forEach((leaf, index) => {
      for (const { level, n, hashes, root } of edge.append(leaf)) {
        completed.push(tilePath({ level, n, width: tileWidth }));
        const span = tileWidth ** level;
        const expected = Array.from({ length: tileWidth }, (_, position) => {
          const first = (n * tileWidth + position) * span;
          return level === 0 ? leaves[first]! : rootOfLeaves(leaves.slice(first, first + span));
        });
        expect(hex(hashes)).toBe(hex(Buffer.concat(expected)));
        expect(hex(root)).toBe(hex(rootOfLeaves(leaves.slice(n * tileWidth * span, (n + 1) * tileWidth * span))));
      }
      frontier.append(leaf);
      if (index < 600 || index > 65_530) expect(hex(edge.root())).toBe(hex(frontier.root()));
    });
    const level0 = Array.from({ length: 256 }, (_, n) => tilePath({ level: 0, n, width: tileWidth }));
    expect(completed).toEqual([...level0, 'tile/1/000']);
    expect(edge.partialTiles()).toEqual([
      { level: 0, n: 256, width: 1 },
      { level: 2, n: 0, width: 1 },
    ]);
    expect(edge.partialHashes(0)).toEqual(leaves[65_536]);
    expect(edge.partialHashes(1)).toHaveLength(0);
  });

  test('is the same whether tiles are appended as a whole or hash by hash', () => {
    const leaves = numberedLeaves(65_536 + 2 * 256 + 3);
    const [one, whole] = [RightEdge.empty(), RightEdge.empty()];
    for (let first = 0; first < leaves.length; first += tileWidth) {
      const some = leaves.slice(first, first + tileWidth);
      const completed = some.flatMap((leaf) => one.append(leaf));
      // Every third tile leaf by leaf here too: the two may alternate.
      const isWhole = some.length === tileWidth && first % (3 * tileWidth) !== 0;
      expect(isWhole ? whole.appendTile(Buffer.concat(some)) : some.flatMap((leaf) => whole.append(leaf))).toEqual(
        completed,
      );
      expect([whole.size, hex(whole.root())]).toEqual([one.size, hex(one.root())]);
    }
    expect(whole.partialTiles()).toEqual(one.partialTiles());
    expect(() => whole.appendTile(Buffer.alloc(8192))).toThrow('a tile begins at a multiple of 256');
  });

  test('is the same after a restart, at any size', async () => {
    const leaves = numberedLeaves(600);
    await fc.assert(
      fc.asyncProperty(fc.nat(600), async (size) => {
        const edge = await RightEdge.load(size, tilesOver(leaves.slice(0, size)));
        expect(hex(edge.root())).toBe(hex(naiveRoot(leaves.slice(0, size))));
        const copy = edge.copy();
        for (const leaf of leaves.slice(size)) copy.append(leaf);
        expect(hex(copy.root())).toBe(hex(naiveRoot(leaves)));
        expect(edge.size).toBe(size);
      }),
      { numRuns: 40 },
    );
  });
});
