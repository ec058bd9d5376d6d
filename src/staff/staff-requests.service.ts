/**
 * Staff ask to see what is kept of a resident, and others of the staff approve or refuse it (promise 10). What is refused stands in the log under the unit's
 * tag; what is approved stands there once it is looked at (staff-looks.service.ts). The gate decides who may; here it is put into words.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inAnotherRun } from '../database/database-run.js';
import { askGate } from '../database/gate-answer.js';
import { RateLimits } from '../http/rate-limit.js';
import type { Session } from '../http/session.js';
import { utf8 } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { isUuid, newUuid, type Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf } from '../kernel/pairwise-id.js';
import { bind, seal, unseal, UnsealError } from '../kernel/sealed-box.js';
import { type PolicyBook, requireCategory } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { type ResidentKeys, ResidentKeysService } from '../residents/resident-keys.service.js';
import { ResidentsService } from '../residents/residents.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { stripForbiddenNumbers } from '../vault/forbidden-numbers.js';

export interface NewRequest {
  /** By the name they sign in with. */
  login: string;
  categories: readonly string[];
  /** A code of `policies/staff-reasons.yaml`. */
  reason: string;
  /** For the resident, in their own words. */
  explanation: string;
}

/** Lapsed: nobody decided within a day, or whoever asked has left. Over: the hour in which it could be looked at has passed, or whoever approved has left. */
export type RequestState = 'waiting' | 'approved' | 'refused' | 'lapsed' | 'over';

export interface StaffRequest {
  id: Uuid;
  /** Null for a resident who has none, and to whom it is concealed. */
  login: string | null;
  unitId: string;
  categories: string[];
  reason: string;
  /** Null where it does not open, and to whom it is concealed. */
  explanation: string | null;
  askedBy: string;
  askedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  state: RequestState;
  /** Whom and what it is about is left out: it has been decided, and by others. */
  isConcealed: boolean;
}

/** A request, and whom it is about: their id and keys are for the services of this folder alone. */
export interface RequestAbout {
  request: StaffRequest;
  residentId: Uuid;
  keys: ResidentKeys;
}

interface Row extends Omit<StaffRequest, 'explanation' | 'isConcealed'> {
  residentId: Uuid;
  sealed: Buffer;
}

/** Characters. */
export const explanationLength = { min: 10, max: 1000 } as const;

/** Characters that nobody sees, and those that part lines and paragraphs (Unicode categories). */
const invisible = /\p{Cf}/gu;
const separators = /[\p{Zl}\p{Zp}]/gu;

const listedMax = 200;

const isStaff = (code: string) =>
  `EXISTS (SELECT FROM azukari.staff_member m WHERE m.id = ${code} AND m.left_at IS NULL)`;

const columns = `a.id, r.login, a.resident_id AS "residentId", a.unit_id AS "unitId", a.categories::text[] AS categories, a.reason,
  a.sealed_explanation AS sealed, a.asked_by AS "askedBy", a.asked_at AS "askedAt", a.decided_by AS "decidedBy", a.decided_at AS "decidedAt",
  CASE WHEN a.is_approved AND a.decided_at > clock_timestamp() - interval '1 hour' AND ${isStaff('a.decided_by')} THEN 'approved'
    WHEN a.is_approved THEN 'over' WHEN NOT a.is_approved THEN 'refused'
    WHEN a.asked_at > clock_timestamp() - interval '1 day' AND ${isStaff('a.asked_by')} THEN 'waiting' ELSE 'lapsed' END AS state`;

@Injectable()
export class StaffRequestsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly residents: ResidentsService,
    private readonly keys: ResidentKeysService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly rateLimits: RateLimits,
    private readonly publication: PublicationService,
  ) {}

  /**
   * @throws Mistake `not-found` for a resident who is not known, `unknown-category`, `invalid-request` for an unknown reason or a category named twice,
   * `rate-limited`
   */
  async ask(session: Session, { login, categories, reason, explanation }: NewRequest): Promise<Uuid> {
    this.takeTurn(session);
    for (const category of categories) requireCategory(this.book, category);
    if (new Set(categories).size < categories.length) throw new Mistake('invalid-request', 'a category stands twice');
    if (!this.book.staffReasons.has(reason)) throw new Mistake('invalid-request', 'the policy knows no such reason');
    const resident = await this.residents.findByLogin(login);
    if (resident === null) throw new Mistake('not-found', 'nobody signs in with this name');
    const [id, { dataKey }] = [newUuid(), await this.keys.require(resident.id)];
    const sealed = seal(dataKey, utf8(this.withoutNumbers(explanation)), bindingOf(resident.id, id));
    await this.call('ask_staff_access($1, $2, $3, $4, $5, $6)', [
      ...[session.sha256, id, resident.id, [...categories].sort(), reason, sealed],
    ]);
    return id;
  }

  /**
   * Of the last thirty days, first those that wait or can be looked at, the newest first: also those of others, so that what one does is seen by the rest.
   * Whom and what it is about sees who asked, who decided, and while it waits whoever may decide.
   */
  async list({ id: viewer }: Session): Promise<StaffRequest[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'requests of staff',
      text: `SELECT * FROM (SELECT ${columns} FROM azukari.staff_access a JOIN azukari.resident r ON r.id = a.resident_id
               WHERE a.asked_at > clock_timestamp() - interval '30 days') AS listed
             ORDER BY state IN ('waiting', 'approved') DESC, "askedAt" DESC, id LIMIT $1`,
      values: [listedMax],
    });
    const isInvolved = (row: Row) => row.state === 'waiting' || row.askedBy === viewer || row.decidedBy === viewer;
    const keys = await this.keys.find(rows.filter(isInvolved).map(({ residentId }) => residentId));
    return rows.map((row) => (isInvolved(row) ? opened(row, keys.get(row.residentId)) : concealed(row)));
  }

  /** @throws Mistake `not-found`; `unavailable` where the resident's keys are gone */
  async require(id: string): Promise<RequestAbout> {
    const { rows } = await this.pool.query<Row>({
      name: 'request of staff',
      text: `SELECT ${columns} FROM azukari.staff_access a JOIN azukari.resident r ON r.id = a.resident_id WHERE a.id = $1`,
      values: [isUuid(id) ? id : null],
    });
    if (rows[0] === undefined) throw new Mistake('not-found', 'there is no such request');
    const { residentId } = rows[0];
    const keys = await this.keys.require(residentId);
    return { request: opened(rows[0], keys), residentId, keys };
  }

  /** @throws Mistake `not-found`, `conflict` where it is decided, a day old or cannot be read, `forbidden` for whoever asked */
  async approve(session: Session, id: string): Promise<void> {
    const { request, residentId } = await this.require(id);
    if (request.explanation === null) throw new Mistake('conflict', 'its explanation does not open');
    await this.call('approve_staff_access($1, $2, $3)', [session.sha256, residentId, id]);
  }

  /** Stands in the log. Throws as `approve`, and `rate-limited`. */
  async refuse(session: Session, id: string): Promise<void> {
    this.takeTurn(session);
    const { request, residentId, keys } = await this.require(id);
    const { sealed } = commitToDetail(keys, residentId, {
      ...{ at: new Date().toISOString(), refusedBy: session.id, ...factsOf(request) },
      pairwiseId: encodePairwiseId(pairwiseIdOf(keys.identifierKey, request.unitId)),
    });
    await this.call('refuse_staff_access($1, $2, $3, $4)', [session.sha256, residentId, id, sealed]);
    this.publication.appended();
  }

  /** The digest of the policy by which this node decides. */
  get policy(): string {
    return this.book.digest;
  }

  /** Each of these writes an entry, or may bring one about. @throws Mistake `rate-limited` */
  takeTurn(session: Session): void {
    this.rateLimits.take('staff-access', session.id);
  }

  /** What may not be held may not be held here either. @throws Mistake `invalid-request` where hardly anything is left */
  private withoutNumbers(explanation: string): string {
    const seen = explanation.replace(invisible, '').replace(separators, ' ');
    const { record } = stripForbiddenNumbers({ explanation: seen }, this.book.forbiddenNumbers);
    const kept = (record as { explanation?: string } | null)?.explanation?.trim() ?? '';
    if (kept.length >= explanationLength.min) return kept;
    throw new Mistake('invalid-request', `an explanation has at least ${explanationLength.min} characters`);
  }

  private async call(call: string, values: unknown[]): Promise<void> {
    await askGate(this.pool, { text: `SELECT azukari.${call}`, values }, { AZ007: inAnotherRun });
  }
}

/** What of a request stands in the detail of an entry. */
export function factsOf({ askedBy, askedAt, explanation }: StaffRequest): Readonly<Record<string, unknown>> {
  return { askedBy, askedAt: askedAt.toISOString(), explanation };
}

function opened({ sealed, residentId, ...row }: Row, keys: ResidentKeys | undefined): StaffRequest {
  return { ...row, explanation: openedText(keys, residentId, row.id, sealed), isConcealed: false };
}

function concealed({ id, unitId, reason, askedBy, askedAt, decidedBy, decidedAt, state }: Row): StaffRequest {
  const shown = { id, unitId, reason, askedBy, askedAt, decidedBy, decidedAt, state };
  return { ...shown, login: null, categories: [], explanation: null, isConcealed: true };
}

function openedText(keys: ResidentKeys | undefined, residentId: Uuid, id: Uuid, sealed: Buffer): string | null {
  try {
    return keys === undefined ? null : unseal(keys.dataKey, sealed, bindingOf(residentId, id)).toString('utf8');
  } catch (error) {
    if (error instanceof UnsealError) return null;
    throw error;
  }
}

function bindingOf(residentId: Uuid, id: Uuid): Buffer {
  return bind('azukari/staff-explanation/v1', residentId, id);
}
