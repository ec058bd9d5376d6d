/** The list of the log's keys as the database keeps it: changed only together with the entry that tells of it. */
import type { ClientBase, Pool } from 'pg';
import { utf8 } from '../../kernel/bytes.js';
import { parseEntry } from '../entry.js';
import { parseVerifierKey, type VerifierKey } from '../note-key.js';
import type { KeyStanding } from './key-standing.js';

/** Every key that ever signed for a log, in the order of introduction. @param base of the log; without it, of the one that is open */
export async function readLogKeys(database: Pool | ClientBase, base: number | null = null): Promise<KeyStanding[]> {
  const { rows } = await database.query<{ vkey: string; introduced: string; retired: string | null }>({
    name: 'read log keys',
    text: `SELECT vkey, introduced_idx - base AS introduced, retired_idx - base AS retired FROM azukari.log_key
      WHERE base = coalesce($1::bigint, (SELECT base FROM azukari.city_log WHERE size IS NULL)) ORDER BY introduced_idx`,
    values: [base],
  });
  return rows.map(({ vkey, introduced, retired }) => ({
    vkey,
    // A plain connection hands out bigint as text.
    ...{ introducedAt: Number(introduced), retiredAt: retired === null ? null : Number(retired) },
  }));
}

/** Every key that ever signed for any log of the city, as verifiers pin it. */
export async function readAllLogKeys(database: Pool | ClientBase): Promise<string[]> {
  const { rows } = await database.query<{ vkey: string }>('SELECT vkey FROM azukari.log_key ORDER BY introduced_idx');
  return rows.map(({ vkey }) => vkey);
}

/** The keys of the list that the log itself introduces: by the bytes of those entries, whatever else the list says. */
export async function readIntroducedKeys(pool: Pool): Promise<VerifierKey[]> {
  const { rows } = await pool.query<{ entry: string }>(
    'SELECT e.entry FROM azukari.log_key k JOIN azukari.log_entry e ON e.idx = k.introduced_idx ORDER BY e.idx',
  );
  return rows.flatMap(({ entry: line }) => {
    const entry = parseEntry(utf8(line));
    return entry.t === 'key' && entry.status === 'introduced' ? [parseVerifierKey(entry.key)] : [];
  });
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
