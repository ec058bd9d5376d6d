/**
 * The two values in an entry that stand for a person without naming one (design section 6): the tag, the same for one resident,
 * one recipient and one month, and the commitment to the detail kept outside the log.
 */
import { sha256, toHex, utf8 } from '../kernel/bytes.js';
import { invariant } from '../kernel/errors.js';

const tagContext = utf8('azukari/tag/v1\0');
const commitmentContext = utf8('azukari/commitment/v1\0');
const tagBytes = 32;
/** Of 32 bits each. */
export const tagWords = 8;
const monthLength = 'YYYY-MM'.length;

/** 64 hex digits: SHA-256("azukari/tag/v1\0" ‖ pairwise id ‖ month). @param pairwiseId 32 bytes. @param at an entry's `at`. */
export function tagOf(pairwiseId: Uint8Array, at: string): string {
  invariant(pairwiseId.length === 32, 'a pairwise id has 32 bytes');
  invariant(/^\d{4}-\d{2}-/.test(at), 'a tag belongs to a month');
  return toHex(sha256(tagContext, pairwiseId, utf8(at.slice(0, monthLength))));
}

/** The 32 bytes of a tag, also as the 8 words in which a checker of a whole log compares and keeps them: one for all its entries. */
export class TagBytes {
  readonly bytes: Buffer = Buffer.alloc(tagBytes);
  /** In the machine's own order of bytes. */
  readonly words = new Int32Array(this.bytes.buffer, this.bytes.byteOffset, tagWords);

  /** @param tag 64 hex digits. */
  static of(tag: string): TagBytes {
    const made = new TagBytes();
    made.set(tag);
    return made;
  }

  set(tag: string): void {
    this.bytes.write(tag, 'hex');
  }
}

/** 64 hex digits: SHA-256("azukari/commitment/v1\0" ‖ nonce ‖ detail). @param nonce 32 bytes. @param detail the exact text. */
export function commitmentOf(nonce: Uint8Array, detail: string): string {
  invariant(nonce.length === 32, 'a nonce has 32 bytes');
  return toHex(sha256(commitmentContext, nonce, utf8(detail)));
}
