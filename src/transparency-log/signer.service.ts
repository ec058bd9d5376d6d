/**
 * The signer (design section 6). It trusts no hash that is stored: it recomputes every leaf from the entry's bytes, signs the root,
 * writes the anchor, publishes by compare-and-swap, and tells who waits. Any difference freezes the log: nothing is signed any more
 * until people have looked. At start it recomputes the whole log and compares it with the checkpoint and the anchor.
 *
 * Of several signers one leads, by an advisory lock that dies with its connection; the compare-and-swap holds even without it.
 *
 * State: `edge` is the tree up to the last checkpoint this process has published or verified.
 */
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { SIGNER_POOL } from '../database/connections.js';
import { DatabaseStartError } from '../database/database-start-error.js';
import { isEqual, utf8 } from '../kernel/bytes.js';
import { readAnchor, writeAnchor } from './anchor.js';
import { openCheckpoint, type OpenCheckpoint, signCheckpoint } from './checkpoint.js';
import { VerificationError } from './finding.js';
import { LOG_OPTIONS, type LogOptions } from './log-options.js';
import { readCheckpoint } from './log-store.service.js';
import { leafHash } from './merkle.js';
import { PublicationService } from './publication.service.js';
import { RightEdge, type CompletedTile } from './right-edge.js';

const batchMax = 4096;
const intervalMs = 10;
/** How often it looks for other nodes' entries while there are some. */
const lookEveryMs = 25;
const idleIntervalMs = 100;
const activeForMs = 2_000;
const heartbeatMs = 60_000;
const standbyMs = 500;

/** The log does not match what was signed. The message names the place. */
export class LogDiffers extends Error {
  override readonly name = 'LogDiffers';
}

@Injectable()
export class SignerService implements OnApplicationShutdown {
  private readonly logger = new Logger('signer');
  private edge = RightEdge.empty();
  /** Whether a checkpoint of any size has been published: the first one replaces none. */
  private hasPublished = false;
  private isStopped = true;
  private running: Promise<void> = Promise.resolve();
  private wake: AbortController | null = null;
  private lastAppendAt = 0;
  private lastHeartbeatAt = 0;
  /** The connection that holds the leader's lock, while this process leads. */
  private lead: PoolClient | null = null;

  constructor(
    @Inject(SIGNER_POOL) private readonly pool: Pool,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
    private readonly publication: PublicationService,
  ) {}

  /**
   * Recomputes the log, publishes what waits, and goes on until stopped. A log that is not what was signed is frozen and reported;
   * the service then runs on without a signer: withdrawals work, provisions wait in vain.
   */
  async start(): Promise<void> {
    this.isStopped = false;
    this.publication.onAppend(() => this.poke());
    try {
      await this.orFreeze(() => this.takeUp());
      if (await this.leads()) await this.orFreeze(() => this.advance());
    } catch (error) {
      if (error instanceof LogDiffers) return;
      throw error;
    }
    this.running = this.run();
  }

  /** Tells the signer that entries were appended, so that it need not find out by itself. */
  poke(): void {
    this.lastAppendAt = Date.now();
    this.wake?.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.wake?.abort();
    await this.running;
    this.resign();
  }

  /** Whether this process may sign: it holds the leader's lock, and the log is not frozen. */
  private async leads(): Promise<boolean> {
    if (this.lead !== null) return true;
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ leads: boolean }>(`
        SELECT frozen_at IS NULL AND pg_try_advisory_lock(hashtextextended('azukari signer', 0)) AS leads FROM azukari.signer_state`);
      if (!rows[0]!.leads) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.lead = client;
    client.on('error', () => {
      if (this.lead === client) this.resign();
    });
    await this.takeUp();
    return true;
  }

  /** Gives the connection back to be thrown away, and the leader's lock with it. Kept, it would be one of the pool's few for ever. */
  private resign(): void {
    this.lead?.release(true);
    this.lead = null;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const startedAt = Date.now();
      let hasSigned = false;
      try {
        if (!(await this.orFreeze(() => this.leads()))) {
          await pause(standbyMs);
          continue;
        }
        hasSigned = await this.orFreeze(() => this.advance());
        if (hasSigned) this.lastAppendAt = Date.now();
        await this.beat();
      } catch (error) {
        if (error instanceof LogDiffers) return;
        this.logger.error(`cannot sign: ${(error as Error).message}`);
        this.resign();
        await pause(standbyMs);
      }
      await this.rest(startedAt, hasSigned);
    }
  }

  /** Signs never more often than every 10 ms; woken by an append, and looking by itself for those of other nodes. */
  private async rest(startedAt: number, hasSigned: boolean): Promise<void> {
    const sinceMs = Date.now() - startedAt;
    if (hasSigned && sinceMs < intervalMs) await pause(intervalMs - sinceMs);
    if (this.lastAppendAt > startedAt || this.isStopped) return;
    this.wake = new AbortController();
    const waitMs = Date.now() - this.lastAppendAt < activeForMs ? lookEveryMs : idleIntervalMs;
    await pause(waitMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
    this.wake = null;
  }

  /** Recomputes the tree from the last verified checkpoint on (at start: from entry 0) and holds it against what was signed. */
  private async takeUp(): Promise<void> {
    const published = await readCheckpoint(this.pool);
    const anchor = await this.requireReadableAnchor();
    const signed = published ? [this.openPublished(published.note)] : [];
    if (anchor) signed.push(anchor);
    const edge = this.edge.copy();
    for (const checkpoint of signed.filter(({ size }) => size >= edge.size).sort((a, b) => a.size - b.size)) {
      await this.extend(edge, checkpoint.size);
      if (edge.size < checkpoint.size) {
        throw new LogDiffers(`the log has ${edge.size} entries, a signed checkpoint covers ${checkpoint.size}`);
      }
      if (!isEqual(edge.root(), checkpoint.root)) {
        throw new LogDiffers(`the entries below ${checkpoint.size} are not those that were signed`);
      }
      if (published?.size === checkpoint.size) {
        this.edge = edge.copy();
        this.hasPublished = true;
      }
    }
    if (published && published.size < this.edge.size) {
      throw new LogDiffers(`the published checkpoint went back from ${this.edge.size} to ${published.size}`);
    }
    if (published) this.publication.publish(published);
  }

  /** What our key did not sign, somebody else has put there. */
  private openPublished(note: string): OpenCheckpoint {
    const { origin, signingKey } = this.options;
    try {
      return openCheckpoint(note, { origin, logKeys: [signingKey] });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      throw new LogDiffers(`the published checkpoint is not one that this log signed (${error.code})`);
    }
  }

  /** Null where there is none. With one that cannot be read nobody knows what was signed, so nothing is signed. */
  private async requireReadableAnchor(): Promise<OpenCheckpoint | null> {
    const { origin, signingKey, anchorFile } = this.options;
    try {
      return await readAnchor(anchorFile, origin, signingKey);
    } catch (cause) {
      if (!(cause instanceof VerificationError)) throw cause;
      const sentence = `the anchor ${anchorFile} is not a checkpoint of this log (${cause.code}); restore it from a backup or from the newest checkpoint that a mirror kept`;
      throw new DatabaseStartError('damaged-directory', sentence, { cause });
    }
  }

  /** Appends to `edge` what the log holds up to `size`. Returns the tiles completed on the way. */
  private async extend(edge: RightEdge, size: number): Promise<CompletedTile[]> {
    const completed: CompletedTile[] = [];
    while (edge.size < size) {
      const { rows } = await this.pool.query<{ idx: number; entry: string; leaf_hash: Buffer }>({
        name: 'read entries to sign',
        text: 'SELECT idx, entry, leaf_hash FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
        values: [edge.size, Math.min(size, edge.size + batchMax)],
      });
      if (rows.length === 0) break;
      for (const { idx, entry, leaf_hash } of rows) {
        if (idx !== edge.size) throw new LogDiffers(`entry ${edge.size} is missing`);
        const leaf = leafHash(utf8(entry));
        if (!isEqual(leaf, leaf_hash))
          throw new LogDiffers(`entry ${idx} does not have the hash that is stored for it`);
        completed.push(...edge.append(leaf));
      }
    }
    return completed;
  }

  /** Signs and publishes everything that waits. Returns whether there was anything. */
  private async advance(): Promise<boolean> {
    const { rows } = await this.pool.query<{ size: number }>({
      name: 'read log size',
      text: 'SELECT size FROM azukari.log_state',
    });
    const size = rows[0]!.size;
    if (size === this.edge.size && this.hasPublished) return false;
    if (size < this.edge.size) throw new LogDiffers(`the log shrank from ${this.edge.size} to ${size} entries`);
    const next = this.edge.copy();
    const tiles = await this.extend(next, Math.min(size, this.edge.size + batchMax));
    if (next.size === this.edge.size && this.hasPublished) throw new LogDiffers(`entry ${next.size} is missing`);
    const { origin, signingKey, anchorFile } = this.options;
    const note = signCheckpoint({ origin, size: next.size, root: next.root() }, signingKey);
    await writeAnchor(anchorFile, note);
    const published = await this.pool.query<{ done: boolean }>({
      name: 'publish checkpoint',
      text: 'SELECT azukari.publish_checkpoint($1, $2, $3, $4, $5, $6, $7, $8) AS done',
      values: [
        ...[this.hasPublished ? this.edge.size : null, next.size, next.root(), note],
        ...[tiles.map((tile) => tile.level), tiles.map((tile) => tile.n)],
        ...[tiles.map((tile) => tile.hashes), tiles.map((tile) => tile.root)],
      ],
    });
    if (published.rows[0]!.done) {
      this.edge = next;
      this.hasPublished = true;
      this.publication.publish({ size: next.size, root: next.root(), note, publishedAt: new Date() });
    } else {
      // Another signer was faster: take up what it published, after looking at every byte that is new.
      await this.takeUp();
    }
    return true;
  }

  private async beat(): Promise<void> {
    if (Date.now() - this.lastHeartbeatAt < heartbeatMs) return;
    this.lastHeartbeatAt = Date.now();
    await this.pool.query('SELECT azukari.signer_heartbeat()');
  }

  private async orFreeze<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LogDiffers) {
        this.logger.error(`the log is frozen: ${error.message}`);
        await this.pool.query('SELECT azukari.freeze_log($1)', [error.message]);
      }
      throw error;
    }
  }
}
