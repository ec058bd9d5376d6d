/**
 * The tags of a stretch of the log as a checker walks it: 40 bytes for each tagged entry, given up as soon as no index or rollup can speak
 * of them any more. They lie in blocks, so that nothing is copied as they become more: memory that is touched for the first time is what takes longest.
 */
import { hashBytes } from '../merkle.js';
import { type TagBytes, tagWords } from '../tag.js';
import { SortedIndex } from './sorted-index.js';

/** How many tags a block has room for. */
const blockTags = 4096;

interface Block {
  readonly tags: Int32Array;
  readonly entries: Float64Array;
}

export class TagCollection {
  /** All but the last are full. */
  private blocks: Block[] = [];
  /** How many of the first block are forgotten. */
  private forgotten = 0;
  /** Those forgotten of the first block among them. */
  private count = 0;

  /** @param index larger than every one before. */
  add({ words }: TagBytes, index: number): void {
    const place = this.count % blockTags;
    if (place === 0)
      this.blocks.push({ tags: new Int32Array(blockTags * tagWords), entries: new Float64Array(blockTags) });
    const { tags, entries } = this.blocks[this.blocks.length - 1]!;
    const start = place * tagWords;
    for (let word = 0; word < tagWords; word += 1) tags[start + word] = words[word]!;
    entries[place] = index;
    this.count += 1;
  }

  /** The index of the entries in [from, to). */
  between(from: number, to: number): SortedIndex {
    const [start, end] = [this.placeOf(from), this.placeOf(to)];
    const [tags, entries] = [new Int32Array((end - start) * tagWords), new Float64Array(end - start)];
    for (let place = start; place < end;) {
      const block = this.blocks[Math.floor(place / blockTags)]!;
      const first = place % blockTags;
      const last = Math.min(blockTags, first + end - place);
      tags.set(block.tags.subarray(first * tagWords, last * tagWords), (place - start) * tagWords);
      entries.set(block.entries.subarray(first, last), place - start);
      place += last - first;
    }
    return SortedIndex.of(Buffer.from(tags.buffer, 0, entries.length * hashBytes), entries);
  }

  /** The first tagged entry that is not below `index`; null where there is none. */
  firstFrom(index: number): number | null {
    const place = this.placeOf(index);
    return place < this.count ? this.entryAt(place) : null;
  }

  /** Forgets the entries below `index`. */
  forget(index: number): void {
    this.forgotten = this.placeOf(index);
    const blocks = Math.floor(this.forgotten / blockTags);
    if (blocks === 0) return;
    this.blocks = this.blocks.slice(blocks);
    this.forgotten -= blocks * blockTags;
    this.count -= blocks * blockTags;
  }

  /** The first place whose entry is not below `index`. */
  private placeOf(index: number): number {
    let [low, high] = [this.forgotten, this.count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.entryAt(middle) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private entryAt(place: number): number {
    return this.blocks[Math.floor(place / blockTags)]!.entries[place % blockTags]!;
  }
}
