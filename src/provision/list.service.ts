/**
 * The pairwise ids of those who consent to a program, page by page. That is personal data too, so each page is an entry in the log, and is
 * handed out only when a published checkpoint covers it.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { encodePairwiseId } from '../kernel/pairwise-id.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { GateService } from './gate.service.js';
import { refused } from './refused.js';

export interface ListPage {
  residents: string[];
  /** Pass it as `cursor` for the next page; null on the last one. */
  next: string | null;
  receipt: { entry: string; proof: string };
}

@Injectable()
export class ListService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly gate: GateService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
  ) {}

  /** @param cursor the last pairwise id of the page before. A refusal is thrown as the mistake that tells it. */
  async page(recipientId: string, programId: string, limit: number, cursor: string | null): Promise<ListPage> {
    const found = await this.consenting(recipientId, programId, limit + 1, cursor);
    const residents = found.slice(0, limit);
    const { index, entry, reason } = await this.gate.appendList(recipientId, programId, residents.length);
    if (reason !== null) throw refused(reason);
    const checkpoint = await this.publication.covering(index);
    // Who has withdrawn meanwhile is not handed out any more.
    const standing = new Set(await this.consenting(recipientId, programId, limit + 1, cursor));
    return {
      residents: residents.filter((id) => standing.has(id)),
      next: found.length > limit ? residents.at(-1)! : null,
      receipt: { entry, proof: await this.receipts.proof(index, checkpoint) },
    };
  }

  /** Whether recipient and program stand at the moment. It decides nothing: the database does, under its locks. */
  async stands(recipientId: string, programId: string): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'program stands',
      text: `SELECT FROM azukari.program p JOIN azukari.recipient r ON r.id = p.recipient_id AND r.status = 'active'
             WHERE p.id = $2 AND p.recipient_id = $1 AND p.status = 'active'
               AND clock_timestamp() >= p.starts_at AND clock_timestamp() < p.ends_at`,
      values: [recipientId, programId],
    });
    return rowCount === 1;
  }

  /** In ascending order of the pairwise id, which tells nothing about anyone. */
  async consenting(recipientId: string, programId: string, limit: number, cursor: string | null): Promise<string[]> {
    const { rows } = await this.pool.query<{ pairwise_id: Buffer }>({
      name: 'list consenting',
      text: `SELECT c.pairwise_id FROM azukari.consent c
             JOIN azukari.program p ON p.id = c.program_id AND p.version = c.program_version AND p.status = 'active'
             JOIN azukari.recipient r ON r.id = c.recipient_id AND r.status = 'active'
             WHERE c.program_id = $2 AND c.recipient_id = $1 AND c.state = 'active' AND c.ends_at > clock_timestamp()
               AND c.pairwise_id > $4 ORDER BY c.pairwise_id LIMIT $3`,
      values: [recipientId, programId, limit, cursor === null ? Buffer.alloc(0) : Buffer.from(cursor, 'base64url')],
    });
    return rows.map((row) => encodePairwiseId(row.pairwise_id));
  }
}
