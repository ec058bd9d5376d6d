/**
 * The tags of a stretch of the log as a checker walks it: 40 bytes for each tagged entry, given up as soon as no index or rollup can speak
 * of them any more.
 */
import { hexByteAt } from '../../kernel/hex-digits.js';
import { hashBytes } from '../merkle.js';
import { SortedIndex } from './sorted-index.js';

export class TagCollection {
  private tags = Buffer.alloc(1024 * hashBytes);
  private entries = new Float64Array(1024);
  private count = 0;

  /** @param tag 64 hex digits. @param index larger than every one before. */
  add(tag: string, index: number): void {
    if (this.count === this.entries.length) this.resize(this.count * 2);
    const start = this.count * hashBytes;
    for (let place = 0; place < hashBytes; place += 1) {
      this.tags[start + place] = hexByteAt(tag, place * 2);
    }
    this.entries[this.count] = index;
    this.count += 1;
  }

  /** The index of the entries in [from, to). */
  between(from: number, to: number): SortedIndex {
    const [start, end] = [this.placeOf(from), this.placeOf(to)];
    return SortedIndex.of(this.tags.subarray(start * hashBytes, end * hashBytes), this.entries.subarray(start, end));
  }

  /** The first tagged entry that is not below `index`; null where there is none. */
  firstFrom(index: number): number | null {
    const place = this.placeOf(index);
    return place < this.count ? this.entries[place]! : null;
  }

  /** Forgets the entries below `index`. */
  forget(index: number): void {
    const start = this.placeOf(index);
    if (start === 0) return;
    this.tags.copy(this.tags, 0, start * hashBytes, this.count * hashBytes);
    this.entries.copyWithin(0, start, this.count);
    this.count -= start;
  }

  /** The first place whose entry is not below `index`. */
  private placeOf(index: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.entries[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private resize(length: number): void {
    const [tags, entries] = [Buffer.alloc(length * hashBytes), new Float64Array(length)];
    this.tags.copy(tags);
    entries.set(this.entries);
    [this.tags, this.entries] = [tags, entries];
  }
}
