/**
 * Has the completeness index appended: every night, and whenever it is asked for. Any node may do it at any time: the database computes the
 * index from the log, one caller after the other, so two nodes cannot write two and a wrong one cannot be written (design section 6).
 */
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import { APP_POOL } from '../../database/connections.js';
import { inTransaction } from '../../database/pool.js';
import { systemClock } from '../../kernel/clock.js';
import { LOG_OPTIONS, type LogOptions } from '../log-options.js';
import { PublicationService } from '../publication.service.js';
import { lastNight } from './nightly.js';

const lookEveryMs = 60_000;

@Injectable()
export class IndexerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('indexer');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly publication: PublicationService,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.options.indexesAtNight) return;
    this.timer = setInterval(() => {
      this.running = this.running
        .then(() => this.append(lastNight(systemClock())))
        .catch((error: Error) => this.logger.error(`no index was appended: ${error.message}`));
    }, lookEveryMs);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /**
   * Appends the index of everything since the last one, and a rollup for each month that is over.
   * @param unlessSince appends none if the last one is of that instant or later; null appends one in any case.
   * @returns the index's entry, or null where none was due.
   */
  async append(unlessSince: Date | null): Promise<number | null> {
    const entry = await this.call('SELECT azukari.append_index($1) AS entry', [unlessSince]);
    while ((await this.call('SELECT azukari.append_rollup() AS entry', [])) !== null);
    return entry;
  }

  /** Transactions of their own: the index of a large day may take longer than other statements may, and who waits for it waits as long. */
  private async call(text: string, values: unknown[]): Promise<number | null> {
    const entry = await inTransaction(this.pool, async (transaction) => {
      await transaction.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
      return (await transaction.query<{ entry: number | null }>(text, values)).rows[0]!.entry;
    });
    if (entry !== null) this.publication.appended();
    return entry;
  }
}
