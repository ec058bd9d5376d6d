/** What is held about a resident, told without opening any of it: how many records of which category, from whom, from which days. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import type { Uuid } from '../kernel/ids.js';

export interface Holding {
  category: string;
  sourceId: string;
  /** Current records; 0 when only superseded ones are left. */
  records: number;
  /** Earlier versions of records; they stay, sealed, when a later delivery replaces them. */
  superseded: number;
  /** `YYYY-MM-DD`: the first and the last day that current and superseded records are about. */
  firstDay: string;
  lastDay: string;
  lastDepositedAt: Date;
}

@Injectable()
export class HoldingsService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  /** One line for each category and source, in that order. */
  async holdingsOf(residentId: Uuid): Promise<Holding[]> {
    const { rows } = await this.pool.query<Holding>({
      name: 'holdings of a resident',
      text: `SELECT category, source_id AS "sourceId", count(*) FILTER (WHERE superseded_version IS NULL) AS records,
               count(*) FILTER (WHERE superseded_version IS NOT NULL) AS superseded, min(on_date) AS "firstDay", max(on_date) AS "lastDay",
               max(deposited_at) AS "lastDepositedAt"
             FROM azukari.deposited_records WHERE resident_id = $1 GROUP BY category, source_id ORDER BY category, source_id`,
      values: [residentId],
    });
    return rows;
  }
}
