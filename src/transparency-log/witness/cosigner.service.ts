/**
 * Has the newest published checkpoint cosigned, again and again, and stores what a quorum has cosigned. Runs beside the signer, and nobody waits
 * for it but who reads sensitive categories. With nothing new, the same checkpoint is cosigned again from time to time: a quorum that is
 * still there says so.
 *
 * Of several processes one asks, by an advisory lock that dies with its connection; two at once would only ask twice.
 */
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { SIGNER_POOL } from '../../database/connections.js';
import { LOG_OPTIONS, type LogOptions } from '../log-options.js';
import { LogStoreService, type PublishedCheckpoint } from '../log-store.service.js';
import { PublicationService } from '../publication.service.js';
import { proveConsistency } from '../tiles.js';
import { clientLimits, Cosigner } from './cosigner.js';
import { heldByWitnesses } from './held-by-witnesses.js';
import type { WitnessSettings } from './witness-settings.js';

/** Shorter than what `readServedNote` takes for fresh. */
const againMs = 15_000;
/** How often it looks for what other processes published: while there is something, and otherwise. */
const lookEveryMs = 25;
const idleIntervalMs = 200;
const activeForMs = 2_000;
const retryMs = 250;
const standbyMs = 1_000;

@Injectable()
export class CosignerService implements OnApplicationShutdown {
  private readonly logger = new Logger('cosigner');
  private readonly store: LogStoreService;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private looking: Promise<void> = Promise.resolve();
  private wake = new AbortController();
  private lead: PoolClient | null = null;
  /** What was stored last, and when. */
  private stored = { size: -1, atMs: 0 };
  private movedAtMs = -Infinity;

  constructor(
    @Inject(SIGNER_POOL) private readonly pool: Pool,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
    private readonly publication: PublicationService,
  ) {
    this.store = new LogStoreService(pool);
  }

  /** Brings the witness policy into force, which stands in the log, and asks its witnesses until stopped. Without one it does nothing. */
  async start(): Promise<void> {
    const { witnesses } = this.options;
    if (!witnesses) return;
    const { digest, threshold } = witnesses.policy;
    await this.pool.query('SELECT azukari.adopt_witness_policy($1, $2, $3)', [
      ...[digest, threshold, witnesses.limitMinutes],
    ]);
    this.publication.appended();
    if (threshold === 0) return;
    this.publication.onPublish(() => this.wake.abort());
    this.running = this.run(witnesses);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    await this.running;
    await this.looking;
    this.resign();
  }

  private async run(settings: WitnessSettings): Promise<void> {
    const report = (sentence: string) => this.logger.warn(sentence);
    const onAhead = () => void (this.looking = this.looking.then(() => this.freezeIfBehind(settings)));
    const cosigner = new Cosigner(settings.policy, report, clientLimits, onAhead);
    this.stopping.signal.addEventListener('abort', () => cosigner.stop(), { once: true });
    while (!this.stopping.signal.aborted) {
      this.wake = new AbortController();
      try {
        if (!(await this.leads())) await this.rest(standbyMs);
        else await this.next(cosigner, settings.policy.digest);
      } catch (error) {
        this.logger.error(`cannot store what was cosigned: ${(error as Error).message}`);
        this.resign();
        await this.rest(standbyMs);
      }
    }
  }

  private async next(cosigner: Cosigner, policy: string): Promise<void> {
    const head = await this.store.checkpoint();
    const isNew = head !== null && head.size !== this.stored.size;
    if (head === null || (!isNew && performance.now() - this.stored.atMs < againMs)) {
      return this.rest(
        performance.now() - this.movedAtMs < activeForMs ? lookEveryMs : idleIntervalMs,
        this.wake.signal,
      );
    }
    if (isNew) this.movedAtMs = performance.now();
    const prove = (oldSize: number, newSize: number) => proveConsistency(oldSize, newSize, this.store.readTile);
    const note = await cosigner.cosign(head, prove, !isNew);
    if (note === null) return this.rest(retryMs);
    await this.keep(head, note, policy);
  }

  private async keep(head: PublishedCheckpoint, note: string, policy: string): Promise<void> {
    const { rows } = await this.pool.query<{ done: boolean }>({
      name: 'store witnessed checkpoint',
      text: 'SELECT azukari.store_witnessed($1, $2, $3, $4) AS done',
      values: [policy, head.size, head.root, note],
    });
    this.stored = { size: head.size, atMs: performance.now() };
    if (rows[0]!.done) this.publication.witness({ ...head, note });
    else {
      this.logger.warn('another witness policy is in force, or another cosigner was faster');
      await this.rest(standbyMs);
    }
  }

  /** A witness says that it holds more than was published. When the log's own signature shows it, the database went back: nothing more is signed. */
  private async freezeIfBehind({ policy }: WitnessSettings): Promise<void> {
    const { origin, keys } = this.options;
    try {
      const held = await heldByWitnesses(policy, { origin, logKeys: await keys.all() });
      const { rows } = await this.pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
      const ahead = held.find(({ checkpoint }) => checkpoint.size > rows[0]!.size);
      if (!ahead) return;
      const reason = `the log has ${rows[0]!.size} entries, a signed checkpoint covers ${ahead.checkpoint.size}, and witness ${ahead.witness} holds it`;
      this.logger.error(`the log is frozen: ${reason}`);
      await this.pool.query('SELECT azukari.freeze_log($1)', [reason]);
    } catch (error) {
      this.logger.error(`cannot compare the log with what a witness holds: ${(error as Error).message}`);
    }
  }

  private async leads(): Promise<boolean> {
    if (this.lead !== null) return true;
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ leads: boolean }>(
        "SELECT pg_try_advisory_lock(hashtextextended('azukari cosigner', 0)) AS leads",
      );
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
    return true;
  }

  /** Gives the connection back to be thrown away, and the lock with it. */
  private resign(): void {
    this.lead?.release(true);
    this.lead = null;
  }

  private async rest(milliseconds: number, woken = this.stopping.signal): Promise<void> {
    const signal = AbortSignal.any([woken, this.stopping.signal]);
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
