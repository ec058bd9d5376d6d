/**
 * The signer (design section 6): it signs the root it recomputed from the entries, writes the anchor, publishes by compare-and-swap, and
 * tells who waits. Any difference freezes the log: nothing is signed any more until people have looked. What it does is in `signer/`;
 * here is when: it leads or stands by, wakes for new entries, and shows that it lives.
 */
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { SIGNER_POOL } from '../database/connections.js';
import { LOG_OPTIONS, type LogOptions } from './log-options.js';
import { PublicationService } from './publication.service.js';
import { Leadership } from './signer/leadership.js';
import { LogDiffers } from './signer/log-differs.js';
import { SignedLogs } from './signer/signed-logs.js';

/** Between the begin of one signature and of the next at least twice what the first one took, but no more than this. */
const intervalMaxMs = 25;
/** How often it looks for other nodes' entries while there are some. */
const lookEveryMs = 25;
const idleIntervalMs = 100;
const activeForMs = 2_000;
const heartbeatMs = 60_000;
const standbyMs = 500;
/** Between two looks at some of what was signed long ago: a thousand entries a second, a hundredth of a processor. */
const rereadEveryMs = 250;
const complainEveryMs = 60_000;

@Injectable()
export class SignerService implements OnApplicationShutdown {
  private readonly logger = new Logger('signer');
  private readonly log: SignedLogs;
  private readonly leadership: Leadership;
  private isStopped = true;
  private running: Promise<void> = Promise.resolve();
  private wake: AbortController | null = null;
  private lastAppendAt = -Infinity;
  private lastHeartbeatAt = -Infinity;
  private lastRereadAt = -Infinity;
  private complaint = { message: '', at: 0 };

  constructor(
    @Inject(SIGNER_POOL) private readonly pool: Pool,
    @Inject(LOG_OPTIONS) options: LogOptions,
    private readonly publication: PublicationService,
  ) {
    this.log = new SignedLogs(pool, options, publication);
    this.leadership = new Leadership(pool, options.anchorFile);
  }

  /**
   * Recomputes the log, publishes what waits, and goes on until stopped. A log that is not what was signed is frozen and reported;
   * the service then runs on without a signer: withdrawals work, provisions wait in vain. So it does while nothing can be signed (a full
   * disk), and tries again.
   */
  async start(): Promise<void> {
    this.isStopped = false;
    this.publication.onAppend(() => this.poke());
    try {
      await this.orFreeze(() => this.log.takeUp());
      await this.step();
    } catch (error) {
      if (error instanceof LogDiffers) return;
      throw error;
    }
    this.running = this.run();
  }

  /** Tells the signer that entries were appended, so that it need not find out by itself. */
  poke(): void {
    this.lastAppendAt = performance.now();
    this.wake?.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.wake?.abort();
    await this.running;
    // Whoever does not lead leaves them as they are: they may be another's by now.
    if (this.leadership.isHeld) await this.log.settle().catch((error: Error) => this.complain(error.message));
    this.leadership.resign();
  }

  /** Whether this process may sign: it holds the leader's lock, has taken up the log since, and the log is not frozen. */
  private async leads(): Promise<boolean> {
    if (this.leadership.isHeld) return true;
    if (!(await this.leadership.take())) return false;
    await this.log.takeUpAsLeader();
    return true;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const startedAt = performance.now();
      try {
        const outcome = await this.step();
        if (outcome === 'stands by') await this.standBy();
        else await this.rest(startedAt, outcome === 'signed');
      } catch (error) {
        if (error instanceof LogDiffers) return;
        throw error;
      }
    }
  }

  /** One look at the log. What fails by itself (the database, a disk) is told and tried again later. Throws `LogDiffers`. */
  private async step(): Promise<'signed' | 'rests' | 'stands by'> {
    try {
      if (!(await this.orFreeze(() => this.leads()))) return 'stands by';
      const hasSigned = await this.orFreeze(() => this.log.advance());
      if (hasSigned) this.lastAppendAt = performance.now();
      await this.orFreeze(() => this.rereadInTime());
      await this.beat();
      return hasSigned ? 'signed' : 'rests';
    } catch (error) {
      if (error instanceof LogDiffers) throw error;
      this.complain((error as Error).message);
      this.leadership.resign();
      return 'stands by';
    }
  }

  private async standBy(): Promise<void> {
    if (!this.isStopped) await pause(standbyMs);
  }

  /** Says once a minute what stands in the way, not twice a second. */
  private complain(message: string): void {
    if (message === this.complaint.message && performance.now() - this.complaint.at < complainEveryMs) return;
    this.complaint = { message, at: performance.now() };
    this.logger.error(`cannot sign: ${message}`);
  }

  /**
   * Signs for half of the time at most, so that a signature, which waits for the disk, covers what came during the last one; woken by
   * an append, and looking by itself for those of other nodes.
   */
  private async rest(startedAt: number, hasSigned: boolean): Promise<void> {
    const tookMs = performance.now() - startedAt;
    const restMs = Math.min(tookMs, intervalMaxMs - tookMs);
    if (hasSigned && restMs > 0) await pause(restMs);
    if (this.lastAppendAt > startedAt || this.isStopped) return;
    this.wake = new AbortController();
    const waitMs = performance.now() - this.lastAppendAt < activeForMs ? lookEveryMs : idleIntervalMs;
    await pause(waitMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
    this.wake = null;
  }

  private async rereadInTime(): Promise<void> {
    if (performance.now() - this.lastRereadAt < rereadEveryMs) return;
    this.lastRereadAt = performance.now();
    await this.log.rereadSome();
  }

  private async beat(): Promise<void> {
    if (performance.now() - this.lastHeartbeatAt < heartbeatMs) return;
    this.lastHeartbeatAt = performance.now();
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
