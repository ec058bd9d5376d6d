/** Removes sessions and stored answers that are over, now and then. Correctness never waits for it; only the tables' size does. */
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { sweepAnswers } from './idempotency.js';
import { SessionsService } from './sessions.service.js';

const intervalMs = 10 * 60_000;
const rowsPerRound = 50_000;

@Injectable()
export class SweepsService implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> = Promise.resolve();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly sessions: SessionsService,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => (this.round = this.sweep()), intervalMs).unref();
  }

  /** Waits for a round under way, so that the connections may be closed. */
  async onModuleDestroy(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.round;
  }

  /** What cannot be removed now is removed next time. */
  async sweep(): Promise<void> {
    await this.sessions.sweep(rowsPerRound).catch(() => undefined);
    await sweepAnswers(this.pool, rowsPerRound).catch(() => undefined);
  }
}
