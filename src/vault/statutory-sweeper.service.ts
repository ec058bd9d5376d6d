/** Removes records of third-party provision whose three years are over, and then the keys of months of which none is left. */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { StatutoryKeysService } from './statutory-keys.service.js';

const everyMs = 60 * 60_000;
const atOnceMax = 5_000;

@Injectable()
export class StatutorySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('statutory sweeper');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();
  private isStopped = false;

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: StatutoryKeysService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.sweep().catch((error: Error) => this.logger.error(error.message));
    }, everyMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Returns how many records were removed. */
  async sweep(): Promise<number> {
    let removed = 0;
    // Among the first may be some that are not due, so that fewer go than there was room for.
    for (let part = 1; part > 0; removed += part) {
      if (this.isStopped) return removed;
      const { rows } = await inOneStatement<{ swept: number }>(this.pool, {
        name: 'sweep provision records',
        text: 'SELECT azukari.sweep_provision_records($1) AS swept',
        values: [atOnceMax],
      });
      part = rows[0]!.swept;
    }
    await this.keys.destroyDue();
    return removed;
  }
}
