/** Where C2SP tlog-tiles keeps hashes and entries of a log of a given size, and how an entry bundle is taken apart. */
import type { Bytes } from './bytes.js';
import { tileWidth } from './merkle.js';

/** One tile or bundle: `width` is 256 when it is full. */
export interface Tile {
  readonly index: number;
  readonly width: number;
}

/** The tiles that hold `count` things, the last one perhaps partial. */
export function tilesFor(count: number): readonly Tile[] {
  return Array.from({ length: Math.ceil(count / tileWidth) }, (_, index) => ({
    index,
    width: Math.min(tileWidth, count - index * tileWidth),
  }));
}

/** `x001/x234/067`, with `.p/<width>` behind it when the tile is partial. */
export function tilePath({ index, width }: Tile): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const path = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === tileWidth ? path : `${path}.p/${width}`;
}

/** How many things the tile at `index` of a level holds in a log of `size`. */
export function widthAt(level: number, index: number, size: number): number {
  return Math.min(tileWidth, Math.max(0, Math.floor(size / tileWidth ** level) - index * tileWidth));
}

/** The whole entries that a bundle begins with, each behind its length as two bytes, and whether anything comes behind them. */
export function wholeEntriesOf(bundle: Bytes): { readonly entries: readonly Bytes[]; readonly hasRest: boolean } {
  const entries: Bytes[] = [];
  let at = 0;
  for (;;) {
    const [high, low] = [bundle[at], bundle[at + 1]];
    const end = high === undefined || low === undefined ? Infinity : at + 2 + high * 256 + low;
    if (end > bundle.length) return { entries, hasRest: at < bundle.length };
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
}

/** The 32-byte hashes of a tile, or null when its length is no multiple of 32. */
export function hashesOf(tile: Bytes): readonly Bytes[] | null {
  if (tile.length % 32 !== 0) return null;
  return Array.from({ length: tile.length / 32 }, (_, place) => tile.slice(place * 32, place * 32 + 32));
}
