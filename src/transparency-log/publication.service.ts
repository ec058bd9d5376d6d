/**
 * Who waits for a checkpoint waits here: for a published one, or, where the city has witnesses and the categories are sensitive, for one that
 * a quorum of them has cosigned. It decides nothing: the gate looks again.
 */
import { Injectable } from '@nestjs/common';
import { CheckpointWaiters } from './checkpoint-waiters.js';
import { LogStoreService, type PublishedCheckpoint } from './log-store.service.js';
import type { WitnessRule } from './witness/witnessed-log.js';

type Listener = (checkpoint: PublishedCheckpoint) => void;

/** How long the rule is taken for granted. A rule that was stricter meanwhile is kept by the gate all the same. */
const ruleFreshMs = 1_000;

@Injectable()
export class PublicationService {
  private readonly published: CheckpointWaiters;
  private readonly witnessed: CheckpointWaiters;
  private readonly listeners = { published: [] as Listener[], witnessed: [] as Listener[] };
  private tellSigner: (() => void) | null = null;
  private rule: { readonly value: Promise<WitnessRule>; readonly readAtMs: number } | null = null;

  constructor(private readonly store: LogStoreService) {
    const isFrozen = () => store.isFrozen();
    this.published = new CheckpointWaiters({
      ...{ read: () => store.checkpoint(), isFrozen, waitMaxMs: 10_000 },
      late: ['log-unavailable', 'no signed checkpoint covers the entry yet; try again later'],
    });
    this.witnessed = new CheckpointWaiters({
      ...{ read: () => store.witnessed(), isFrozen, waitMaxMs: 5_000 },
      late: ['log-unwitnessed', 'no quorum of witnesses has cosigned a checkpoint over the entry yet; try again later'],
    });
  }

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
    this.published.tell(checkpoint);
    for (const listener of this.listeners.published) listener(checkpoint);
  }

  /** The database says that another process has published, or stored what a quorum has cosigned. */
  notified(): void {
    this.published.notified();
    this.witnessed.notified();
  }

  /** Registers somebody who wants to know that this process has published. */
  onPublish(listener: Listener): void {
    this.listeners.published.push(listener);
  }

  /** As {@link onPublish}, for what a quorum has cosigned. */
  onWitness(listener: Listener): void {
    this.listeners.witnessed.push(listener);
  }

  /** Called by the cosigner of this process once a quorum's checkpoint is stored. */
  witness(checkpoint: PublishedCheckpoint): void {
    this.witnessed.tell(checkpoint);
    for (const listener of this.listeners.witnessed) listener(checkpoint);
  }

  /**
   * Resolves with a published checkpoint that covers the entry at `index`; with `categories`, one that is enough for the gate to hand these
   * out. Throws `log-unavailable` after ten seconds, `log-unwitnessed` after five.
   */
  async covering(index: number, categories: readonly string[] = []): Promise<PublishedCheckpoint> {
    if (categories.length > 0 && (await this.needsWitnesses(categories))) return this.witnessed.covering(index);
    return this.published.covering(index);
  }

  private async needsWitnesses(categories: readonly string[]): Promise<boolean> {
    const now = performance.now();
    if (this.rule === null || now - this.rule.readAtMs > ruleFreshMs) {
      this.rule = { value: this.store.witnessRule(), readAtMs: now };
      this.rule.value.catch(() => (this.rule = null));
    }
    const { isInForce, sensitive } = await this.rule.value;
    return isInForce && (sensitive === null || categories.some((category) => sensitive.has(category)));
  }
}
