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

/** The entries of a bundle, each behind its length as two bytes, or null when the bytes do not divide so. */
export function entriesOf(bundle: Bytes): readonly Bytes[] | null {
  const entries: Bytes[] = [];
  let at = 0;
  while (at < bundle.length) {
    const [high, low] = [bundle[at], bundle[at + 1]];
    if (high === undefined || low === undefined) return null;
    const end = at + 2 + high * 256 + low;
    if (end > bundle.length) return null;
    entries.push(bundle.slice(at + 2, end));
    at = end;
  }
  return entries;
}

/** The 32-byte hashes of a tile, or null when its length is no multiple of 32. */
export function hashesOf(tile: Bytes): readonly Bytes[] | null {
  if (tile.length % 32 !== 0) return null;
  return Array.from({ length: tile.length / 32 }, (_, place) => tile.slice(place * 32, place * 32 + 32));
}
