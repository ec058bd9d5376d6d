/** The register of recipients. A change of status is seen by every read that starts after it has answered. */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inOneRun } from '../database/database-run.js';
import { inOneStatement } from '../database/pool.js';
import { WITHDRAWAL_JOURNAL, WithdrawalJournal } from '../database/withdrawal-journal.js';
import { Mistake } from '../kernel/errors.js';
import type { Bilingual } from '../policy/catalogue.js';
import { journalStatus } from './journal-status.js';
import { Recipient, type RecipientKind, type RecipientStatus } from './recipient.entity.js';

export interface NewRecipient {
  id: string;
  kind: RecipientKind;
  nameJa: string;
  nameEn: string;
  country: string;
  municipalityCode: string;
}

/** Why something is suspended, resumed or ended, and the board member who says so. */
export interface StatusReason {
  reason: Bilingual;
  actor: string;
}

/** What of a recipient never changes once it is registered. */
export type KnownRecipient = Pick<Recipient, 'id' | 'kind' | 'country' | 'nameJa' | 'nameEn'>;

@Injectable()
export class RecipientsService {
  private readonly known = new Map<string, KnownRecipient>();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Recipient) private readonly recipients: Repository<Recipient>,
    @Inject(WITHDRAWAL_JOURNAL) private readonly journal: WithdrawalJournal,
  ) {}

  async register(recipient: NewRecipient): Promise<void> {
    await inOneStatement(this.pool, {
      text: 'SELECT azukari.register_recipient($1, $2, $3, $4, $5, $6)',
      values: [
        ...[recipient.id, recipient.kind, recipient.nameJa, recipient.nameEn],
        ...[recipient.country, recipient.municipalityCode],
      ],
    });
  }

  /** Returns the index of the log entry, or null when the recipient stood so already. Durable in the journal before it is answered. */
  async changeStatus(id: string, status: RecipientStatus, { reason, actor }: StatusReason): Promise<number | null> {
    return inOneRun(this.pool, async () => {
      const { rows } = await inOneStatement<{ idx: number | null }>(this.pool, {
        text: 'SELECT azukari.change_recipient_status($1, $2, $3, $4) AS idx',
        values: [id, status, JSON.stringify(reason), actor],
      });
      await journalStatus({ pool: this.pool, journal: this.journal }, { kind: 'recipient', id, status }, rows[0]!.idx);
      return rows[0]!.idx;
    });
  }

  all(): Promise<Recipient[]> {
    return this.recipients.find({ order: { id: 'ASC' } });
  }

  find(id: string): Promise<Recipient | null> {
    return this.recipients.findOneBy({ id });
  }

  async require(id: string): Promise<Recipient> {
    const recipient = await this.find(id);
    if (recipient === null) throw new Mistake('not-found', 'there is no such recipient');
    return recipient;
  }

  /** What never changes of a recipient, without asking the database twice. Its status is not among it. */
  async requireKnown(id: string): Promise<KnownRecipient> {
    const known = this.known.get(id) ?? (await this.require(id));
    this.known.set(id, known);
    return known;
  }
}
