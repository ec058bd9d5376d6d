/**
 * Remembers of every provision what a later void must match, in 11 bytes per log entry: a log of a hundred million entries is
 * checked in about a gigabyte. Of the tag it keeps 32 bits, enough to see a wrong one by accident; a void under a tag forged to match is
 * found by the resident's own completeness check.
 */
import { hexByteAt } from '../kernel/hex-digits.js';
import type { EntryOf } from './entry.js';

const free = 0;
const provided = 1;
const voided = 2;

export type VoidOutcome = 'voided' | 'none' | 'twice' | 'differs';

export class ProvisionLedger {
  private states = new Uint8Array(1024);
  private tags = new Uint32Array(1024);
  private recipients = new Uint32Array(1024);
  private months = new Uint16Array(1024);
  private latest = { at: '', month: 0 };
  private readonly recipientNumbers = new Map<string, number>();

  /** Takes a provision at `index`; indices ascend. */
  add(index: number, { at, recipient, tag }: EntryOf<'provision'>): void {
    if (index >= this.states.length) this.grow(index);
    this.states[index] = provided;
    this.tags[index] = tagStart(tag);
    this.recipients[index] = this.numberOf(recipient);
    this.months[index] = this.monthOf(at);
  }

  /** Entries come in batches: most have the minute of the one before. */
  private monthOf(at: string): number {
    if (at !== this.latest.at) this.latest = { at, month: monthNumber(at) };
    return this.latest.month;
  }

  /** Takes a void. A tag is comparable only within its month. */
  void({ at, of, recipient, tag }: EntryOf<'void'>): VoidOutcome {
    const state = this.states[of] ?? free;
    if (state === free) return 'none';
    if (state === voided) return 'twice';
    this.states[of] = voided;
    const isSameMonth = this.months[of] === monthNumber(at);
    const differs =
      this.recipients[of] !== this.numberOf(recipient) || (isSameMonth && this.tags[of] !== tagStart(tag));
    return differs ? 'differs' : 'voided';
  }

  private numberOf(recipient: string): number {
    const known = this.recipientNumbers.get(recipient);
    if (known !== undefined) return known;
    this.recipientNumbers.set(recipient, this.recipientNumbers.size);
    return this.recipientNumbers.size - 1;
  }

  private grow(index: number): void {
    const length = Math.max(index + 1, this.states.length * 2);
    const grown = <T extends Uint8Array | Uint16Array | Uint32Array>(larger: T, from: T): T => (
      larger.set(from),
      larger
    );
    this.states = grown(new Uint8Array(length), this.states);
    this.tags = grown(new Uint32Array(length), this.tags);
    this.recipients = grown(new Uint32Array(length), this.recipients);
    this.months = grown(new Uint16Array(length), this.months);
  }
}

function tagStart(tag: string): number {
  return ((hexByteAt(tag, 0) << 24) | (hexByteAt(tag, 2) << 16) | (hexByteAt(tag, 4) << 8) | hexByteAt(tag, 6)) >>> 0;
}

function monthNumber(at: string): number {
  return Number(at.slice(0, 4)) * 12 + Number(at.slice(5, 7));
}
