/** The list of the log's keys as the database keeps it: changed only together with the entry that tells of it. */
import type { ClientBase, Pool } from 'pg';
import type { KeyStanding } from './key-standing.js';

/** Every key that ever signed for this log, in the order of introduction. */
export async function readLogKeys(database: Pool | ClientBase): Promise<KeyStanding[]> {
  const { rows } = await database.query<{ vkey: string; introduced: string; retired: string | null }>({
    name: 'read log keys',
    text: 'SELECT vkey, introduced_idx AS introduced, retired_idx AS retired FROM azukari.log_key ORDER BY introduced_idx',
  });
  return rows.map(({ vkey, introduced, retired }) => ({
    vkey,
    // A plain connection hands out bigint as text.
    ...{ introducedAt: Number(introduced), retiredAt: retired === null ? null : Number(retired) },
  }));
}

/** The last checkpoint that a retired key signed together with its successor; null when there is no such key. @param keyId 8 hex digits */
export async function readHandover(pool: Pool, keyId: string): Promise<string | null> {
  const { rows } = await pool.query<{ handover: string }>({
    name: 'read handover',
    text: `SELECT handover FROM azukari.log_key WHERE split_part(vkey, '+', 2) = $1 AND handover IS NOT NULL`,
    values: [keyId],
  });
  return rows[0]?.handover ?? null;
}
