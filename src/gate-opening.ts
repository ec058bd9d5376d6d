/**
 * Keeps the gate open over restarts and failovers of the database: whenever another run of it is seen, what the journal says has been stopped is
 * stopped in it again, and only then it is opened. Until then nothing leaves, on no node.
 */
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { readRun } from './database/database-run.js';
import { inOneStatement } from './database/pool.js';
import type { Replayed } from './journal-replay.js';

const lookEveryMs = 500;

export class GateOpening {
  private readonly logger = new Logger('gate');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private complaint = '';

  constructor(
    private readonly pool: Pool,
    /** Of the role that may open it. */
    private readonly signerPool: Pool,
    private readonly replay: () => Promise<Replayed>,
  ) {}

  /** Replays the journal, whatever was done before, and opens the gate. From here on it looks by itself. */
  async start(): Promise<Replayed> {
    const { run } = await readRun(this.pool);
    const replayed = await this.open(run);
    this.next();
    return replayed;
  }

  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.running;
    if (this.timer) clearTimeout(this.timer);
  }

  private next(): void {
    this.timer = setTimeout(() => {
      this.running = this.look().then(() => {
        if (this.timer !== null) this.next();
      });
    }, lookEveryMs);
  }

  private async look(): Promise<void> {
    try {
      const { run, isOpen } = await readRun(this.pool);
      if (isOpen) return;
      const { erasures, halfErased, withdrawals, programs, recipients } = await this.open(run);
      this.logger.warn(
        `the database was restarted or replaced; the journal was replayed: ${withdrawals} consents, ${programs} programs and ${recipients} recipients are stopped again, ${erasures + halfErased} residents erased again`,
      );
      this.complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.complaint) this.logger.error(`the gate cannot be looked after: ${message}`);
      this.complaint = message;
    }
  }

  private async open(run: string): Promise<Replayed> {
    const replayed = await this.replay();
    await inOneStatement(this.signerPool, { text: 'SELECT azukari.open_gate($1)', values: [run] });
    return replayed;
  }
}
