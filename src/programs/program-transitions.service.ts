/**
 * The transitions that begin or end what recipients may do: a decision, a suspension, a resumption, a retirement. Each is one transaction with its
 * entries and with the ends of the consents it takes the ground from, and stands in the journal before it is answered.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneRun } from '../database/database-run.js';
import { inOneStatement } from '../database/pool.js';
import { WITHDRAWAL_JOURNAL, WithdrawalJournal } from '../database/withdrawal-journal.js';
import { journalStatus } from '../recipients/journal-status.js';
import type { StatusReason } from '../recipients/recipients.service.js';
import { ConsentEndings, type Endings, noEndings } from './consent-endings.service.js';
import type { BoardDecision } from './program-decision.entity.js';

/** PostgreSQL's greatest integer. */
const everyVersion = 2_147_483_647;

/** The index of the change's entry; null when it stood so already. */
interface Changed {
  idx: number | null;
}

@Injectable()
export class ProgramTransitions {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly endings: ConsentEndings,
    @Inject(WITHDRAWAL_JOURNAL) private readonly journal: WithdrawalJournal,
  ) {}

  /** @param values of decide_program, after program and version. An approval ends the consents to older versions. */
  async decide(id: string, version: number, decision: BoardDecision, values: readonly unknown[]): Promise<void> {
    const decideWith = (endings: Endings) =>
      inOneStatement<Changed>(this.pool, {
        text: 'SELECT azukari.decide_program($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS idx',
        values: [id, version, ...values, ...endings],
      });
    if (decision !== 'approve') {
      await decideWith(noEndings);
      return;
    }
    const { rows } = await this.endings.whileEnding(id, version - 1, decideWith);
    // An older version may have been suspended; the journal must not stop the one that is approved now.
    await this.keep(id, 'active', rows[0]!.idx);
  }

  /** Retiring ends the consents. Answered only when no reader under way can still be handed data, and it is durable in the journal. */
  async change(id: string, status: 'active' | 'suspended' | 'retired', why: StatusReason): Promise<void> {
    const changeWith = (endings: Endings) =>
      inOneStatement<Changed>(this.pool, {
        text: 'SELECT azukari.change_program_status($1, $2, $3, $4, $5, $6, $7) AS idx',
        values: [id, status, JSON.stringify(why.reason), why.actor, ...endings],
      });
    await inOneRun(this.pool, async () => {
      const { rows } = await (status === 'retired'
        ? this.endings.whileEnding(id, everyVersion, changeWith)
        : changeWith(noEndings));
      await this.keep(id, status, rows[0]!.idx);
    });
  }

  private keep(id: string, status: 'active' | 'suspended' | 'retired', index: number | null): Promise<void> {
    return journalStatus({ pool: this.pool, journal: this.journal }, { kind: 'program', id, status }, index);
  }
}
