/**
 * A log as the signer reads it from the database, in the log's own numbers: entries in order, without a gap, each held against the hash that is stored for it.
 * What is to be signed is read in one statement together with what is published: one snapshot of one server, so that a failover between
 * two reads cannot mix two histories under one signature.
 */
import type { Pool } from 'pg';
import { isEqual, utf8 } from '../../kernel/bytes.js';
import { leafHash } from '../merkle.js';
import { LogDiffers } from './log-differs.js';
import type { Growth, LogHead } from './log-head.js';

/** Entries read, and signed, at once. */
const batchMax = 4096;

interface StoredRow {
  idx: number;
  entry: string;
  leaf_hash: Buffer;
}

/** What the database holds of a log beyond a size. */
export interface Unsigned {
  /** Of the log, signed or not. */
  readonly size: number;
  /** Nothing more comes: the next log has begun. */
  readonly isClosed: boolean;
  /** Null before the first. */
  readonly published: { readonly size: number; readonly root: Buffer } | null;
  /** The entries from the size on, at most `batchMax`. */
  readonly rows: readonly StoredRow[];
}

/** Reads what follows the first `from` entries of the log of this base. Throws `LogDiffers` when there is no such log. */
export async function readUnsigned(pool: Pool, base: number, from: number): Promise<Unsigned> {
  const { rows } = await pool.query<{
    size: number;
    closed: boolean;
    published_size: number | null;
    published_root: Buffer | null;
    idx: number | null;
    entry: string;
    leaf_hash: Buffer;
  }>({
    name: 'read entries to sign',
    text: `SELECT coalesce(g.size, s.size - g.base) AS size, g.size IS NOT NULL AS closed,
        CASE WHEN c.base = g.base THEN c.size - c.base WHEN c.base > g.base THEN g.size END AS published_size,
        CASE WHEN c.base = g.base THEN c.root WHEN c.base > g.base THEN decode(split_part(g.final_note, E'\n', 3), 'base64') END AS published_root,
        e.idx - g.base AS idx, e.entry, e.leaf_hash
      FROM azukari.city_log g CROSS JOIN azukari.log_state s LEFT JOIN azukari.published_checkpoint c ON true
      LEFT JOIN azukari.log_entry e ON e.idx >= $1::bigint + $3 AND e.idx < $2::bigint + $3 AND e.idx < g.base + coalesce(g.size, s.size - g.base)
      WHERE g.base = $3::bigint ORDER BY e.idx`,
    values: [from, from + batchMax, base],
  });
  if (rows.length === 0) throw new LogDiffers('the database does not know any more that this log has begun');
  const { size, closed, published_size, published_root } = rows[0]!;
  return {
    ...{ size, isClosed: closed },
    published: published_size === null ? null : { size: published_size, root: published_root! },
    rows: rows[0]!.idx === null ? [] : (rows as StoredRow[]),
  };
}

/** Appends rows that were read to `head`. Throws `LogDiffers`, naming the entry. */
export function append(head: LogHead, rows: readonly StoredRow[], growth: Growth | null): void {
  for (const { idx, entry, leaf_hash } of rows) {
    if (idx !== head.size) throw new LogDiffers(`entry ${head.size} is missing`);
    const bytes = utf8(entry);
    if (!isEqual(leafHash(bytes), leaf_hash)) {
      throw new LogDiffers(`entry ${idx} does not have the hash that is stored for it`);
    }
    head.append(bytes, growth);
  }
}

/** Appends to `head` what the log of this base holds up to `size`, telling `onBatch` what each batch added. Throws `LogDiffers`. */
export async function extend(
  pool: Pool,
  base: number,
  head: LogHead,
  size: number,
  batch?: { growth: () => Growth; done: (growth: Growth) => Promise<void> },
): Promise<void> {
  while (head.size < size) {
    const { rows } = await pool.query<StoredRow>({
      name: 'read entries to compare',
      text: `SELECT idx - $3 AS idx, entry, leaf_hash FROM azukari.log_entry
        WHERE idx >= $1::bigint + $3::bigint AND idx < $2::bigint + $3 ORDER BY idx`,
      values: [head.size, Math.min(size, head.size + batchMax), base],
    });
    if (rows.length === 0) break;
    const growth = batch?.growth() ?? null;
    append(head, rows, growth);
    if (growth !== null) await batch!.done(growth);
  }
}
