/**
 * A resident's answers: giving and refusing, and how they end by themselves. Each stands in the log in the same transaction. What the
 * database decides under its locks is in migrations/city/consents.ts.
 */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement, type Transaction } from '../database/pool.js';
import { WITHDRAWAL_JOURNAL, WithdrawalJournal } from '../database/withdrawal-journal.js';
import { Mistake } from '../kernel/errors.js';
import { newUuid, type Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf, selfRecipient } from '../kernel/pairwise-id.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { Consent, encodeItems, type ConsentItem } from './consent.entity.js';
import type { NoticeLanguage } from './consent-notice.js';
import { noticeName, OffersService } from './offers.service.js';

export interface Answer {
  programId: string;
  decision: 'give' | 'refuse';
  /** Ignored for a refusal. Nothing is consented to that is not named here. */
  items: readonly ConsentItem[];
  language: NoticeLanguage;
  /** Of the notice that was shown, hex; when given it must be that of the notice in force. */
  noticeSha256?: string | undefined;
}

export interface Given {
  consentId: Uuid;
  state: 'active' | 'refused';
  endsAt: Date;
  logIndex: number;
  receipt: string;
  pairwiseId: string | null;
}

/** An answer ready to be recorded. */
export interface PreparedAnswer {
  given: Omit<Given, 'logIndex'>;
  values: unknown[];
}

const dayMs = 86_400_000;

@Injectable()
export class ConsentsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Consent) private readonly consents: Repository<Consent>,
    private readonly keys: ResidentKeysService,
    private readonly offers: OffersService,
    private readonly publication: PublicationService,
    @Inject(WITHDRAWAL_JOURNAL) private readonly journal: WithdrawalJournal,
  ) {}

  /** Makes everything an answer needs, receipt included, without changing anything. */
  async prepare(residentId: Uuid, answer: Answer, now: Date): Promise<PreparedAnswer> {
    const offer = await this.offers.require(residentId, answer.programId, answer.language);
    const { program, notice } = offer;
    if (answer.noticeSha256 !== undefined && answer.noticeSha256 !== notice.sha256.toString('hex')) {
      throw new Mistake('conflict', 'the notice has changed since it was shown; show it again');
    }
    const isGiven = answer.decision === 'give';
    if (isGiven) this.offers.requireKnown(answer.items);
    const items = isGiven ? encodeItems(answer.items) : [];
    if (isGiven) this.offers.requireItems(offer, items);
    const keys = await this.keys.require(residentId);
    const consentId = newUuid();
    const pairwise = pairwiseIdOf(keys.identifierKey, isGiven ? program.recipientId : selfRecipient);
    const pairwiseId = isGiven ? encodePairwiseId(pairwise) : null;
    const endsAt = new Date(
      Math.min(now.getTime() + program.application.terms.periodDays * dayMs, program.endsAt.getTime()),
    );
    const state = isGiven ? 'given' : 'refused';
    const receipt = await this.offers.signReceipt(offer, { consentId, items, at: now, endsAt, state, pairwiseId });
    const detail = { consentId, program: program.id, version: program.version, items, at: now.toISOString() };
    const { commitment, sealed } = commitToDetail(keys, residentId, {
      ...detail,
      pairwiseId: encodePairwiseId(pairwise),
    });
    return {
      given: { consentId, state: isGiven ? 'active' : 'refused', endsAt, receipt, pairwiseId },
      values: [
        ...[residentId, consentId, program.id, program.version, isGiven ? 'active' : 'refused', items, endsAt],
        ...[notice.sha256, notice.language, noticeName(notice), receipt, pairwise, commitment, sealed, commitment],
      ],
    };
  }

  /** Records a prepared answer inside the caller's transaction. Call `settled` once it has committed. */
  async record(transaction: Transaction, { given, values }: PreparedAnswer): Promise<Given> {
    await transaction.query({
      name: 'require policy',
      text: 'SELECT azukari.require_policy($1)',
      values: [this.offers.policy],
    });
    const { rows } = await transaction.query<{ idx: number }>({
      name: 'give consent',
      text: 'SELECT azukari.place_in_log(azukari.give_consent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)) AS idx',
      values,
    });
    return { ...given, logIndex: rows[0]!.idx };
  }

  /** Tells the signer that there is something to sign. */
  settled(): void {
    this.publication.appended();
  }

  /**
   * After an answer's commit, before it is told: a consent that it superseded stands in the journal as ended, like one that was withdrawn,
   * or a restored backup would give the recipient the older and perhaps wider one again.
   */
  async journalSuperseded(residentId: Uuid, { consentId, state }: Pick<Given, 'consentId' | 'state'>): Promise<void> {
    if (state === 'refused') return;
    const { rows } = await this.pool.query<{ supersedes: Uuid; given_at: Date }>({
      name: 'find superseded consent',
      text: 'SELECT supersedes, given_at FROM azukari.consent WHERE resident_id = $1 AND id = $2 AND supersedes IS NOT NULL',
      values: [residentId, consentId],
    });
    const superseded = rows[0];
    if (superseded === undefined) return;
    await this.journal.append({
      ...{ kind: 'withdrawal', residentId, consentId: superseded.supersedes },
      at: superseded.given_at.toISOString(),
    });
  }

  /** Marks consents whose time is over, at most `limit`; returns how many. */
  async expireDue(limit: number, now: Date): Promise<number> {
    const due = await this.pool.query<{ resident_id: Uuid; id: Uuid }>(
      `SELECT resident_id, id FROM azukari.consent WHERE state IN ('active', 'paused') AND ends_at <= statement_timestamp() ORDER BY ends_at LIMIT $1`,
      [limit],
    );
    const keys = await this.keys.find(due.rows.map(({ resident_id }) => resident_id));
    for (const { resident_id, id } of due.rows) {
      const own = keys.get(resident_id);
      // Erased since: the consent went before the keys.
      if (own === undefined) continue;
      const { commitment, sealed } = commitToDetail(own, resident_id, {
        consentId: id,
        expired: true,
        at: now.toISOString(),
      });
      const values = [resident_id, id, commitment, sealed];
      await inOneStatement(this.pool, { text: 'SELECT azukari.expire_consent($1, $2, $3, $4)', values });
    }
    if (due.rows.length > 0) this.publication.appended();
    return due.rows.length;
  }

  allOf(residentId: Uuid): Promise<Consent[]> {
    return this.consents.find({ where: { residentId }, order: { givenAt: 'DESC', id: 'ASC' } });
  }

  /** Throws `not-found` when there is none, or it is another resident's. */
  async require(residentId: Uuid, id: Uuid): Promise<Consent> {
    const consent = await this.consents.findOneBy({ residentId, id });
    if (consent === null) throw new Mistake('not-found', 'there is no such consent of yours');
    return consent;
  }
}
