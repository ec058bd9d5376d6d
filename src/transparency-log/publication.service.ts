/**
 * Who waits for a checkpoint waits here. The signer of this process tells at once what it has published; what another process
 * published is found by looking, every few milliseconds, only while somebody waits.
 */
import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Mistake } from '../kernel/errors.js';
import { LogStoreService, type PublishedCheckpoint } from './log-store.service.js';

const lookEveryMs = 15;
const waitMaxMs = 10_000;
/** A signer of this process that published so lately leads: what it will publish next is told, not found. */
const leadsForMs = 100;

interface Waiter {
  index: number;
  until: number;
  resolve: (checkpoint: PublishedCheckpoint) => void;
  reject: (error: unknown) => void;
}

@Injectable()
export class PublicationService {
  private newest: PublishedCheckpoint | null = null;
  private waiting: Waiter[] = [];
  private isLooking = false;
  private publishedAtMs = 0;
  private tellSigner: (() => void) | null = null;

  constructor(private readonly store: LogStoreService) {}

  /** Called by whoever has appended and committed. */
  appended(): void {
    this.tellSigner?.();
  }

  /** Registers the signer of this process. */
  onAppend(listener: () => void): void {
    this.tellSigner = listener;
  }

  /** Called by the signer of this process: answers those whom the checkpoint satisfies. */
  publish(checkpoint: PublishedCheckpoint): void {
    this.publishedAtMs = Date.now();
    this.take(checkpoint);
  }

  private take(checkpoint: PublishedCheckpoint): void {
    if (this.newest !== null && checkpoint.size <= this.newest.size) return;
    this.newest = checkpoint;
    const satisfied = this.waiting.filter((waiter) => waiter.index < checkpoint.size);
    this.waiting = this.waiting.filter((waiter) => waiter.index >= checkpoint.size);
    for (const waiter of satisfied) waiter.resolve(checkpoint);
  }

  /** Resolves with a published checkpoint that covers the entry at `index`. Throws `log-unavailable` after ten seconds. */
  covering(index: number): Promise<PublishedCheckpoint> {
    if (this.newest !== null && index < this.newest.size) return Promise.resolve(this.newest);
    return new Promise((resolve, reject) => {
      this.waiting.push({ index, until: Date.now() + waitMaxMs, resolve, reject });
      if (!this.isLooking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.waiting.length > 0) {
      await pause(lookEveryMs);
      if (Date.now() - this.publishedAtMs < leadsForMs) continue;
      try {
        if (this.waiting.length > 0) {
          const checkpoint = await this.store.checkpoint();
          if (checkpoint !== null) this.take(checkpoint);
        }
        if (this.waiting.length > 0 && (await this.store.isFrozen())) this.dismissAll();
      } catch {
        // The database does not answer at the moment; those who wait are told when their time is over.
      }
      this.dismiss(Date.now());
    }
    this.isLooking = false;
  }

  private dismiss(now: number): void {
    const late = this.waiting.filter((waiter) => waiter.until <= now);
    if (late.length === 0) return;
    this.waiting = this.waiting.filter((waiter) => waiter.until > now);
    for (const waiter of late) {
      waiter.reject(new Mistake('log-unavailable', 'no signed checkpoint covers the entry yet; try again later'));
    }
  }

  /** Nothing is signed any more until people have looked: nobody need wait for it. */
  private dismissAll(): void {
    for (const waiter of this.waiting.splice(0)) {
      waiter.reject(new Mistake('log-unavailable', 'the log is frozen until it has been looked at'));
    }
  }
}
