/**
 * While a log is served, what was signed long ago is read again, little by little and from the first entry, and its tree is computed anew: whoever may
 * change the database changes it while it runs, and nobody else looks at old entries until the next start. Files of the tiles that have got lost
 * since are written anew on the way; those that are there are left alone, for they are what the database is held against.
 */
import type { Pool } from 'pg';
import { isEqual } from '../../kernel/bytes.js';
import { LogDiffers } from './log-differs.js';
import { LogHead, noGrowth } from './log-head.js';
import { extend } from './stored-entries.js';
import type { TileDirectory } from './tile-directory.js';

/** Entries at once: some 2 ms. */
const stepEntries = 256;

export class Rereading {
  private head = LogHead.empty();
  /** How the log stood when this round began; null between two rounds. */
  private signed: { size: number; root: Buffer } | null = null;

  constructor(
    private readonly pool: Pool,
    /** Where the log begins in the database. */
    private readonly base: number,
    private readonly tiles: TileDirectory,
  ) {}

  /**
   * One step. @param now the log as this process knows it to be signed. Returns whether all of it has been read once more.
   * @throws LogDiffers when an entry is missing or is not what was signed
   */
  async step(now: LogHead): Promise<boolean> {
    this.signed ??= { size: now.size, root: now.root() };
    const { size, root } = this.signed;
    const until = Math.min(size, this.head.size + stepEntries);
    await extend(this.pool, this.base, this.head, until, {
      growth: noGrowth,
      done: (growth) => this.tiles.replaceMissing(growth),
    });
    if (this.head.size < until) throw new LogDiffers(`entry ${this.head.size} is missing`);
    if (until < size) return false;
    if (!isEqual(this.head.root(), root)) {
      throw new LogDiffers(`the entries below ${size} are not those that were signed`);
    }
    this.head = LogHead.empty();
    this.signed = null;
    return true;
  }
}
