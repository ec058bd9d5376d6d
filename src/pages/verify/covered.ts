/**
 * Reads what a signed checkpoint covers. What is not there, or ends too early, is asked for again; what still is not there is proof that the log does not
 * show what it signed. That nothing is answered proves nothing, and is thrown on.
 */
import { isEqual, type Bytes } from './bytes.js';
import { leafHash, tileWidth } from './merkle.js';
import { hashesOf, tilePath, widthAt, wholeEntriesOf, type Tile } from './tiles.js';

/** Fetches parts of the log; a part that is certainly not there is null, a failing connection throws. */
export interface LogReader {
  checkpoint(): Promise<Bytes | null>;
  tile(level: number, path: string): Promise<Bytes | null>;
  entries(path: string): Promise<Bytes | null>;
  /** When to ask again for what is not there, after the first time. */
  readonly pausesMs?: readonly number[];
}

/** Entries by their first and last index, and the file that should hold them or their hashes. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly path: string;
}

/** What is not there, although the checkpoint covers it. */
export class Missing {
  constructor(readonly place: Place) {}
}

/** Where a tile of a level or, on the level `entries`, a bundle lies, and which entries it is about. */
export function placeOf(level: number | 'entries', tile: Tile): Place {
  const span = level === 'entries' ? 1 : tileWidth ** level;
  const from = tile.index * tileWidth * span;
  return { from, to: from + tile.width * span - 1, path: `tile/${level}/${tilePath(tile)}` };
}

export class CoveredLog {
  /** @param sizeNow the size of the log as it shows it now; throws when it does not show it any more */
  constructor(
    private readonly reader: LogReader,
    private readonly sizeNow: () => Promise<number>,
  ) {}

  /** Exactly the entries of a bundle; null when there are bytes between or behind them that are none. */
  async entries(bundle: Tile): Promise<readonly Bytes[] | Missing | null> {
    let isClean = true;
    const found = await this.read(bundle, 0, async (width) => {
      const bytes = await this.reader.entries(tilePath({ ...bundle, width }));
      const whole = bytes && wholeEntriesOf(bytes);
      if (whole && whole.entries.length >= bundle.width) isClean = !whole.hasRest;
      return whole?.entries ?? null;
    });
    if (found.length < bundle.width) return new Missing(await this.gap(bundle, found));
    return isClean ? found : null;
  }

  /** Exactly the hashes of a tile. */
  async tile(level: number, tile: Tile): Promise<readonly Bytes[] | Missing> {
    const found = await this.read(tile, level, async (width) => {
      const bytes = await this.reader.tile(level, tilePath({ ...tile, width }));
      return bytes && hashesOf(bytes.slice(0, bytes.length - (bytes.length % 32)));
    });
    return found.length < tile.width ? new Missing(placeOf(level, tile)) : found;
  }

  /** The first things of a tile: fewer than its width only if there certainly are no more. A partial one may have given way to the full one. */
  private async read(
    tile: Tile,
    level: number,
    find: (width: number) => Promise<readonly Bytes[] | null>,
  ): Promise<readonly Bytes[]> {
    let widths = [tile.width, tileWidth];
    for (const pauseMs of [...(this.reader.pausesMs ?? []), null]) {
      const found = await firstWith(tile.width, widths, find);
      if (found.length === tile.width) return found;
      if (pauseMs !== null) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      // A log that has grown meanwhile may have it wider only.
      const wider = widthAt(level, tile.index, await this.sizeNow());
      widths = [...new Set([tile.width, Math.max(wider, tile.width), tileWidth])];
    }
    return await firstWith(tile.width, widths, find);
  }

  /** Which entries of a bundle are missing: those that the hash tile has and the bundle leaves out, where that tile is there to tell. */
  private async gap(bundle: Tile, found: readonly Bytes[]): Promise<Place> {
    const whole = placeOf('entries', bundle);
    const bytes = found.length > 0 ? await this.reader.tile(0, tilePath(bundle)).catch(() => null) : null;
    const hashes = bytes ? hashesOf(bytes) : null;
    if (hashes?.length !== bundle.width) return whole;
    const leaves = await Promise.all(found.map(leafHash));
    const agrees = (at: number, place: number) => isEqual(leaves[at]!, hashes[place]!);
    const differs = leaves.findIndex((_, at) => !agrees(at, at));
    if (differs < 0) return { ...whole, from: whole.from + found.length };
    const lost = bundle.width - found.length;
    const isLeftOut = leaves.every((_, at) => at < differs || agrees(at, at + lost));
    const from = whole.from + differs;
    return isLeftOut ? { ...whole, from, to: from + lost - 1 } : whole;
  }
}

/** The first answer that has as much as is wanted, cut to it; else the longest. */
async function firstWith(
  wanted: number,
  widths: readonly number[],
  find: (width: number) => Promise<readonly Bytes[] | null>,
): Promise<readonly Bytes[]> {
  let longest: readonly Bytes[] = [];
  for (const width of new Set(widths)) {
    const found = (await find(width)) ?? [];
    if (found.length >= wanted) return found.slice(0, wanted);
    if (found.length > longest.length) longest = found;
  }
  return longest;
}
