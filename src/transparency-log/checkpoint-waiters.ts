/**
 * Those who wait until a checkpoint covers their entry. Whoever makes checkpoints in this process tells at once; what another process made is
 * found by looking, only while somebody waits: when the database notifies that there is something new, and else every few milliseconds. Times are
 * of the clock that nobody can set back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Code, Mistake } from '../kernel/errors.js';
import { type PublishedCheckpoint, reachOf } from './log-store.service.js';

const lookEveryMs = 15;
/** While notifications are heard, looking by itself is for those that are not. */
const lookBesideNotificationsMs = 250;
const hearsForMs = 1_000;
/** Who told in this process so lately leads: what comes next is told, not found. */
const leadsForMs = 100;

export interface CheckpointSource {
  /** The newest checkpoint, or null. */
  read(): Promise<PublishedCheckpoint | null>;
  /** Whether nothing more will come until people have looked. */
  isFrozen(): Promise<boolean>;
  readonly waitMaxMs: number;
  /** What those are told whose time is over. */
  readonly late: readonly [Code, string];
}

interface Waiter {
  index: number;
  until: number;
  resolve: (checkpoint: PublishedCheckpoint) => void;
  reject: (error: unknown) => void;
}

export class CheckpointWaiters {
  private newest: PublishedCheckpoint | null = null;
  private waiting: Waiter[] = [];
  private isLooking = false;
  private toldAtMs = -Infinity;
  private notifiedAtMs = -Infinity;
  /** Since it was last looked at. */
  private isNotified = false;
  private isReading = false;

  constructor(private readonly source: CheckpointSource) {}

  /** Called by whoever makes checkpoints in this process: answers those whom this one satisfies. */
  tell(checkpoint: PublishedCheckpoint): void {
    this.toldAtMs = performance.now();
    this.take(checkpoint);
  }

  /** Somebody says that there is something new. It is looked at once, however often it is said meanwhile, and believed only then. */
  notified(): void {
    this.notifiedAtMs = performance.now();
    this.isNotified = true;
    void this.answerNotification();
  }

  /** Resolves with a checkpoint that covers the entry of this number, or belongs to a later log. Throws the source's mistake when it takes too long. */
  covering(index: number): Promise<PublishedCheckpoint> {
    if (this.newest !== null && index < reachOf(this.newest)) return Promise.resolve(this.newest);
    return new Promise((resolve, reject) => {
      this.waiting.push({ index, until: performance.now() + this.source.waitMaxMs, resolve, reject });
      if (!this.isLooking) void this.look();
      void this.answerNotification();
    });
  }

  private take(checkpoint: PublishedCheckpoint): void {
    if (this.newest !== null && reachOf(checkpoint) <= reachOf(this.newest)) return;
    this.newest = checkpoint;
    const satisfied = this.waiting.filter((waiter) => waiter.index < reachOf(checkpoint));
    this.waiting = this.waiting.filter((waiter) => waiter.index >= reachOf(checkpoint));
    for (const waiter of satisfied) waiter.resolve(checkpoint);
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.waiting.length > 0) {
      await pause(performance.now() - this.notifiedAtMs < hearsForMs ? lookBesideNotificationsMs : lookEveryMs);
      if (this.leads()) continue;
      try {
        if (this.waiting.length > 0) await this.read();
        if (this.waiting.length > 0 && (await this.source.isFrozen())) this.dismissAll();
      } catch {
        // The database does not answer at the moment; those who wait are told when their time is over.
      }
      this.dismiss(performance.now());
    }
    this.isLooking = false;
  }

  private leads(): boolean {
    return performance.now() - this.toldAtMs < leadsForMs;
  }

  /** A notification during a reading may be of what that one did not see any more: then it is read once again. */
  private async answerNotification(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.isNotified && this.waiting.length > 0 && !this.leads()) {
        this.isNotified = false;
        await this.read();
      }
    } catch {
      // As when looking: it is looked at again.
    } finally {
      this.isReading = false;
    }
  }

  private async read(): Promise<void> {
    const checkpoint = await this.source.read();
    if (checkpoint !== null) this.take(checkpoint);
  }

  private dismiss(now: number): void {
    const late = this.waiting.filter((waiter) => waiter.until <= now);
    if (late.length === 0) return;
    this.waiting = this.waiting.filter((waiter) => waiter.until > now);
    for (const waiter of late) waiter.reject(new Mistake(...this.source.late));
  }

  /** Nothing is signed any more until people have looked: nobody need wait for it. */
  private dismissAll(): void {
    for (const waiter of this.waiting.splice(0)) {
      waiter.reject(new Mistake('log-unavailable', 'the log is frozen until it has been looked at'));
    }
  }
}
