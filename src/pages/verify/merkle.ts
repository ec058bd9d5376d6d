/** The Merkle tree hash of RFC 6962 section 2.1 and the tiles of C2SP tlog-tiles, in the order of magnitude a browser can carry. */
import { concat, sha256, type Bytes } from './bytes.js';

/** How many hashes one tile holds. */
export const tileWidth = 256;
const chunk = 2048;

/** SHA-256(0x00 ‖ entry). */
export async function leafHash(entry: Bytes): Promise<Bytes> {
  return await sha256(concat(Uint8Array.of(0), entry));
}

/** SHA-256(0x01 ‖ left ‖ right). */
export async function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return await sha256(concat(Uint8Array.of(1), left, right));
}

/**
 * Root of the tree whose leaves have these hashes. Pairs are joined level by level and an odd last one moves up as it is, which gives
 * the same tree as splitting at the largest power of two. The empty tree is the hash of nothing.
 */
export async function rootOf(hashes: readonly Bytes[]): Promise<Bytes> {
  let level = hashes;
  while (level.length > 1) {
    const next: Bytes[] = [];
    for (let from = 0; from < level.length; from += 2 * chunk) {
      next.push(...(await joinPairs(level.slice(from, from + 2 * chunk))));
    }
    level = next;
  }
  return level[0] ?? (await sha256(new Uint8Array()));
}

async function joinPairs(hashes: readonly Bytes[]): Promise<readonly Bytes[]> {
  const joined: Promise<Bytes>[] = [];
  for (let place = 0; place < hashes.length; place += 2) {
    const [left, right] = [hashes[place], hashes[place + 1]];
    if (left) joined.push(right ? nodeHash(left, right) : Promise.resolve(left));
  }
  return await Promise.all(joined);
}

/** The hashes at tile level 0, 1, 2 …: leaves, then the root of each full tile of the level below. */
export async function tileLevels(leaves: readonly Bytes[]): Promise<readonly (readonly Bytes[])[]> {
  const levels: (readonly Bytes[])[] = [leaves];
  for (let below = leaves; below.length >= tileWidth; below = levels.at(-1) ?? []) {
    const roots: Bytes[] = [];
    for (let tile = 0; (tile + 1) * tileWidth <= below.length; tile += 1) {
      roots.push(await rootOf(below.slice(tile * tileWidth, (tile + 1) * tileWidth)));
    }
    levels.push(roots);
  }
  return levels;
}

/** Root of the first `size` leaves, from the levels of `tileLevels`: full tiles need not be hashed again. */
export async function rootAt(levels: readonly (readonly Bytes[])[], size: number): Promise<Bytes> {
  const full = Math.floor(size / tileWidth);
  const rest = (levels[0] ?? []).slice(full * tileWidth, size);
  const tops = (levels[1] ?? []).slice(0, full);
  return await rootOf(rest.length > 0 ? [...tops, await rootOf(rest)] : tops);
}
