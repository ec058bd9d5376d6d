/** The two passes over the tiles of one log in a restore: what the database lacks of it, and taking that in. In the log's own numbers. */
import type { Client } from 'pg';
import type { OpenCheckpoint } from '../checkpoint.js';
import type { CompletedTile } from '../right-edge.js';
import { RestoreRefused } from './restore-refused.js';
import type { SignedEntries } from './signed-entries.js';

interface Known {
  readonly base: number;
  /** Entries that the database says are published. */
  readonly published: number;
}

/** The first entry that the database lacks or has otherwise; the number of entries in the tiles when there is none. @throws RestoreRefused */
export async function compareWithDatabase(
  client: Client,
  entries: SignedEntries,
  signed: readonly OpenCheckpoint[],
  { base, published }: Known,
): Promise<number> {
  let from: number | null = null;
  for await (const { first, lines } of entries.read(signed)) {
    if (from !== null) continue;
    const { rows } = await client.query<{ idx: string; entry: string }>(
      'SELECT idx, entry FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
      [base + first, base + first + lines.length],
    );
    const stored = new Map(rows.map(({ idx, entry }) => [Number(idx) - base, entry]));
    const other = lines.findIndex((line, position) => stored.get(first + position) !== line);
    if (other >= 0) from = first + other;
  }
  from ??= entries.checkpoint.size;
  if (from < published) {
    const sentence = `entry ${from} in the database is not the one that was signed; restore the database from a backup, then the log from the tiles`;
    throw new RestoreRefused('database-differs', sentence);
  }
  return from;
}

interface Place {
  readonly base: number;
  readonly from: number;
  readonly tilesFrom: number;
}

/** Imports entries from `from` on, and the hash tiles completed since `tilesFrom`. @throws RestoreRefused */
export async function importEntries(
  client: Client,
  entries: SignedEntries,
  signed: readonly OpenCheckpoint[],
  { base, from, tilesFrom }: Place,
): Promise<void> {
  for await (const { first, lines, tiles } of entries.read(signed)) {
    const missing = lines.slice(Math.max(0, from - first));
    if (missing.length > 0) {
      await client.query('SELECT import_entries($1, $2)', [base + Math.max(first, from), missing]);
    }
    // Every tile of this stretch is completed by its last entry, the 256th.
    if (first + lines.length > tilesFrom && tiles.length > 0) await importTiles(client, base, tiles);
  }
}

async function importTiles(client: Client, base: number, tiles: readonly CompletedTile[]): Promise<void> {
  await client.query('SELECT import_tiles($1, $2, $3, $4, $5)', [
    base,
    tiles.map(({ level }) => level),
    tiles.map(({ n }) => n),
    tiles.map(({ hashes }) => hashes),
    tiles.map(({ root }) => root),
  ]);
}
