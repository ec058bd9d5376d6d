/**
 * Remembers of every provision what a later void must match, in 11 bytes per log entry: a log of a hundred million entries is
 * checked in about a gigabyte. Of the tag it keeps 32 bits, enough to see a wrong one by accident; a void under a tag forged to match is
 * found by the resident's own completeness check.
 */
import { copyOf, type EntryOf } from './entry.js';
import type { TagBytes } from './tag.js';

const free = 0;
const provided = 1;
const voided = 2;

export type VoidOutcome = 'voided' | 'none' | 'twice' | 'differs';

/** Of how many entries a block keeps what is to be known. In blocks, nothing is copied as a log gets longer. */
const blockEntries = 65_536;

class Block {
  readonly states = new Uint8Array(blockEntries);
  readonly tags = new Int32Array(blockEntries);
  readonly recipients = new Uint32Array(blockEntries);
  readonly months = new Uint16Array(blockEntries);
}

export class ProvisionLedger {
  private readonly blocks = new Map<number, Block>();
  private latest = { at: '', month: 0 };
  private readonly recipientNumbers = new Map<string, number>();

  /** Takes a provision at `index`; indices ascend. */
  add(index: number, { at, recipient }: EntryOf<'provision'>, tag: TagBytes): void {
    const block = this.blockOf(index) ?? this.addBlock(index);
    const place = index % blockEntries;
    block.states[place] = provided;
    block.tags[place] = tag.words[0]!;
    block.recipients[place] = this.numberOf(recipient);
    block.months[place] = this.monthOf(at);
  }

  /** Takes a void. A tag is comparable only within its month. */
  void({ at, of, recipient }: EntryOf<'void'>, tag: TagBytes): VoidOutcome {
    const block = this.blockOf(of);
    const place = of % blockEntries;
    if (!block || block.states[place] === free) return 'none';
    if (block.states[place] === voided) return 'twice';
    block.states[place] = voided;
    const isSameMonth = block.months[place] === monthNumber(at);
    const differs =
      block.recipients[place] !== this.numberOf(recipient) || (isSameMonth && block.tags[place] !== tag.words[0]);
    return differs ? 'differs' : 'voided';
  }

  private blockOf(index: number): Block | undefined {
    return this.blocks.get(Math.floor(index / blockEntries));
  }

  private addBlock(index: number): Block {
    const block = new Block();
    this.blocks.set(Math.floor(index / blockEntries), block);
    return block;
  }

  /** Entries come in batches: most have the minute of the one before. */
  private monthOf(at: string): number {
    if (at !== this.latest.at) this.latest = { at, month: monthNumber(at) };
    return this.latest.month;
  }

  private numberOf(recipient: string): number {
    const known = this.recipientNumbers.get(recipient);
    if (known !== undefined) return known;
    this.recipientNumbers.set(copyOf(recipient), this.recipientNumbers.size);
    return this.recipientNumbers.size - 1;
  }
}

function monthNumber(at: string): number {
  return Number(at.slice(0, 4)) * 12 + Number(at.slice(5, 7));
}
