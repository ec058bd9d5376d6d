/**
 * The leaf of a completeness index (design section 6): one tag and the digest of the ascending indices of its entries, so that whoever holds
 * the leaf knows all entries of that tag in the range. Hashed as any leaf of RFC 6962.
 */
import { sha256 } from '../../kernel/bytes.js';
import { invariant } from '../../kernel/errors.js';
import { hashBytes, isTreeSize, leafHash } from '../merkle.js';

export interface IndexLeaf {
  /** 32 bytes. */
  readonly tag: Uint8Array;
  /** SHA-256 over the entry indices, ascending, each a big-endian uint64. */
  readonly digest: Uint8Array;
}

export const indexBytes = 8;

/** SHA-256 of the indices, each a big-endian uint64: 32 bytes. Throws unless they ascend, each once, and there is one. */
export function digestOfIndices(indices: readonly number[]): Buffer {
  invariant(isAscending(indices), 'the indices of a leaf ascend, and there is at least one');
  const encoded = Buffer.alloc(indices.length * indexBytes);
  indices.forEach((index, position) => writeIndex(encoded, index, position * indexBytes));
  return sha256(encoded);
}

/** Whether they are whole numbers, strictly ascending, at least one. */
export function isAscending(indices: readonly number[]): boolean {
  return (
    indices.length > 0 &&
    indices.every((index, position) => isTreeSize(index) && (position === 0 || indices[position - 1]! < index))
  );
}

/** Without BigInt: there is one for each tagged entry of a log. */
export function writeIndex(target: Buffer, index: number, offset: number): void {
  target.writeUInt32BE(Math.floor(index / 2 ** 32), offset);
  target.writeUInt32BE(index % 2 ** 32, offset + 4);
}

/** The hash under which the leaf stands in the tree: SHA-256(0x00 ‖ tag ‖ digest). */
export function hashOfLeaf({ tag, digest }: IndexLeaf): Buffer {
  invariant(tag.length === hashBytes && digest.length === hashBytes, 'a leaf is two times 32 bytes');
  return leafHash(Buffer.concat([tag, digest]));
}
