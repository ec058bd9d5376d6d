/**
 * Where the log ends: the right edge of its tree, the entries of the bundle still being filled, and those that tell of the log's keys. It is what a
 * signer keeps between checkpoints, and all it needs to sign and to write the next tiles and bundles without reading old ones.
 */
import { leafHash } from '../merkle.js';
import { type CompletedTile, RightEdge } from '../right-edge.js';
import { tileWidth } from '../tile-path.js';

/** What a stretch of entries added: tiles and bundles that became full. */
export interface Growth {
  readonly tiles: CompletedTile[];
  readonly bundles: { readonly n: number; readonly entries: readonly Buffer[] }[];
}

export function noGrowth(): Growth {
  return { tiles: [], bundles: [] };
}

/** An entry of the kind `key`, as it stands in the log. */
export interface KeyLine {
  readonly index: number;
  readonly entry: Buffer;
}

const keyStart = Buffer.from('{"v":1,"t":"key",');

export class LogHead {
  private constructor(
    private readonly edge: RightEdge,
    /** The entries since the last full bundle: at most 255. */
    private entries: Buffer[],
    private keyLines: readonly KeyLine[],
    private firstEntry: Buffer | null,
    private lastEntry: Buffer | null,
  ) {}

  static empty(): LogHead {
    return new LogHead(RightEdge.empty(), [], [], null, null);
  }

  get size(): number {
    return this.edge.size;
  }

  /** Every entry so far that tells of a key, in order. */
  get keys(): readonly KeyLine[] {
    return this.keyLines;
  }

  /** Entry 0; null while there is none. */
  get first(): Buffer | null {
    return this.firstEntry;
  }

  /** The newest entry; null while there is none. */
  get last(): Buffer | null {
    return this.lastEntry;
  }

  /** Root of the tree: 32 bytes. */
  root(): Buffer {
    return this.edge.root();
  }

  /** Appends an entry by its bytes; what became full is added to `growth`. */
  append(entry: Buffer, growth: Growth | null): void {
    if (entry.subarray(0, keyStart.length).equals(keyStart)) {
      this.keyLines = [...this.keyLines, { index: this.size, entry }];
    }
    this.firstEntry ??= entry;
    this.lastEntry = entry;
    const completed = this.edge.append(leafHash(entry));
    this.entries.push(entry);
    growth?.tiles.push(...completed);
    if (this.entries.length < tileWidth) return;
    growth?.bundles.push({ n: this.size / tileWidth - 1, entries: this.entries });
    this.entries = [];
  }

  /** The bundle being filled, null where the last one is full. */
  partialBundle(): { n: number; entries: readonly Buffer[] } | null {
    return this.entries.length === 0 ? null : { n: Math.floor(this.size / tileWidth), entries: this.entries };
  }

  /** The tiles being filled, lowest level first. */
  partialTiles(): { level: number; n: number; hashes: Buffer }[] {
    return this.edge.partialTiles().map(({ level, n }) => ({ level, n, hashes: this.edge.partialHashes(level) }));
  }

  /** An independent copy, to try a batch on. */
  copy(): LogHead {
    return new LogHead(this.edge.copy(), [...this.entries], this.keyLines, this.firstEntry, this.lastEntry);
  }
}
