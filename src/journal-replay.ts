/**
 * Before anything is served: whoever was erased, as the journal, the key store or the database says, is erased again in both, and whatever the journal says has
 * been stopped, and the database no longer knows, is stopped again, with its entry in the log; what had been removed or retired is suspended, until the board says so again. Doing it twice changes nothing. On a database that was
 * not restored there is nothing to do, unless the service died between a resumption and its line in the journal: nobody was told of it, and
 * it is stopped again.
 */
import type { INestApplicationContext } from '@nestjs/common';
import type { Pool } from 'pg';
import { WithdrawalsService } from './consents/withdrawals.service.js';
import { inOneStatement } from './database/pool.js';
import type { StatusLine, WithdrawalJournal, WithdrawalLine } from './database/withdrawal-journal.js';
import type { Uuid } from './kernel/ids.js';
import { ErasureService } from './vault/erasure.service.js';

export interface Replayed {
  /** Residents who were erased, as the journal says, and of whom a backup still had something. */
  erasures: number;
  /** Others who were erased in the city's database or in the key store, and not in the other. */
  halfErased: number;
  withdrawals: number;
  programs: number;
  recipients: number;
}

const lookedUpAtOnce = 1000;

/** Erasures first: whoever is gone has nothing left to withdraw, nor the keys to do it with. */
export async function replayJournal(
  journal: WithdrawalJournal,
  app: INestApplicationContext,
  pool: Pool,
): Promise<Replayed> {
  const erasure = app.get(ErasureService, { strict: false });
  const erasures = await eraseAgain(journal, erasure);
  const halfErased = await erasure.agreeWithKeyStore(new Date());
  const replayed: Replayed = { erasures, halfErased, withdrawals: 0, programs: 0, recipients: 0 };
  const last = new Map<string, StatusLine>();
  let waiting: WithdrawalLine[] = [];
  const withdraw = async () => {
    replayed.withdrawals += await withdrawAgain(waiting, app.get(WithdrawalsService, { strict: false }), pool);
    waiting = [];
  };
  for await (const line of journal.lines()) {
    switch (line.kind) {
      case 'program':
      case 'recipient':
        if (isLater(line, last.get(`${line.kind} ${line.id}`))) last.set(`${line.kind} ${line.id}`, line);
        break;
      case 'erasure':
        break;
      case 'withdrawal':
      case undefined:
        if (waiting.push(line) === lookedUpAtOnce) await withdraw();
    }
  }
  await withdraw();
  for (const line of last.values()) {
    if (line.status === 'active' || !(await stopAgain(line, journal, pool))) continue;
    replayed[line.kind === 'program' ? 'programs' : 'recipients'] += 1;
  }
  return replayed;
}

async function eraseAgain(journal: WithdrawalJournal, erasure: ErasureService): Promise<number> {
  let erased = 0;
  let waiting: Uuid[] = [];
  const erase = async () => {
    if (waiting.length > 0) erased += await erasure.eraseAgain(waiting, new Date());
    waiting = [];
  };
  for await (const line of journal.lines()) {
    if (line.kind === 'erasure' && waiting.push(line.residentId) === lookedUpAtOnce) await erase();
  }
  await erase();
  return erased;
}

/** Two nodes write their lines in any order; the log's order is the one that counts. */
function isLater(line: StatusLine, known: StatusLine | undefined): boolean {
  return known?.index === undefined || line.index === undefined || line.again === true || line.index >= known.index;
}

/** The database judges by the index: what it has changed since, a late line does not undo. */
async function stopAgain(line: StatusLine, journal: WithdrawalJournal, pool: Pool): Promise<boolean> {
  const { kind, id, status } = line;
  const { rows } = await inOneStatement<{ idx: number | null }>(pool, {
    text: 'SELECT azukari.stop_again($1, $2, $3) AS idx',
    values: [kind, id, line.index ?? null],
  });
  const index = rows[0]!.idx;
  if (index === null) return false;
  await journal.append({ kind, id, status, index, again: true, at: new Date().toISOString() });
  return true;
}

async function withdrawAgain(
  lines: readonly WithdrawalLine[],
  withdrawals: WithdrawalsService,
  pool: Pool,
): Promise<number> {
  const { rows } = await pool.query<{ resident_id: Uuid; id: Uuid }>(
    `SELECT resident_id, id FROM azukari.consent JOIN unnest($1::uuid[], $2::uuid[]) AS line (resident, consent)
       ON resident_id = resident AND id = consent WHERE state IN ('active', 'paused')`,
    [lines.map(({ residentId }) => residentId), lines.map(({ consentId }) => consentId)],
  );
  for (const { resident_id, id } of rows) await withdrawals.withdrawAgain(resident_id, id, new Date());
  return rows.length;
}
