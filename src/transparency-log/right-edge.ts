/**
 * The right edge of a growing log: on each level the tile still being filled. It is what a signer keeps between batches. Appending
 * tells which tiles were completed; the root follows at any time. State: at most 255 hashes on each of seven levels, and the
 * roots of the tree's perfect subtrees.
 */
import { invariant } from '../kernel/errors.js';
import { VerificationError } from './finding.js';
import { Frontier, hashBytes, isTreeSize, rootOver } from './merkle.js';
import { hashesAt, type TileCoordinate, tileLevels, tilePath, tileWidth } from './tile-path.js';
import type { ReadTile } from './tiles.js';

/** A tile that became full: immutable from now on. */
export interface CompletedTile {
  readonly level: number;
  readonly n: number;
  /** 256 × 32 bytes. */
  readonly hashes: Buffer;
  /** Root over its hashes, which is its entry in the level above: 32 bytes. */
  readonly root: Buffer;
}

export class RightEdge {
  /** Of the tree as it is, once it was asked for: a signature asks four times. */
  private knownRoot: Buffer | null = null;

  private constructor(
    private readonly levels: Buffer[],
    /** The same edge as the roots of perfect subtrees: from them the root follows in some twenty hashes, from the tiles in hundreds. */
    private frontier: Frontier,
  ) {}

  static empty(): RightEdge {
    return new RightEdge([], Frontier.empty());
  }

  /** The edge of the log of `size`, from its partial tiles. It is as good as they are: compare `root()` with a signed one. */
  static async load(size: number, readTile: ReadTile): Promise<RightEdge> {
    invariant(isTreeSize(size), 'a tree has 0 to 2^53 - 1 leaves');
    const edge = new RightEdge([], Frontier.of(size, []));
    const subtrees: Buffer[] = [];
    for (let level = 0; level < tileLevels; level += 1) {
      const hashes = hashesAt(level, size);
      const tile = { level, n: Math.floor(hashes / tileWidth), width: hashes % tileWidth };
      if (tile.width === 0) continue;
      const content = await readTile(tile.level, tile.n, tile.width);
      if (content.length !== tile.width * hashBytes) {
        throw new VerificationError('malformed-tile', `${tilePath(tile)} has ${content.length} bytes`);
      }
      content.copy(edge.level(level));
      subtrees.unshift(...perfectSubtrees(content));
    }
    edge.frontier = Frontier.of(size, subtrees);
    return edge;
  }

  /** Number of leaves. */
  get size(): number {
    return this.frontier.size;
  }

  /** Appends one leaf by its hash and returns the tiles that this filled, lowest level first: mostly none. */
  append(leaf: Uint8Array): CompletedTile[] {
    invariant(leaf.length === hashBytes, 'a leaf hash has 32 bytes');
    invariant(isTreeSize(this.size + 1), 'a tree has at most 2^53 - 1 leaves');
    const completed = this.put(leaf, 0);
    this.frontier.append(leaf);
    this.knownRoot = null;
    return completed;
  }

  /**
   * The same for 256 leaves at once, where a tile begins: a third of the hashes less than one by one.
   * @param leaves their hashes, 256 × 32 bytes
   */
  appendTile(leaves: Buffer): CompletedTile[] {
    invariant(leaves.length === tileWidth * hashBytes, 'a tile has 256 hashes');
    invariant(this.size % tileWidth === 0, 'a tile begins at a multiple of 256');
    const root = rootOver(leaves);
    const completed = [{ level: 0, n: this.size / tileWidth, hashes: leaves, root }, ...this.put(root, 1)];
    this.frontier.appendSubtree(root, tileWidth);
    this.knownRoot = null;
    return completed;
  }

  /** Puts a hash at the end of a level, and the root of each tile that this fills at the end of the next. */
  private put(first: Uint8Array, lowest: number): CompletedTile[] {
    const completed: CompletedTile[] = [];
    let hash = first;
    for (let level = lowest; level < tileLevels; level += 1) {
      const position = hashesAt(level, this.size);
      const offset = position % tileWidth;
      const tile = this.level(level);
      tile.set(hash, offset * hashBytes);
      if (offset < tileWidth - 1) break;
      const root = rootOver(tile);
      completed.push({ level, n: Math.floor(position / tileWidth), hashes: Buffer.from(tile), root });
      hash = root;
    }
    return completed;
  }

  /** Root of the tree: 32 bytes. Not to be written to. */
  root(): Buffer {
    return (this.knownRoot ??= this.frontier.root());
  }

  /** Where the tiles still being filled are, lowest level first. */
  partialTiles(): TileCoordinate[] {
    const tiles: TileCoordinate[] = [];
    for (let level = 0; level < tileLevels; level += 1) {
      const hashes = hashesAt(level, this.size);
      if (hashes % tileWidth > 0) tiles.push({ level, n: Math.floor(hashes / tileWidth), width: hashes % tileWidth });
    }
    return tiles;
  }

  /** The hashes so far of the tile being filled on a level: a multiple of 32 bytes, possibly none. */
  partialHashes(level: number): Buffer {
    return Buffer.from(this.level(level).subarray(0, (hashesAt(level, this.size) % tileWidth) * hashBytes));
  }

  /** An independent copy, to try a batch on. */
  copy(): RightEdge {
    return new RightEdge(
      this.levels.map((level) => Buffer.from(level)),
      this.frontier.copy(),
    );
  }

  private level(level: number): Buffer {
    while (this.levels.length <= level) this.levels.push(Buffer.alloc(tileWidth * hashBytes));
    return this.levels[level]!;
  }
}

/** The roots of the perfect subtrees over the hashes of a partial tile, largest first. */
function perfectSubtrees(hashes: Buffer): Buffer[] {
  const roots: Buffer[] = [];
  let from = 0;
  for (let width = tileWidth / 2; width >= 1; width /= 2) {
    if (hashes.length - from < width * hashBytes) continue;
    roots.push(rootOver(hashes.subarray(from, from + width * hashBytes)));
    from += width * hashBytes;
  }
  return roots;
}
