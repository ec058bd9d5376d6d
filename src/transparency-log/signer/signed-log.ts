/**
 * The signer's own knowledge of one log, and its acts: taking up what was signed, mending what a dead signer left, and signing what is new.
 * It trusts no hash that is stored: every leaf is recomputed from the entry's bytes. Any difference is a `LogDiffers`.
 *
 * The order of a signature: the tiles that became full, the checkpoint with the entries of the last one, the anchor, and only then the published
 * row (`steps.ts` names each position and what a start makes of it). State: `head` is the log up to the last checkpoint this process has
 * published or verified, `note` that checkpoint. Which log is signed when is the matter of `SignedLogs`.
 */
import { dirname } from 'node:path';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { isEqual } from '../../kernel/bytes.js';
import { writeAnchor } from '../anchor.js';
import { signCheckpoint } from '../checkpoint.js';
import type { LogOptions } from '../log-options.js';
import type { PublicationService } from '../publication.service.js';
import { type HeldByWitness, heldByWitnesses } from '../witness/held-by-witnesses.js';
import { type CityLog } from '../city-logs.js';
import { LogDiffers } from './log-differs.js';
import { type Growth, LogHead, noGrowth } from './log-head.js';
import { type Ending, requireOpening } from './opening.js';
import { Rereading } from './rereading.js';
import { SigningKeys } from './signing-keys.js';
import { done } from './steps.js';
import { append, extend, readUnsigned, type Unsigned } from './stored-entries.js';
import { TileDirectory, tilesOfLog } from './tile-directory.js';
import { readWhatWasSigned, type WhatWasSigned } from './what-was-signed.js';

export class SignedLog {
  private readonly logger = new Logger('signer');
  private head = LogHead.empty();
  /** Null until one has been published: the first one replaces none. */
  private note: string | null = null;
  private isClosed = false;
  private readonly tiles: TileDirectory;
  private readonly signingKeys: SigningKeys;
  private readonly rereading: Rereading;

  constructor(
    private readonly pool: Pool,
    private readonly options: LogOptions,
    private readonly log: Pick<CityLog, 'origin' | 'base'>,
    /** The log before this one, to its end; null for a city's first. */
    private readonly before: SignedLog | null,
    private readonly publication: PublicationService,
  ) {
    this.tiles = new TileDirectory(tilesOfLog(options.tilesDirectory, log.origin), log.origin);
    this.signingKeys = new SigningKeys(log.origin, options.keys);
    this.rereading = new Rereading(pool, log.base, this.tiles);
  }

  get origin(): string {
    return this.log.origin;
  }

  /** Where the next log begins in the database, once this one is closed and published to its end; else null. */
  get end(): number | null {
    return this.isClosed && this.note !== null ? this.log.base + this.head.size : null;
  }

  /**
   * Recomputes the tree from the last verified checkpoint on (at start: from entry 0) and holds it against what was signed.
   * @param held by witnesses, which are held against it as well.
   */
  async takeUp(held: readonly HeldByWitness[] = []): Promise<WhatWasSigned> {
    const signed = await readWhatWasSigned(this.pool, this.options, this.log, this.tiles);
    const { published } = signed;
    const head = this.head.copy();
    const places = [
      ...signed.checkpoints.map((checkpoint) => ({ checkpoint, place: '' })),
      ...held.map(({ checkpoint, witness }) => ({ checkpoint, place: `, and witness ${witness} holds it` })),
    ].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
    for (const { checkpoint, place } of places.filter(({ checkpoint: { size } }) => size >= head.size)) {
      await extend(this.pool, this.log.base, head, checkpoint.size);
      requireOpening(head, this.origin, this.before?.ending ?? null);
      if (head.size < checkpoint.size) {
        throw new LogDiffers(`the log has ${head.size} entries, a signed checkpoint covers ${checkpoint.size}${place}`);
      }
      if (!isEqual(head.root(), checkpoint.root)) {
        throw new LogDiffers(`the entries below ${checkpoint.size} are not those that were signed${place}`);
      }
      if (published?.size === checkpoint.size) {
        this.head = head.copy();
        this.note = published.note;
      }
    }
    if (published && published.size < this.head.size) {
      throw new LogDiffers(`the published checkpoint went back from ${this.head.size} to ${published.size}`);
    }
    this.isClosed = signed.isClosed && signed.size === this.head.size;
    if (published && signed.isNewest) this.publication.publish(published);
    return signed;
  }

  /** Before the first signature of a leader: also the witnesses are asked what was signed. */
  async takeUpAsLeader(): Promise<void> {
    const { witnesses, keys } = this.options;
    const trust = { origin: this.origin, logKeys: await keys.all() };
    await this.takeUpAndMend(witnesses ? await heldByWitnesses(witnesses.policy, trust) : []);
  }

  /** As the leader alone may: takes up the log, and writes what tiles or anchor lack of what is published. */
  async takeUpAndMend(held: readonly HeldByWitness[] = []): Promise<void> {
    const { published, anchor, isAnchored, tiles, isNewest } = await this.takeUp(held);
    this.tiles.beginAnew();
    if (!published) return;
    const kept = tiles?.isWhole ? tiles.checkpoint.size : 0;
    const isBehind = kept < published.size || tiles === null;
    if (isBehind) await this.mendTiles(kept);
    // One that has it all is not written to: a closed log's may lie where nobody can write. Nor is one
    // that knows more than what is published taken back to it.
    if (isBehind || (kept === published.size && !tiles.isSettled)) await this.tiles.settle(this.head, published.note);
    if (isNewest && (anchor === null || anchor.size < published.size)) {
      const { anchorFile } = this.options;
      if (!isAnchored) this.logger.warn(sentenceOfNoAnchor(dirname(anchorFile), published.size));
      await writeAnchor(anchorFile, published.note);
    }
  }

  /** Signs and publishes everything that waits. Returns whether there was anything. */
  async advance(): Promise<boolean> {
    const unsigned = await this.readUnsigned();
    if (!this.isWhatWePublished(unsigned)) {
      // Another signer was faster, or the database is not the one it was: look at every byte before signing any more.
      await this.takeUpAndMend();
      return true;
    }
    if (unsigned.size === this.head.size && this.note !== null) {
      this.isClosed = unsigned.isClosed;
      if (this.isClosed) await this.settle();
      else await this.tiles.settleInTime(this.head, this.note);
      return false;
    }
    const next = this.head.copy();
    const growth = noGrowth();
    append(next, unsigned.rows, growth);
    if (unsigned.rows.length === 0 && unsigned.size > next.size) throw new LogDiffers(`entry ${next.size} is missing`);
    done('entries-read');
    await this.sign(next, growth);
    return true;
  }

  private async sign(next: LogHead, growth: Growth): Promise<void> {
    const { anchorFile } = this.options;
    const { origin, base } = this.log;
    requireOpening(next, origin, this.before?.ending ?? null);
    const keys = await this.signingKeys.of(next, this.head.size);
    await this.signingKeys.requireNext(next);
    await this.tiles.keepFull(this.head.size, next, growth);
    done('tiles-kept');
    const note = signCheckpoint({ origin, size: next.size, root: next.root() }, ...keys);
    this.tiles.keepCheckpoint(next, note);
    done('checkpoint-kept');
    await writeAnchor(anchorFile, note);
    done('anchored');
    if (await this.swap(next, note, growth)) {
      done('published');
      this.head = next;
      this.note = note;
      this.publication.publish({ base, size: next.size, root: next.root(), note, publishedAt: new Date() });
      await this.tiles.settleInTime(next, note);
    } else {
      await this.takeUpAndMend();
    }
  }

  /** Reads a little of what was signed once more. Returns whether it has come to the end. Throws `LogDiffers`. */
  async reread(): Promise<boolean> {
    try {
      return await this.rereading.step(this.head);
    } catch (error) {
      // A database that went back lacks entries as well, and that is another matter for whoever has to mend it: it is said first.
      if (error instanceof LogDiffers) await this.readUnsigned();
      throw error;
    }
  }

  /** Throws `LogDiffers` when the log is shorter than it was. */
  private async readUnsigned(): Promise<Unsigned> {
    const unsigned = await readUnsigned(this.pool, this.log.base, this.head.size);
    if (unsigned.size < this.head.size) {
      throw new LogDiffers(`the log shrank from ${this.head.size} to ${unsigned.size} entries`);
    }
    return unsigned;
  }

  /** For when nothing more is signed: leaves the tiles as they are served. */
  async settle(): Promise<void> {
    if (this.note !== null && !this.tiles.isSettled) await this.tiles.settle(this.head, this.note);
  }

  /** How this log ends; asked of a log that has been closed and signed. */
  get ending(): Ending {
    return { origin: this.origin, size: this.head.size, root: this.head.root(), last: this.head.last };
  }

  private isWhatWePublished({ published }: Unsigned): boolean {
    if (published === null || this.note === null) return published === null && this.note === null;
    return published.size === this.head.size && isEqual(published.root, this.head.root());
  }

  /** Writes the full tiles from `from` on (all of them where they are lost), from entries whose root was found to be the signed one. */
  private async mendTiles(from: number): Promise<void> {
    const head = LogHead.empty();
    await extend(this.pool, this.log.base, head, from);
    let size = head.size;
    const batch = {
      growth: noGrowth,
      done: async (growth: Growth) => {
        await this.tiles.keepFull(size, head, growth);
        size = head.size;
      },
    };
    await extend(this.pool, this.log.base, head, this.head.size, batch);
    if (!isEqual(head.root(), this.head.root()))
      throw new LogDiffers('the entries changed while the tiles were written');
  }

  /** Compare-and-swap: false when what is published is no longer what this process last saw. */
  private async swap(next: LogHead, note: string, { tiles }: Growth): Promise<boolean> {
    const { rows } = await this.pool.query<{ done: boolean }>({
      name: 'publish checkpoint',
      text: 'SELECT azukari.publish_checkpoint($1, $2, $3, $4, $5, $6, $7, $8, $9) AS done',
      values: [
        ...[this.log.base, this.note === null ? null : this.head.size, next.size, next.root(), note],
        ...[tiles.map((tile) => tile.level), tiles.map((tile) => tile.n)],
        ...[tiles.map((tile) => tile.hashes), tiles.map((tile) => tile.root)],
      ],
    });
    return rows[0]!.done;
  }
}

/** A disk that is not mounted looks like this; so does a further signer's place at its first start. */
function sentenceOfNoAnchor(directory: string, size: number): string {
  return `there is no anchor in ${directory}, though ${size} entries were published: it is begun anew from the database. Unless this signer is a new one, see docs/operating.md (the anchor on another disk)`;
}
