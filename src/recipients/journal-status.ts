/**
 * A change of status stands in the journal with the index of its log entry: two nodes write their lines in any order, and the log's is the one
 * that counts.
 */
import type { Pool } from 'pg';
import type { StatusLine, WithdrawalJournal } from '../database/withdrawal-journal.js';

/**
 * Durable when it resolves. Call it after the change's commit.
 * @param index of the change's entry; null when it stood so already: then the line names the last change to this status, for its own line
 * may have been cut short.
 */
export async function journalStatus(
  { pool, journal }: { pool: Pool; journal: WithdrawalJournal },
  change: Pick<StatusLine, 'kind' | 'id' | 'status'>,
  index: number | null,
): Promise<void> {
  const known = index ?? (await lastChangeTo(pool, change));
  if (known !== null) await journal.append({ ...change, index: known, at: new Date().toISOString() });
}

async function lastChangeTo(
  pool: Pool,
  { kind, id, status }: Pick<StatusLine, 'kind' | 'id' | 'status'>,
): Promise<number | null> {
  const { rows } = await pool.query<{ index: number | null }>(
    'SELECT max(log_index) AS index FROM azukari.status_change WHERE subject_kind = $1 AND subject_id = $2 AND status = $3',
    [kind, id, status],
  );
  return rows[0]!.index;
}
