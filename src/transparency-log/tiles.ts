/**
 * Proofs and roots from hash tiles (c2sp.org/tlog-tiles): which tiles are needed, and what follows from them. Nothing is trusted
 * here: whoever gets a proof verifies it against a signed root.
 */
import {
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  type PerfectNode,
  perfectNodesOf,
  rootOfRange,
} from './merkle-proof.js';
import { hashAt, hashBytes, nodeHash } from './merkle.js';
import { type TileCoordinate, tilePath, tileWidth, widthOf } from './tile-path.js';
import { VerificationError } from './finding.js';

/**
 * Gives the first `width` hashes of a tile, concatenated: `width` × 32 bytes. A buffer that was given is not changed afterwards: what
 * follows from it is remembered with it, so that giving the same buffer again makes the next proof cheap.
 */
export type ReadTile = (level: number, n: number, width: number) => Promise<Buffer>;

const tileHeight = 8;

/** The proof that leaf `index` is in the tree of `size` > `index`: hashes, leaf's sibling first. */
export function proveInclusion(index: number, size: number, readTile: ReadTile): Promise<Buffer[]> {
  return rootsOfRanges(inclusionRanges(index, size), size, readTile);
}

/** The proof that the tree of `newSize` begins with that of `oldSize`. Empty for `oldSize` 0 and for equal sizes. */
export async function proveConsistency(oldSize: number, newSize: number, readTile: ReadTile): Promise<Buffer[]> {
  return oldSize === 0 ? [] : rootsOfRanges(consistencyRanges(oldSize, newSize), newSize, readTile);
}

/**
 * The root of the tree of `size`: 32 bytes.
 * @param treeSize reads the tiles of this larger tree, which begins with the one asked for.
 */
export async function rootFromTiles(size: number, readTile: ReadTile, treeSize = size): Promise<Buffer> {
  const [root] = await rootsOfRanges([{ start: 0, end: size }], treeSize, readTile);
  return root!;
}

/** The tiles that hold the hashes of these ranges in a tree of `size`, each once, no wider than that tree has them. */
export function tilesOf(ranges: readonly LeafRange[], size: number): TileCoordinate[] {
  const tiles = new Map<string, TileCoordinate>();
  for (const node of ranges.flatMap(perfectNodesOf)) {
    const tile = placeOf(node, size).tile;
    tiles.set(tilePath(tile), tile);
  }
  return [...tiles.values()];
}

/** Where a perfect subtree's hashes are: the `count` hashes of `tile` from `offset` on. */
function placeOf(
  { height, index }: PerfectNode,
  size: number,
): { tile: TileCoordinate; offset: number; count: number } {
  const level = Math.floor(height / tileHeight);
  const count = 2 ** (height % tileHeight);
  const first = index * count;
  const n = Math.floor(first / tileWidth);
  return { tile: { level, n, width: widthOf(level, n, size) }, offset: first - n * tileWidth, count };
}

/** At most about 2 × 53 ranges' worth of tiles, 14 of them distinct per proof on average: read all at once. */
async function rootsOfRanges(ranges: readonly LeafRange[], size: number, readTile: ReadTile): Promise<Buffer[]> {
  const contents = new Map<string, Buffer>();
  await Promise.all(
    tilesOf(ranges, size).map(async (tile) => {
      const hashes = await readTile(tile.level, tile.n, tile.width);
      if (hashes.length !== tile.width * hashBytes) {
        throw new VerificationError('malformed-tile', `${tilePath(tile)} has ${hashes.length} bytes`);
      }
      contents.set(tilePath(tile), hashes);
    }),
  );
  return ranges.map((range) =>
    rootOfRange(range, (node) => {
      const { tile, offset, count } = placeOf(node, size);
      return hashAt(rowsOf(contents.get(tilePath(tile))!).get(count)!, offset / count);
    }),
  );
}

const rows = new WeakMap<Buffer, ReadonlyMap<number, Buffer>>();

/**
 * The complete subtrees inside a tile: by the number of hashes under them (1, 2, 4, … 128), their roots, concatenated. Computed once
 * for a buffer: 255 hashes, 70 µs; without this every receipt would compute them again.
 */
function rowsOf(tile: Buffer): ReadonlyMap<number, Buffer> {
  const known = rows.get(tile);
  if (known) return known;
  const computed = new Map([[1, tile]]);
  for (let count = 2, below = tile; count < tileWidth; count *= 2) {
    const row = Buffer.alloc(Math.floor(below.length / hashBytes / 2) * hashBytes);
    for (let node = 0; node * hashBytes < row.length; node += 1) {
      nodeHash(hashAt(below, 2 * node), hashAt(below, 2 * node + 1)).copy(row, node * hashBytes);
    }
    computed.set(count, row);
    below = row;
  }
  rows.set(tile, computed);
  return computed;
}
