/**
 * The life of a program: drafted and submitted by its recipient, decided by the board, suspended and resumed. The transitions are in the
 * database (migrations/city/programs.ts); here is what happens around them: the machine checks, the decision's record, and finding.
 */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { In, Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement, inTransaction, type Transaction } from '../database/pool.js';
import { hashCanonicalJson } from '../kernel/canonical-json.js';
import { startOfDayInJapan } from '../kernel/clock.js';
import { Mistake } from '../kernel/errors.js';
import { newCode, newUuid } from '../kernel/ids.js';
import type { Bilingual } from '../policy/catalogue.js';
import { type PolicyBook, requireCategory, requirePurpose } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { checkProgram, type Finding } from '../policy/program-check.js';
import { RecipientsService, type StatusReason } from '../recipients/recipients.service.js';
import type { Application } from './application.js';
import { type BoardDecision, ProgramDecision } from './program-decision.entity.js';
import { Program, type ProgramStatus } from './program.entity.js';
import { ProgramTransitions } from './program-transitions.service.js';

export interface DecisionRequest {
  memberId: string;
  decision: BoardDecision;
  reason: Bilingual;
  /** The version that was read; a decision on another one is refused. */
  version?: number | undefined;
}

export interface StatusChange {
  status: 'active' | 'suspended' | 'retired';
  reason: Bilingual;
  /** The board member. */
  actor: string;
  changedAt: Date;
  logIndex: number;
}

/** A draft ready to be stored. */
export interface PreparedDraft {
  id: string;
  values: unknown[];
}

const publicStatuses: ProgramStatus[] = [
  'in_review',
  'returned',
  'refused',
  'reexamined',
  'approved',
  'active',
  'suspended',
  'retired',
];
const versionsCachedMax = 1000;

@Injectable()
export class ProgramsService {
  /** Submitted versions only: they never change but for their status, which is not read from here. */
  private readonly versions = new Map<string, Program>();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Program) private readonly programs: Repository<Program>,
    @InjectRepository(ProgramDecision) private readonly decisions: Repository<ProgramDecision>,
    private readonly recipients: RecipientsService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly transitions: ProgramTransitions,
  ) {}

  /** Saves a draft: a new program, or the next text of a draft or returned one. Throws `unknown-purpose` or `unknown-category`. */
  async saveDraft(recipientId: string, application: Application, id?: string): Promise<Program> {
    const draft = await this.prepareDraft(recipientId, application, id);
    await inTransaction(this.pool, (transaction) => this.storeDraft(transaction, draft));
    return this.requireNewest(draft.id);
  }

  /** Checks a draft without changing anything; the findings kept with it say what would stand against a submission. */
  async prepareDraft(recipientId: string, application: Application, id = newCode('p')): Promise<PreparedDraft> {
    const { terms } = application;
    for (const { purpose, category } of terms.items) {
      requirePurpose(this.book, purpose);
      requireCategory(this.book, category);
    }
    const findings = await this.check(recipientId, application);
    return {
      id,
      values: [
        ...[id, recipientId, JSON.stringify(application), hashCanonicalJson(terms), terms.legalBasis, terms.relation],
        ...[bandOf(terms.minimumAge), startOfDayInJapan(terms.startsOn), startOfDayInJapan(terms.endsOn)],
        ...[terms.frequency?.count ?? null, terms.frequency?.per ?? null],
        ...[JSON.stringify(terms.items), JSON.stringify(findings)],
      ],
    };
  }

  /** Stores a prepared draft inside the caller's transaction. */
  async storeDraft(transaction: Transaction, { values }: PreparedDraft): Promise<void> {
    await transaction.query({
      text: 'SELECT azukari.save_program_draft($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
      values,
    });
  }

  /** Hands the draft to the board. Throws `unacceptable-program` with the findings when the machine checks stand against it. */
  async submit(recipientId: string, id: string): Promise<Program> {
    const program = await this.requireOwn(recipientId, id);
    const findings = await this.check(recipientId, program.application);
    if (findings.length > 0) {
      throw new Mistake('unacceptable-program', 'the checks found what stands against a review', { findings });
    }
    await inOneStatement(this.pool, {
      text: 'SELECT azukari.submit_program($1, $2, $3, $4)',
      values: [id, program.version, recipientId, JSON.stringify(program.application)],
    });
    return this.requireNewest(id);
  }

  /** The board decides on the version in review. An approval takes effect at once, and ends what stood of earlier versions. */
  async decide(id: string, { memberId, decision, reason, version }: DecisionRequest): Promise<Program> {
    const program = await this.requireNewest(id);
    if (version !== undefined && version !== program.version) {
      throw new Mistake('conflict', 'there is a newer version than the one that was read; read it before deciding');
    }
    const decisionId = newUuid();
    const record = {
      id: decisionId,
      program: { id, version: program.version, terms: program.termsSha256.toString('hex') },
      ...{ decidedBy: memberId, decision, reason, policy: this.book.digest },
    };
    await this.transitions.decide(id, program.version, decision, [
      ...[memberId, decisionId, decision, JSON.stringify(reason), JSON.stringify(record), hashCanonicalJson(record)],
    ]);
    return this.requireNewest(id);
  }

  /** Suspends, resumes or retires. Answered only when no reader under way can still be handed data. */
  async changeStatus(id: string, status: 'active' | 'suspended' | 'retired', why: StatusReason): Promise<Program> {
    await this.transitions.change(id, status, why);
    return this.requireNewest(id);
  }

  /** A submitted version, whatever its status is now. Null when there is none. */
  async findVersion(id: string, version: number): Promise<Program | null> {
    const key = `${id}/${version}`;
    const known = this.versions.get(key);
    if (known) return known;
    const program = await this.programs.findOneBy({ id, version });
    if (program && program.status !== 'draft') {
      if (this.versions.size >= versionsCachedMax) this.versions.clear();
      this.versions.set(key, program);
    }
    return program;
  }

  /** The newest version of a program. Throws `not-found`. */
  async requireNewest(id: string): Promise<Program> {
    const program = await this.programs.findOne({ where: { id }, order: { version: 'DESC' } });
    if (program === null) throw notFound();
    return program;
  }

  /** The newest version, unless it is another recipient's: then, too, there is no such program. */
  async requireOwn(recipientId: string, id: string): Promise<Program> {
    const program = await this.requireNewest(id);
    if (program.recipientId !== recipientId) throw notFound();
    return program;
  }

  /** The newest version that was ever submitted. Drafts are the recipient's own. */
  async requirePublic(id: string): Promise<Program> {
    const where = { id, status: In(publicStatuses) };
    const program = await this.programs.findOne({ where, order: { version: 'DESC' } });
    if (program === null) throw notFound();
    return program;
  }

  /** The version people can be asked about, or null. */
  findActive(id: string): Promise<Program | null> {
    return this.programs.findOneBy({ id, status: 'active' });
  }

  /** What a recipient's program covers at the moment; null when it has none of that id. */
  async cover(
    recipientId: string,
    id: string,
  ): Promise<{ active: boolean; items: Application['terms']['items'] } | null> {
    const program =
      (await this.findActive(id)) ?? (await this.programs.findOne({ where: { id }, order: { version: 'DESC' } }));
    if (program === null || program.recipientId !== recipientId) return null;
    return { active: program.status === 'active', items: program.application.terms.items };
  }

  allOf(recipientId: string): Promise<Program[]> {
    return this.programs.find({ where: { recipientId }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** The public register: everything that was ever submitted, newest version first. */
  register(): Promise<Program[]> {
    return this.programs.find({ where: { status: In(publicStatuses) }, order: { statusChangedAt: 'DESC', id: 'ASC' } });
  }

  decisionsOn(id: string): Promise<ProgramDecision[]> {
    return this.decisions.find({ where: { programId: id }, order: { decidedAt: 'ASC' } });
  }

  /** Suspensions, resumptions and endings with their reasons, oldest first. */
  async statusChangesOf(id: string): Promise<StatusChange[]> {
    const { rows } = await this.pool.query<StatusChange>(
      `SELECT status, reason, actor, changed_at AS "changedAt", azukari.place_in_log(log_index) AS "logIndex" FROM azukari.status_change
       WHERE subject_kind = 'program' AND subject_id = $1 ORDER BY log_index`,
      [id],
    );
    return rows;
  }

  private async check(recipientId: string, application: Application): Promise<Finding[]> {
    const { id, kind, country } = await this.recipients.require(recipientId);
    return checkProgram({ ...application, recipient: { id, kind, country } }, this.book);
  }
}

function notFound(): Mistake {
  return new Mistake('not-found', 'there is no such program');
}

/** Whoever is in a lower band cannot consent. */
function bandOf(minimumAge: number): 'child' | 'young' | 'adult' {
  // Residents are known by band, so an age within one admits only those above it.
  if (minimumAge > 16) return 'adult';
  return minimumAge > 0 ? 'young' : 'child';
}
