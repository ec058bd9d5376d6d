/**
 * Names of the resources of a tiled log (c2sp.org/tlog-tiles): `tile/<L>/<N>[.p/<W>]` for hashes and `tile/entries/<N>[.p/<W>]` for
 * entry bundles, N in groups of three digits. One resource has exactly one name; any other spelling is no name at all.
 */
import { invariant } from '../kernel/errors.js';
import { isTreeSize } from './merkle.js';

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;

/** Tile levels a tree of up to 2^53 - 1 leaves can have (256^6 = 2^48). */
export const tileLevels = 7;

/** The `n`-th tile of a level, cut to its first `width` (1 to 256) hashes. */
export interface TileCoordinate {
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** The `n`-th entry bundle, cut to its first `width` (1 to 256) entries. */
export interface BundleCoordinate {
  readonly n: number;
  readonly width: number;
}

/** Number of complete subtrees of 256^`level` leaves in a tree of `size`: how many hashes the level has. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** How many hashes the `n`-th tile of a level has in a tree of `size`: 0 when there is no such tile. */
export function widthOf(level: number, n: number, size: number): number {
  return Math.min(tileWidth, Math.max(0, hashesAt(level, size) - n * tileWidth));
}

/** For example `tile/0/x001/x234/067` or `tile/1/000.p/17`. */
export function tilePath({ level, n, width }: TileCoordinate): string {
  invariant(Number.isInteger(level) && level >= 0 && level < 64, 'a tile level is 0 to 63');
  return `tile/${level}/${numberPath(n, width)}`;
}

/** For example `tile/entries/000.p/3`. */
export function bundlePath({ n, width }: BundleCoordinate): string {
  return `tile/entries/${numberPath(n, width)}`;
}

const pathPattern =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads a path, or null when it is not the one name of a tile or bundle. A bundle has the level `entries`. */
export function parseTilePath(path: string): { level: number | 'entries'; n: number; width: number } | null {
  const match = pathPattern.exec(path);
  if (!match) return null;
  const [, level, digits, partial] = match;
  const n = Number(digits!.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? tileWidth : Number(partial);
  if (!isTreeSize(n) || width > tileWidth) return null;
  // Writing it again refuses `x000/001`, `.p/256` and their like.
  if (`tile/${level}/${numberPath(n, width)}` !== path) return null;
  return { level: level === 'entries' ? level : Number(level), n, width };
}

function numberPath(n: number, width: number): string {
  invariant(isTreeSize(n), 'a tile number is 0 to 2^53 - 1');
  invariant(Number.isInteger(width) && width >= 1 && width <= tileWidth, 'a tile is 1 to 256 wide');
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return width === tileWidth ? path : `${path}.p/${width}`;
}
