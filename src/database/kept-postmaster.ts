/**
 * A postmaster that is started again when it ends though nobody has asked it to: it does where one of its backends crashes (`restart_after_crash` is
 * off), and where it cannot recover because the disk is full. Whoever was connected finds it on the same port.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { findOrphan, launch, type Launch, type Postmaster, PostmasterEnded, shutDown } from './postmaster.js';
import { asStartError } from './start-failure.js';

/** It is tried at once, then after so long, and then after twice as long each time, for each try replays the write-ahead log. */
const waitMs = { first: 1_000, most: 8_000 };
/** One that ends sooner than this was a try in vain. */
const steadyAfterMs = 10_000;

export class KeptPostmaster {
  /** The one that runs now, or ran last. */
  private postmaster: Postmaster;
  private isUp = true;
  private complaint = '';
  private readonly stopping = new AbortController();
  private readonly keeping: Promise<void>;

  /** @param options with which `first` was launched. */
  constructor(
    first: Postmaster,
    private readonly options: Omit<Launch, 'port' | 'signal'>,
  ) {
    this.postmaster = first;
    this.keeping = this.keep();
  }

  get pid(): number {
    return this.postmaster.pid;
  }

  /** Fast shutdown; nothing is started again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.keeping;
    if (this.isUp) await shutDown(this.postmaster.pid, this.options.dataDirectory);
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = once(signal, 'abort');
    let ms = 0;
    for (;;) {
      const startedAt = performance.now();
      await Promise.race([this.postmaster.ended, stopped]);
      if (signal.aborted) return;
      this.isUp = false;
      this.options.report('The database has ended though nobody stopped it; it is started again …');
      if (performance.now() - startedAt > steadyAfterMs) ms = 0;
      while (!this.isUp) {
        await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
        if (signal.aborted) return;
        ms = Math.min(Math.max(2 * ms, waitMs.first), waitMs.most);
        await this.startAgain();
      }
    }
  }

  private async startAgain(): Promise<void> {
    const { dataDirectory, report } = this.options;
    const { port } = this.postmaster;
    try {
      // One that panicked leaves its process file behind.
      await findOrphan(dataDirectory);
      this.postmaster = await launch({ ...this.options, port, signal: this.stopping.signal });
      this.isUp = true;
      this.complaint = '';
      report(`The database runs again on 127.0.0.1:${port}.`);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      const { message } =
        error instanceof PostmasterEnded ? asStartError(dataDirectory, error.log, error) : (error as Error);
      if (message !== this.complaint) report(`${message}; it is tried again`);
      this.complaint = message;
    }
  }
}
