/** Says what is wrong with a bundle that was not proved: an entry that is not the one hashed into the tree, or hash tiles that lead elsewhere. */
import type { Finding } from '../finding.js';
import { hashBytes } from '../merkle.js';
import type { LogReader } from '../reader.js';
import { tilePath, tileWidth } from '../tile-path.js';

/** @param hashes of the entries as served. */
export async function blameBundle(
  n: number,
  hashes: readonly Buffer[],
  size: number,
  source: LogReader,
): Promise<Finding> {
  const place = tilePath({ level: 0, n, width: hashes.length });
  const tile = await source.tile(0, n, hashes.length);
  const position = hashes.findIndex((hash, at) => hash.compare(tile, at * hashBytes, (at + 1) * hashBytes) !== 0);
  if (position >= 0) {
    const index = n * tileWidth + position;
    const message = `entry ${index} is not the one that was hashed into the tree (${place}, hash ${position})`;
    return { code: 'entry-differs-from-tile', place: `entry ${index}`, index, message };
  }
  const range = `entries ${n * tileWidth} to ${n * tileWidth + hashes.length - 1}`;
  const message = `${range} agree with ${place}, but the hash tiles do not lead to the root signed for ${size} entries`;
  return { code: 'tile-differs', place: range, index: n * tileWidth, message };
}
