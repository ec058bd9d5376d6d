/**
 * What a resident is shown, and exports, of their own data. It goes the way of every read: an entry under the resident's own tag, a published
 * checkpoint over it, and only then the records, which are opened here with the resident's key. The database knows the resident by the session alone.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inAnotherRun } from '../database/database-run.js';
import { askGate, type GateRefusals } from '../database/gate-answer.js';
import { RateLimits } from '../http/rate-limit.js';
import type { Session } from '../http/session.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf, selfRecipient } from '../kernel/pairwise-id.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { type ResidentKeys, ResidentKeysService } from '../residents/resident-keys.service.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { type EntryPlace, placeIn } from '../transparency-log/city-logs.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import type { Receipt } from '../transparency-log/receipt.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { openAll, type OpenedRecord } from './opened-records.js';

export interface OwnAccess {
  /** Of its entry. */
  place: EntryPlace;
  /** As the entry's commitment has it. */
  at: Date;
  /** By category, the newest day first. */
  records: OpenedRecord[];
  receipt: Receipt;
}

interface Held {
  category: string;
  version: number;
}

@Injectable()
export class OwnAccessService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: ResidentKeysService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    private readonly store: LogStoreService,
    private readonly rateLimits: RateLimits,
  ) {}

  /**
   * The current records of one category.
   * @throws Mistake `not-found` where nothing of it is held; `log-unavailable` while no checkpoint covers the entry; `rate-limited`
   */
  async look(session: Session, category: string, now: Date): Promise<OwnAccess> {
    const held = (await this.held(session.id)).filter((one) => one.category === category);
    if (held.length === 0) throw new Mistake('not-found', 'nothing of this category is kept about you');
    return this.access(session, held, false, now);
  }

  /** All that is held: current records and those that were replaced. Throws `log-unavailable` and `rate-limited` as above. */
  async exportAll(session: Session, now: Date): Promise<OwnAccess> {
    return this.access(session, await this.held(session.id), true, now);
  }

  private async held(residentId: string): Promise<Held[]> {
    const { rows } = await this.pool.query<Held>({
      name: 'categories held of a resident',
      text: 'SELECT category, version FROM azukari.vault_version WHERE resident_id = $1 AND version > 0 ORDER BY category COLLATE "C"',
      values: [residentId],
    });
    return rows;
  }

  private async access(session: Session, held: readonly Held[], isEverything: boolean, at: Date): Promise<OwnAccess> {
    const residentId = session.id as Uuid;
    this.rateLimits.take(isEverything ? 'own-export' : 'own-access', residentId);
    const keys = await this.keys.require(residentId);
    const { commitment, sealed, nonce, detail } = commitToDetail(keys, residentId, {
      at: at.toISOString(),
      pairwiseId: encodePairwiseId(pairwiseIdOf(keys.identifierKey, selfRecipient)),
      versions: Object.fromEntries(held.map(({ category, version }) => [category, version])),
    });
    const [{ idx, entry }] = (await this.ask<{ idx: number; entry: string }>(
      'append own access',
      'append_own_access($1, $2, $3, $4, $5, $6)',
      [
        ...[session.sha256, held.map(({ category }) => category), held.map(({ version }) => version), isEverything],
        ...[commitment, sealed],
      ],
    )) as [{ idx: number; entry: string }];
    this.publication.appended();
    const checkpoint = await this.publication.covering(idx);
    const proof = await this.receipts.proof(idx, checkpoint);
    return {
      ...{ place: placeIn(await this.store.logs(), idx), at, records: await this.recordsOf(session, idx, keys) },
      receipt: { entry, nonce, detail, proof },
    };
  }

  private recordsOf(session: Session, index: number, keys: ResidentKeys): Promise<OpenedRecord[]> {
    return openAll(keys, session.id as Uuid, (category, id) =>
      this.ask('redeem own access', 'redeem_own_access($1, $2, $3, $4)', [session.sha256, index, category, id]),
    );
  }

  private ask<R extends object>(name: string, call: string, values: unknown[]): Promise<R[]> {
    return askGate(this.pool, { name, text: `SELECT * FROM azukari.${call}`, values }, refusals);
  }
}

const refusals: GateRefusals = {
  AZ403: ['sign-in-required', 'the session has ended; sign in again'],
  // Erased meanwhile.
  AZ404: ['sign-in-required', 'nothing is kept about you any more'],
  AZ005: ['log-unavailable', 'the log is frozen, or did not sign what was asked for within a minute; ask again'],
  AZ007: inAnotherRun,
};
