/** Forgets requests of staff a month later. Correctness never waits for it: what is older is neither listed nor decided on. */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';

const everyMs = 60 * 60_000;
const atOnceMax = 1_000;

@Injectable()
export class StaffSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('staff sweeper');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.sweep().catch((error: Error) => this.logger.error(error.message));
    }, everyMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** At most a thousand; returns how many. */
  async sweep(): Promise<number> {
    const { rows } = await inOneStatement<{ swept: number }>(this.pool, {
      name: 'sweep requests of staff',
      text: 'SELECT azukari.sweep_staff_access($1) AS swept',
      values: [atOnceMax],
    });
    return rows[0]!.swept;
  }
}
