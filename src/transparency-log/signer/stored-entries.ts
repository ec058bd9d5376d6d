/** The entries as the signer reads them: in order, without a gap, each held against the hash that is stored for it. */
import type { Pool } from 'pg';
import { isEqual, utf8 } from '../../kernel/bytes.js';
import { leafHash } from '../merkle.js';
import type { CompletedTile, RightEdge } from '../right-edge.js';
import { LogDiffers } from './log-differs.js';

/** Entries read, and signed, at once. */
export const batchMax = 4096;

/** Appends to `edge` what the log holds up to `size`. Returns the tiles completed on the way. Throws `LogDiffers`, naming the entry. */
export async function extend(pool: Pool, edge: RightEdge, size: number): Promise<CompletedTile[]> {
  const completed: CompletedTile[] = [];
  while (edge.size < size) {
    const { rows } = await pool.query<{ idx: number; entry: string; leaf_hash: Buffer }>({
      name: 'read entries to sign',
      text: 'SELECT idx, entry, leaf_hash FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
      values: [edge.size, Math.min(size, edge.size + batchMax)],
    });
    if (rows.length === 0) break;
    for (const { idx, entry, leaf_hash } of rows) {
      if (idx !== edge.size) throw new LogDiffers(`entry ${edge.size} is missing`);
      const leaf = leafHash(utf8(entry));
      if (!isEqual(leaf, leaf_hash)) throw new LogDiffers(`entry ${idx} does not have the hash that is stored for it`);
      completed.push(...edge.append(leaf));
    }
  }
  return completed;
}
