/** Asks for each tile once while it is in use: neighbouring proofs need the same ones above the lowest level. */
import { tilePath } from '../tile-path.js';
import type { ReadTile } from '../tiles.js';

/** A proof in the largest tree touches seven levels twice; a few neighbours fit, half a megabyte at most. */
const tilesMax = 64;

export function rememberTiles(read: ReadTile): ReadTile {
  const known = new Map<string, Promise<Buffer>>();
  return (level, n, width) => {
    const path = tilePath({ level, n, width });
    const found = known.get(path);
    // Taken out and put in again: the first in the map is the one not asked for longest.
    known.delete(path);
    const tile = found ?? read(level, n, width);
    known.set(path, tile);
    if (known.size > tilesMax) known.delete(known.keys().next().value!);
    tile.catch(() => known.delete(path));
    return tile;
  };
}
