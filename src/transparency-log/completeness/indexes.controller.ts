/** The board has the log indexed now, without waiting for the night: before an audit, or when a resident asks. */
import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../../database/connections.js';
import { SignedIn } from '../../http/session.guard.js';
import { readCityLogs } from '../city-logs.js';
import { readRanges } from './index-store.js';
import { IndexerService } from './indexer.service.js';

@Controller('v1/log/indexes')
@SignedIn('board')
export class IndexesController {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly indexer: IndexerService,
  ) {}

  /** Answers with the newest index: its range, and the entry in which it stands. */
  @Post()
  @HttpCode(201)
  async append(): Promise<{ from: number; to: number; n: number; root: string; entry: number }> {
    await this.indexer.append(null);
    const { from, to, n, root, entry } = (await readRanges(this.pool, (await readCityLogs(this.pool)).at(-1)!.base)).at(
      -1,
    )!;
    return { from, to, n, root: root.toString('base64'), entry };
  }
}
