/** Where tiles that were served are not those that follow from the entries, as findings. */
import { isEqual } from '../kernel/bytes.js';
import type { Finding } from './finding.js';
import { hashAt, hashBytes } from './merkle.js';
import { tilePath, tileWidth } from './tile-path.js';

/** The entries from `first` on, by their leaf hashes, that are not those hashed into the tile of level 0. */
export function entriesThatDiffer(first: number, leaves: Buffer, served: Buffer): Finding[] {
  if (isEqual(leaves, served)) return [];
  const tile = tilePath({ level: 0, n: Math.floor(first / tileWidth), width: tileWidth });
  const positions = Array.from({ length: leaves.length / hashBytes }, (_, position) => position);
  return positions
    .filter((position) => !isEqual(hashAt(leaves, position), hashAt(served, position)))
    .map((position) => {
      const index = first + position;
      const message = `entry ${index} is not the one that was hashed into the tree (${tile}, hash ${position})`;
      return { code: 'entry-differs-from-tile', place: `entry ${index}`, index, message };
    });
}

/** The first hash of a tile above the leaves that is not the computed one; null when there is none. Both have as many. */
export function tileThatDiffers(level: number, n: number, computed: Buffer, served: Buffer): Finding | null {
  if (isEqual(served, computed)) return null;
  let hash = 0;
  while (isEqual(hashAt(served, hash), hashAt(computed, hash))) hash += 1;
  const place = tilePath({ level, n, width: computed.length / hashBytes });
  const span = tileWidth ** level;
  const first = (n * tileWidth + hash) * span;
  const message = `hash ${hash} of ${place} does not follow from entries ${first} to ${first + span - 1}`;
  return { code: 'tile-differs', place, index: first, message };
}
