/** Entry bundles (c2sp.org/tlog-tiles, log entries): each entry preceded by its length as a big-endian uint16. */
import { invariant } from '../kernel/errors.js';
import { VerificationError } from './finding.js';
import { tileWidth } from './tile-path.js';

const lengthBytes = 2;
/** What a bundle can say of the length of an entry. */
export const entryBytesLimit = 0xffff;

export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  invariant(entries.length >= 1 && entries.length <= tileWidth, 'a bundle has 1 to 256 entries');
  const bundle = Buffer.alloc(entries.reduce((sum, entry) => sum + lengthBytes + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    invariant(entry.length <= entryBytesLimit, 'an entry has at most 65535 bytes');
    offset = bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset);
    offset += entry.length;
  }
  return bundle;
}

/**
 * Exactly `count` entries, as views into `bundle`. Throws `VerificationError` when the bundle has fewer, more, or a length that
 * leads past its end.
 */
export function decodeBundle(bundle: Buffer, count: number): Buffer[] {
  const entries: Buffer[] = [];
  let offset = 0;
  while (offset < bundle.length && entries.length < count) {
    const start = offset + lengthBytes;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(offset) : Infinity;
    if (end > bundle.length) throw new VerificationError('malformed-bundle', `entry ${entries.length} is cut off`);
    entries.push(bundle.subarray(start, end));
    offset = end;
  }
  if (entries.length < count) {
    throw new VerificationError('malformed-bundle', `it has ${entries.length} entries, not ${count}`);
  }
  if (offset !== bundle.length) throw new VerificationError('malformed-bundle', `bytes follow its ${count} entries`);
  return entries;
}

/** Where the whole entries end that a bundle begins with, `most` of them at most: one number for each. */
export function endsOfEntries(bundle: Buffer, most: number): number[] {
  const ends: number[] = [];
  for (let offset = 0; ends.length < most && offset + lengthBytes <= bundle.length;) {
    offset += lengthBytes + bundle.readUInt16BE(offset);
    if (offset > bundle.length) break;
    ends.push(offset);
  }
  return ends;
}

/** The first `count` entries' part of a bundle that may have more, for a server or client that holds the full one. */
export function cutBundle(bundle: Buffer, count: number): Buffer {
  let offset = 0;
  for (let entry = 0; entry < count; entry += 1) {
    if (offset + lengthBytes > bundle.length) {
      throw new VerificationError('malformed-bundle', `it has ${entry} entries, not ${count}`);
    }
    offset += lengthBytes + bundle.readUInt16BE(offset);
  }
  if (offset > bundle.length) throw new VerificationError('malformed-bundle', `entry ${count - 1} is cut off`);
  return bundle.subarray(0, offset);
}
