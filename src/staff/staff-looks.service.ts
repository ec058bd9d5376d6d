/**
 * One of the staff looks at what another has approved (promise 10). It goes the way of every read: an entry under the unit's tag, a published checkpoint over it,
 * for sensitive categories a quorum of witnesses, and only then the records. Who asked, who approved it and why is sealed for the resident.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inAnotherRun } from '../database/database-run.js';
import { askGate, type GateRefusals } from '../database/gate-answer.js';
import type { Session } from '../http/session.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf } from '../kernel/pairwise-id.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { type EntryPlace, placeIn } from '../transparency-log/city-logs.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { openAll, type OpenedRecord } from '../vault/opened-records.js';
import { factsOf, type RequestAbout, type StaffRequest, StaffRequestsService } from './staff-requests.service.js';
import { StaffService } from './staff.service.js';

export interface StaffLook {
  /** Of its entry. */
  place: EntryPlace;
  at: Date;
  request: StaffRequest;
  /** By category, the newest day first; only those that are current. */
  records: OpenedRecord[];
  /** A C2SP tlog-proof that the entry stands in the signed log, and the entry. What opens it is the resident's. */
  entry: string;
  proof: string;
}

interface Written {
  at: Date;
  index: number;
  entry: string;
}

const attemptsMax = 3;

@Injectable()
export class StaffLooksService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly staff: StaffService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    private readonly store: LogStoreService,
    private readonly requests: StaffRequestsService,
  ) {}

  /**
   * The current records of the categories that were asked for.
   * @throws Mistake `not-found`; `forbidden` where nobody else has approved it within the hour, which stands in the log; `log-unavailable`,
   * `log-unwitnessed`; `rate-limited`
   */
  async look(session: Session, id: string): Promise<StaffLook> {
    this.requests.takeTurn(session);
    const about = await this.requests.require(id);
    const { request, residentId, keys } = about;
    const { at, index, entry } = await this.write(session, about);
    this.publication.appended();
    const checkpoint = await this.publication.covering(index, request.categories);
    const proof = await this.receipts.proof(index, checkpoint);
    const records = await openAll(keys, residentId, (category, record) =>
      this.ask(
        'redeem_staff_look($1, $2, $3, $4, $5)',
        [session.sha256, residentId, index, category, record],
        atTheEnd,
      ),
    );
    return { place: placeIn(await this.store.logs(), index), at, request, records, entry, proof };
  }

  /** Writes the entry. What was deposited at the same moment counts: then it is made again. */
  private async write(session: Session, about: RequestAbout): Promise<Written> {
    const { state, askedBy } = about.request;
    // What is sealed says who approved it, so it is not made before that is known; the gate compares it.
    if (state !== 'approved' || askedBy !== session.id) return this.refuse(session, about);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.append(session, about);
      } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        if (error.code === 'forbidden') return this.refuse(session, about);
        if (error.code !== 'conflict' || attempt === attemptsMax) throw error;
      }
    }
  }

  private async append(session: Session, { request, residentId, keys }: RequestAbout): Promise<Written> {
    const { id, unitId, categories, decidedBy, decidedAt } = request;
    const [at, pairwiseId] = [new Date(), pairwiseIdOf(keys.identifierKey, unitId)];
    const versions = await this.versionsOf(residentId, categories);
    const { commitment, sealed } = commitToDetail(keys, residentId, {
      ...{ at: at.toISOString(), pairwiseId: encodePairwiseId(pairwiseId), ...factsOf(request) },
      ...{ approvedBy: decidedBy, approvedAt: decidedAt?.toISOString() ?? null },
      versions: Object.fromEntries(categories.map((category, place) => [category, versions[place]!])),
    });
    const [row] = await this.ask<{ idx: number; entry: string }>('append_staff_look($1, $2, $3, $4, $5, $6, $7, $8)', [
      ...[session.sha256, residentId, id, decidedBy, versions, this.requests.policy, commitment, sealed],
    ]);
    return { at, index: row!.idx, entry: row!.entry };
  }

  /** It stands in the log under the unit of whoever tried, and the resident reads who. */
  private async refuse(session: Session, { request, residentId, keys }: RequestAbout): Promise<never> {
    const member = await this.staff.find(session.id);
    if (member === null) throw new Mistake('sign-in-required', 'you have left the staff');
    const { sealed } = commitToDetail(keys, residentId, {
      ...{ at: new Date().toISOString(), triedBy: session.id },
      pairwiseId: encodePairwiseId(pairwiseIdOf(keys.identifierKey, member.unitId)),
    });
    await this.ask('refuse_staff_look($1, $2, $3, $4)', [session.sha256, residentId, request.id, sealed]);
    this.publication.appended();
    throw new Mistake(...notApproved);
  }

  /** 0 where nothing was ever deposited. */
  private async versionsOf(residentId: Uuid, categories: readonly string[]): Promise<number[]> {
    const { rows } = await this.pool.query<{ category: string; version: number }>({
      name: 'versions of some categories',
      text: 'SELECT category, version FROM azukari.vault_version WHERE resident_id = $1 AND category = ANY ($2::text[])',
      values: [residentId, categories],
    });
    const known = new Map(rows.map(({ category, version }) => [category, version]));
    return categories.map((category) => known.get(category) ?? 0);
  }

  private ask<R extends object>(call: string, values: unknown[], told = refusals): Promise<R[]> {
    return askGate(this.pool, { text: `SELECT * FROM azukari.${call}`, values }, told);
  }
}

const notApproved = ['forbidden', 'nobody else of the staff has approved this within the hour'] as const;

const refusals: GateRefusals = {
  AZ403: notApproved,
  // Erased meanwhile.
  AZ404: ['not-found', 'nothing is kept about this resident any more'],
  AZ409: ['conflict', 'something changed at this very moment; look again'],
  AZ005: ['log-unavailable', 'the log is frozen, or did not sign what was asked for within a minute; ask again'],
  AZ006: ['log-unwitnessed', 'no quorum of witnesses stands behind the log as it must'],
  AZ007: inAnotherRun,
};

const atTheEnd: GateRefusals = {
  ...refusals,
  AZ403: ['forbidden', 'the hour ended, or somebody left the staff, before the data was shown; the entry stands'],
};
