/**
 * Chance that can be repeated: SHA-256 in counter mode over a seed. The same seed gives the same bytes on every machine, so that a demo
 * city can be founded twice alike; it protects nothing and must never make a key.
 */
import { sha256, utf8 } from '../kernel/bytes.js';

export class Random {
  private readonly seed: Buffer;
  private block: Buffer = Buffer.alloc(0);
  private offset = 0;
  private counter = 0;

  constructor(seed: string) {
    this.seed = utf8(seed);
  }

  /** The next `count` bytes, at most 32. */
  private bytes(count: number): Buffer {
    if (this.offset + count > this.block.length) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(this.counter);
      this.counter += 1;
      this.block = sha256(this.seed, counter);
      this.offset = 0;
    }
    this.offset += count;
    return this.block.subarray(this.offset - count, this.offset);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.bytes(4).readUInt32BE() / 2 ** 32;
  }

  /** Both ends included. */
  integer(minimum: number, maximum: number): number {
    return minimum + Math.floor(this.fraction() * (maximum - minimum + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length - 1)]!;
  }

  /** Picks by weight; the weights need not add up to one. */
  pickWeighted<Item>(items: readonly (readonly [item: Item, weight: number])[]): Item {
    let rest = this.fraction() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items.at(-1)![0];
  }

  /** About normal, within ±3.4 deviations: a sum of four fractions, which every machine computes alike. */
  normal(mean: number, deviation: number): number {
    const sum = this.fraction() + this.fraction() + this.fraction() + this.fraction();
    return mean + (sum - 2) * Math.sqrt(3) * deviation;
  }

  /** Rounded to `decimals` and kept within the bounds. */
  measure(mean: number, deviation: number, minimum: number, maximum: number, decimals = 0): number {
    const value = Math.min(maximum, Math.max(minimum, this.normal(mean, deviation)));
    return Number(value.toFixed(decimals));
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => String(this.integer(0, 9))).join('');
  }

  /** Shaped like a random UUID (RFC 9562 version 4). */
  uuid(): string {
    const bytes = Buffer.from(this.bytes(16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
