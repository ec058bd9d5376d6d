/**
 * Withdrawing, all of a consent or single items of it. Each stands in the log in the same transaction, and in the journal before it is answered.
 * It asks nothing of program, recipient, policy or signer, and waits for no checkpoint: only for its own commit and for the journal's.
 */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DatabaseError, Pool } from 'pg';
import { In, Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inOneRun } from '../database/database-run.js';
import { inOneStatement } from '../database/pool.js';
import { WITHDRAWAL_JOURNAL, WithdrawalJournal } from '../database/withdrawal-journal.js';
import { Mistake } from '../kernel/errors.js';
import { isUuid, newUuid, type Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf } from '../kernel/pairwise-id.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { Consent, type ConsentItem, decodeItem, encodeItems } from './consent.entity.js';
import { OffersService } from './offers.service.js';

export interface Withdrawn {
  state: 'withdrawn';
  endedAt: Date;
  logIndex: number;
}

/** Some items are withdrawn: the consent that has the others. */
export interface Narrowed {
  state: 'active' | 'paused';
  id: Uuid;
  supersedes: Uuid | null;
  items: ConsentItem[];
  endsAt: Date;
  logIndex: number;
  receipt: string;
}

export interface WithdrawalRequest {
  /** Null for all of them. */
  items: readonly ConsentItem[] | null;
  reason: string | null;
}

/** The consent may be superseded between looking and locking; so often in a row, it is not. */
const attemptsMax = 8;

@Injectable()
export class WithdrawalsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Consent) private readonly consents: Repository<Consent>,
    private readonly keys: ResidentKeysService,
    private readonly offers: OffersService,
    private readonly publication: PublicationService,
    @Inject(WITHDRAWAL_JOURNAL) private readonly journal: WithdrawalJournal,
  ) {}

  /**
   * Once this has returned, no read that starts on any node returns data of what was withdrawn. Withdrawing twice is one withdrawal, and
   * journals it again, in case the first time was cut short.
   */
  async withdraw(
    residentId: Uuid,
    consentId: Uuid,
    { items, reason }: WithdrawalRequest,
    now: Date,
  ): Promise<Withdrawn | Narrowed> {
    if (!isUuid(consentId)) throw notFound();
    return inOneRun(this.pool, () =>
      items === null
        ? this.withdrawAll(residentId, consentId, reason, now)
        : this.withdrawItems(residentId, consentId, items, reason, now),
    );
  }

  private async withdrawItems(
    residentId: Uuid,
    consentId: Uuid,
    items: readonly ConsentItem[],
    reason: string | null,
    now: Date,
  ): Promise<Withdrawn | Narrowed> {
    const { consent: named, items: asked } = await this.requireNamed(residentId, consentId, items);
    for (let attempt = 1; ; attempt++) {
      const consent = await this.inForceAfter(named);
      const withdrawn = consent.items.filter((item) => asked.includes(item));
      if (withdrawn.length === 0) {
        await this.keep(named.id, asked, consent);
        return answerOf(consent);
      }
      if (consent.state === 'withdrawn' || withdrawn.length === consent.items.length)
        return this.withdrawAll(residentId, consent.id, reason, now);
      try {
        return await this.narrow(consent, withdrawn, reason, now);
      } catch (error) {
        const isLate = error instanceof DatabaseError && error.code === 'AZ409';
        if (!isLate || attempt === attemptsMax) throw error;
      }
    }
  }

  /**
   * For a line of the journal about a consent that a restored database takes to be in force. All of it is withdrawn, also where the line is about
   * single items: what came after it is lost, and may have withdrawn the others.
   */
  async withdrawAgain(residentId: Uuid, consentId: Uuid, now: Date): Promise<void> {
    await this.end(residentId, consentId, 'restored', now);
    this.publication.appended();
  }

  private async withdrawAll(residentId: Uuid, consentId: Uuid, reason: string | null, now: Date): Promise<Withdrawn> {
    const withdrawn = await this.end(residentId, consentId, reason, now);
    await this.journal.append({ kind: 'withdrawal', residentId, consentId, at: withdrawn.endedAt.toISOString() });
    this.publication.appended();
    return withdrawn;
  }

  private async end(residentId: Uuid, consentId: Uuid, reason: string | null, now: Date): Promise<Withdrawn> {
    const keys = await this.keys.require(residentId);
    const facts = { consentId, withdrawn: true, at: now.toISOString() };
    const { commitment, sealed } = commitToDetail(keys, residentId, facts);
    const { rows } = await inOneStatement<{ ended_at: Date; log_index: number }>(this.pool, {
      name: 'withdraw consent',
      text: 'SELECT ended_at, azukari.place_in_log(log_index) AS log_index FROM azukari.withdraw_consent($1, $2, $3, $4, $5, $6)',
      values: [residentId, consentId, 'resident', reason, commitment, sealed],
    });
    const { ended_at: endedAt, log_index: logIndex } = rows[0]!;
    return { state: 'withdrawn', endedAt, logIndex };
  }

  private async requireNamed(residentId: Uuid, id: Uuid, asked: readonly ConsentItem[]) {
    if (asked.length === 0)
      throw new Mistake('unacceptable-items', 'name the items, or leave them out to withdraw all');
    this.offers.requireKnown(asked);
    const consent = await this.consents.findOneBy({ residentId, id });
    if (consent === null) throw notFound();
    const items = encodeItems(asked);
    const foreign = items.find((item) => !consent.items.includes(item));
    if (foreign !== undefined)
      throw new Mistake('unacceptable-items', 'an item is not one of the consent', { item: foreign });
    return { consent, items };
  }

  /**
   * The consent itself, or that which took its place. Throws `conflict` when it ended otherwise than by being withdrawn, `not-found` when the
   * resident was erased meanwhile.
   */
  private async inForceAfter({ residentId, id, programId }: Consent): Promise<Consent> {
    const consent = await this.consents.findOneBy({ residentId, id });
    if (consent === null) throw notFound();
    if (['active', 'paused', 'withdrawn'].includes(consent.state)) return consent;
    const current =
      consent.state === 'superseded'
        ? await this.consents.findOneBy({ residentId, programId, state: In(['active', 'paused']) })
        : null;
    if (current === null) throw new Mistake('conflict', 'nothing of this consent is in force any more');
    return current;
  }

  private async narrow(consent: Consent, withdrawn: string[], reason: string | null, now: Date): Promise<Narrowed> {
    const { residentId, endsAt } = consent;
    const keys = await this.keys.require(residentId);
    const id = newUuid();
    const items = consent.items.filter((item) => !withdrawn.includes(item));
    const pairwiseId = encodePairwiseId(pairwiseIdOf(keys.identifierKey, consent.recipientId));
    const signed = { consentId: id, items, at: now, endsAt, state: 'given', pairwiseId } as const;
    const receipt = await this.offers.signReceiptOfRest(consent, signed);
    const at = now.toISOString();
    const of = { program: consent.programId, version: consent.programVersion };
    const rest = commitToDetail(keys, residentId, { consentId: id, ...of, items, at, pairwiseId });
    const end = commitToDetail(keys, residentId, { consentId: consent.id, withdrawn, at });
    const { rows } = await inOneStatement<{ state: Narrowed['state']; withdrawn_at: Date; log_index: number }>(
      this.pool,
      {
        name: 'withdraw items',
        text: 'SELECT state, withdrawn_at, azukari.place_in_log(log_index) AS log_index FROM azukari.withdraw_items($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
        values: [
          ...[residentId, consent.id, withdrawn, reason, id, receipt],
          ...[rest.commitment, rest.sealed, end.commitment, end.sealed],
        ],
      },
    );
    const { state, withdrawn_at: givenAt, log_index: logIndex } = rows[0]!;
    await this.keep(consent.id, withdrawn, { residentId, givenAt });
    return answerOf({ state, id, supersedes: consent.id, items, endsAt, logIndex, receipt });
  }

  private async keep(consentId: Uuid, items: string[], since: Pick<Consent, 'residentId' | 'givenAt'>): Promise<void> {
    const { residentId, givenAt } = since;
    await this.journal.append({ kind: 'withdrawal', residentId, consentId, items, at: givenAt.toISOString() });
    this.publication.appended();
  }
}

type Rest = Pick<Consent, 'state' | 'id' | 'supersedes' | 'items' | 'endsAt' | 'logIndex' | 'receipt'>;

function answerOf({ state, id, supersedes, items, endsAt, logIndex, receipt }: Rest): Narrowed {
  return {
    ...{ state: state as Narrowed['state'], id, supersedes },
    ...{ items: items.map(decodeItem), endsAt, logIndex, receipt },
  };
}

function notFound(): Mistake {
  return new Mistake('not-found', 'there is no such consent of yours');
}
