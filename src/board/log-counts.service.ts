/**
 * Public counts, from the city's logs themselves: how often data was provided, refused, and consent withdrawn. Counted once and carried on, so that a page
 * costs only what is new since the last one; a large log is counted over several pages, and the answer says how far it goes.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { LogStoreService, reachOf } from '../transparency-log/log-store.service.js';

export interface LogCounts {
  /** Entries counted, from the first of the city's first log on. */
  upTo: number;
  provisions: number;
  refusals: number;
  withdrawals: number;
  /** How often one of the operator's staff may have been shown a resident's data. */
  staff: number;
  /** Consents in force now. */
  consentsInForce: number;
  /** Provisions on another legal basis than consent. There is no path for one in this version. */
  otherBasis: number;
}

const batch = 5_000;
const batchesMax = 20;
const freshMs = 5_000;

@Injectable()
export class LogCountsService {
  private upTo = 0;
  private provisions = 0;
  private refusals = 0;
  private withdrawals = 0;
  private staff = 0;
  private inForce = 0;
  private countedAtMs = -Infinity;
  private counting: Promise<void> = Promise.resolve();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly store: LogStoreService,
  ) {}

  async counts(): Promise<LogCounts> {
    this.counting = this.counting.catch(() => undefined).then(() => this.carryOn());
    await this.counting;
    const { upTo, provisions, refusals, withdrawals, staff } = this;
    return {
      upTo,
      provisions,
      refusals,
      withdrawals,
      staff,
      consentsInForce: await this.countInForce(),
      otherBasis: 0,
    };
  }

  /** Counting reads every consent in force, so visitors within a few seconds share one count. */
  private async countInForce(): Promise<number> {
    if (performance.now() - this.countedAtMs > freshMs) {
      this.countedAtMs = performance.now();
      const { rows } = await this.pool.query<{ count: number }>({
        name: 'count consents in force',
        text: `SELECT count(*) AS count FROM azukari.consent WHERE state = 'active' AND ends_at > clock_timestamp()`,
      });
      this.inForce = rows[0]!.count;
    }
    return this.inForce;
  }

  private async carryOn(): Promise<void> {
    const checkpoint = await this.store.checkpoint();
    const size = checkpoint ? reachOf(checkpoint) : 0;
    for (let round = 0; round < batchesMax && this.upTo < size; round += 1) {
      const to = Math.min(size, this.upTo + batch);
      for (const { entry } of await this.store.entries(this.upTo, to)) this.count(entry);
      this.upTo = to;
    }
  }

  private count(entry: string): void {
    if (entry.startsWith('{"v":1,"t":"provision",')) this.provisions += 1;
    else if (entry.startsWith('{"v":1,"t":"void",')) this.provisions -= 1;
    else if (entry.startsWith('{"v":1,"t":"refusal",')) this.refusals += 1;
    else if (entry.startsWith('{"v":1,"t":"staff",')) this.staff += 1;
    else if (entry.startsWith('{"v":1,"t":"consent",') && entry.includes('"state":"withdrawn"')) this.withdrawals += 1;
  }
}
