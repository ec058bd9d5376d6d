/**
 * Has the newest published checkpoint cosigned, again and again, and stores what a quorum has cosigned. Runs beside the signer, and nobody waits
 * for it but who reads sensitive categories. With nothing new, the same checkpoint is cosigned again from time to time: a quorum that is
 * still there says so.
 *
 * Of several processes one asks, by an advisory lock that dies with its connection; two at once would only ask twice.
 */
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'pg';
import { SIGNER_POOL } from '../../database/connections.js';
import { LeaderLock } from '../../database/leader-lock.js';
import { LOG_OPTIONS, type LogOptions } from '../log-options.js';
import { LogStoreService, type PublishedCheckpoint, reachOf } from '../log-store.service.js';
import { PublicationService } from '../publication.service.js';
import { proveConsistency } from '../tiles.js';
import { clientLimits, Cosigner } from './cosigner.js';
import { heldByWitnesses } from './held-by-witnesses.js';
import type { WitnessPolicy } from './witness-policy.js';
import type { WitnessSettings } from './witness-settings.js';

/** Shorter than what `readServedNote` takes for fresh. */
const againMs = 15_000;
/** Witnesses that do not know a log which ended are asked for it ever more rarely, and at last this often. */
const endedAgainMaxMs = 600_000;
/** How often it looks for what other processes published: while there is something, and otherwise. */
const lookEveryMs = 25;
const idleIntervalMs = 200;
const activeForMs = 2_000;
const retryMs = 250;
const standbyMs = 1_000;
/** Who has an old file asks seldom: at the same pace it would take the lead each time from one that has the right file, and give it back. */
const oldFileMs = 7_300;

const remedy =
  'Start this process with the file that is in force. To go back to an earlier policy, write its file anew, with a comment (# …) that says so';

@Injectable()
export class CosignerService implements OnApplicationShutdown {
  private readonly logger = new Logger('cosigner');
  private readonly store: LogStoreService;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private looking: Promise<void> = Promise.resolve();
  private wake = new AbortController();
  private readonly lead: LeaderLock;
  private isInForce = false;
  private isTold = false;
  /** How far what was stored last reaches, and when that was. */
  private stored = { reach: -1, atMs: 0 };
  /** By the base of their log. */
  private readonly cosigners = new Map<number, Cosigner>();
  /** When the last checkpoints are looked at again; anew, once a later log than that of `base` has been published. */
  private ended = { base: 0, againAtMs: -Infinity, restMs: againMs };
  private movedAtMs = -Infinity;

  constructor(
    @Inject(SIGNER_POOL) private readonly pool: Pool,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
    private readonly publication: PublicationService,
  ) {
    this.store = new LogStoreService(pool);
    this.lead = new LeaderLock(pool, 'azukari cosigner');
  }

  /**
   * As the one that leads, brings the witness policy into force, which stands in the log, and asks its witnesses until stopped; otherwise stands by
   * to do so. Without a policy it does nothing.
   */
  async start(): Promise<void> {
    const { witnesses } = this.options;
    if (!witnesses) return;
    // So that whoever starts it may count on the policy, where nobody else leads.
    await this.leads(witnesses);
    this.publication.onPublish(() => this.wake.abort());
    this.running = this.run(witnesses);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    await this.running;
    await this.looking;
    this.lead.resign();
  }

  private async run(settings: WitnessSettings): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.wake = new AbortController();
      try {
        if (!(await this.leads(settings))) await this.rest(this.isTold ? oldFileMs : standbyMs);
        else if (settings.policy.threshold === 0) return this.lead.resign();
        else await this.next(settings);
      } catch (error) {
        this.logger.error(`cannot store what was cosigned: ${(error as Error).message}`);
        this.lead.resign();
        await this.rest(standbyMs);
      }
    }
  }

  private async next(settings: WitnessSettings): Promise<void> {
    const head = await this.store.checkpoint();
    if (head !== null && head.base > 0) await this.cosignEnded(settings, head.base);
    const isNew = head !== null && reachOf(head) !== this.stored.reach;
    if (head === null || (!isNew && performance.now() - this.stored.atMs < againMs)) {
      return this.rest(
        performance.now() - this.movedAtMs < activeForMs ? lookEveryMs : idleIntervalMs,
        this.wake.signal,
      );
    }
    if (isNew) this.movedAtMs = performance.now();
    const note = await this.cosign(settings, head, !isNew);
    if (note === null) return this.rest(retryMs);
    await this.keep(head, note, settings.policy.digest);
  }

  /**
   * Last checkpoints that no quorum has cosigned yet: the next log may have been signed before the witnesses answered. Not those of logs that had
   * ended before there was a quorum to ask: witnesses never heard of them.
   */
  private async cosignEnded(settings: WitnessSettings, base: number): Promise<void> {
    if (this.ended.base !== base) this.ended = { base, againAtMs: -Infinity, restMs: againMs };
    if (performance.now() < this.ended.againAtMs) return;
    const { rows } = await this.pool.query<PublishedCheckpoint>({
      name: 'last checkpoints to cosign',
      text: `SELECT base, size, decode(split_part(final_note, E'\n', 3), 'base64') AS root, final_note AS note FROM azukari.city_log
        WHERE final_note IS NOT NULL AND final_policy IS NULL
          AND base + size > (SELECT min(named_idx) FROM azukari.witness_policy_named WHERE threshold > 0) ORDER BY base`,
    });
    for (const ended of rows) {
      const note = await this.cosign(settings, ended, false);
      if (note !== null) await this.keep(ended, note, settings.policy.digest);
    }
    // Witnesses that do not answer hold up the open log by one deadline in this time, and no more.
    this.ended.againAtMs = performance.now() + this.ended.restMs;
    this.ended.restMs = Math.min(this.ended.restMs * 2, endedAgainMaxMs);
  }

  /** Asks the witnesses of the policy; each log has its own history with them. */
  private cosign({ policy }: WitnessSettings, head: PublishedCheckpoint, waitForAll: boolean): Promise<string | null> {
    let cosigner = this.cosigners.get(head.base);
    if (cosigner === undefined) {
      const onAhead = () => void (this.looking = this.looking.then(() => this.freezeIfBehind(policy)));
      cosigner = new Cosigner(policy, (sentence) => this.logger.warn(sentence), clientLimits, onAhead);
      this.cosigners.set(head.base, cosigner);
      this.stopping.signal.addEventListener('abort', () => this.cosigners.get(head.base)!.stop(), { once: true });
    }
    return cosigner.cosign(
      head,
      (oldSize, newSize) => proveConsistency(oldSize, newSize, this.store.tilesOf(head.base)),
      waitForAll,
    );
  }

  private async keep(head: PublishedCheckpoint, note: string, policy: string): Promise<void> {
    const { rows } = await this.pool.query<{ outcome: 'stored' | 'other-policy' | 'overtaken' }>({
      name: 'store witnessed checkpoint',
      text: 'SELECT azukari.store_witnessed($1, $2, $3, $4, $5) AS outcome',
      values: [policy, head.base, head.size, head.root, note],
    });
    this.stored = { reach: Math.max(this.stored.reach, reachOf(head)), atMs: performance.now() };
    const { outcome } = rows[0]!;
    // What was overtaken is nobody's fault: the newest is cosigned next, at once.
    if (outcome === 'stored') this.publication.witness({ ...head, note });
    if (outcome === 'other-policy') {
      this.logger.warn('another witness policy is in force');
      this.isInForce = false;
      await this.rest(standbyMs);
    }
  }

  /** A witness says that it holds more than was published. When the log's own signature shows it, the database went back: nothing more is signed. */
  private async freezeIfBehind(policy: WitnessPolicy): Promise<void> {
    try {
      const logKeys = await this.options.keys.all();
      for (const { origin, base, size } of await this.store.logs()) {
        const held = await heldByWitnesses(policy, { origin, logKeys });
        const { rows } = await this.pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
        const entries = size ?? rows[0]!.size - base;
        const ahead = held.find(({ checkpoint }) => checkpoint.size > entries);
        if (!ahead) continue;
        const reason = `the log has ${entries} entries, a signed checkpoint covers ${ahead.checkpoint.size}, and witness ${ahead.witness} holds it`;
        this.logger.error(`the log is frozen: ${reason}`);
        await this.pool.query('SELECT azukari.freeze_log($1)', [reason]);
      }
    } catch (error) {
      this.logger.error(`cannot compare the log with what a witness holds: ${(error as Error).message}`);
    }
  }

  /**
   * Whether this process leads and its policy is in force. Who stands by brings nothing into force; nor does whoever leads with an old file:
   * it gives the lead back, for one that has the right file.
   */
  private async leads({ policy: { digest, threshold }, limitMinutes, namedBefore }: WitnessSettings): Promise<boolean> {
    if (this.isInForce && this.lead.isHeld) return true;
    if (!(await this.lead.take())) return false;
    const { rows } = await this.pool.query<{ done: boolean }>(
      'SELECT azukari.offer_witness_policy($1, $2, $3, $4) AS done',
      [digest, threshold, limitMinutes, namedBefore],
    );
    this.isInForce = rows[0]!.done;
    if (this.isInForce) this.publication.appended();
    else {
      this.lead.resign();
      if (!this.isTold)
        this.logger.error(`the witness policy ${digest} is an old one: another took its place. ${remedy}`);
      this.isTold = true;
    }
    return this.isInForce;
  }

  private async rest(milliseconds: number, woken = this.stopping.signal): Promise<void> {
    const signal = AbortSignal.any([woken, this.stopping.signal]);
    await pause(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
