/** Voids, and thereby logs, grants that nobody redeemed within 60 seconds: what was announced and never left. */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { PublicationService } from '../transparency-log/publication.service.js';

const everyMs = 5_000;
const atOnceMax = 500;

@Injectable()
export class GrantSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('grant sweeper');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly publication: PublicationService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.sweep().catch((error: Error) => this.logger.error(error.message));
    }, everyMs);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Returns how many grants were voided. */
  async sweep(): Promise<number> {
    const { rows } = await inOneStatement<{ voided: number | null }>(this.pool, {
      name: 'sweep grants',
      text: 'SELECT azukari.sweep_grants($1) AS voided',
      values: [atOnceMax],
    });
    // Null: another node is at it.
    const voided = rows[0]!.voided ?? 0;
    if (voided > 0) this.publication.appended();
    return voided;
  }
}
