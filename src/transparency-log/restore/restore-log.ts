/**
 * Brings a database that went back behind its own log (an older backup, a replica that had not everything) up to what was signed: compares it
 * with the tiles entry by entry, imports what is missing, moves behind it what was appended meanwhile and never signed, and closes whatever
 * the imported entries say has ended. All of it in one transaction, or nothing. Design section 6, Restore.
 */
import type { Client } from 'pg';
import type { OpenCheckpoint, Trust } from '../checkpoint.js';
import { openCheckpoint } from '../checkpoint.js';
import { VerificationError } from '../finding.js';
import type { LogReader } from '../reader.js';
import type { CompletedTile } from '../right-edge.js';
import { RestoreRefused } from './restore-refused.js';
import { SignedEntries } from './signed-entries.js';

export interface Restored {
  /** Entries [from, to) were missing and are imported; equal when none were. */
  readonly from: number;
  readonly to: number;
  /** Entries that had been appended meanwhile and stand behind them now. */
  readonly moved: number;
  /** What was closed and what is lost, in the order to tell it. */
  readonly consequences: readonly { readonly what: string; readonly howMany: number }[];
}

export interface WhatWasKept {
  readonly trust: Trust;
  /** Every checkpoint known to have been signed, apart from the published one. */
  readonly signed: readonly OpenCheckpoint[];
  readonly reader: LogReader;
}

/**
 * @param client of a role that may become the owner; not in a transaction.
 * @throws RestoreRefused when tiles, database and signed checkpoints do not fit together; nothing was changed then
 */
export async function restoreLog(client: Client, kept: WhatWasKept): Promise<Restored> {
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL ROLE azukari_owner; SET LOCAL search_path = azukari, pg_temp; SELECT lock_log()');
    // The lock's limit is for nodes that stand still; reading tiles takes as long as it takes.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0');
    const restored = await restore(client, kept);
    await client.query('COMMIT');
    return restored;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

interface Place {
  size: number;
  published: OpenCheckpoint | null;
}

async function restore(client: Client, { trust, signed, reader }: WhatWasKept): Promise<Restored> {
  const place = await readPlace(client, trust);
  const all = place.published ? [...signed, place.published] : [...signed];
  const entries = await SignedEntries.open(reader, trust, Math.max(0, ...all.map(({ size }) => size)));
  const from = await compare(client, entries, all, place);
  const to = entries.checkpoint.size;
  const isMissing = from < to;
  const toMove = Math.max(0, place.size - from);
  if (isMissing && toMove > 0) await moveUnsigned(client, from, to - from + 1);
  await importFrom(client, entries, all, { from, tilesFrom: place.published?.size ?? 0 });
  if (isMissing) await client.query('SELECT import_restore_entry($1, $2)', [from, to]);
  await client.query('SELECT adopt_checkpoint($1, $2, $3)', [to, entries.checkpoint.root, entries.note]);
  const consequences = isMissing ? await settle(client, from, to) : [];
  return { from, to, moved: isMissing ? toMove : 0, consequences };
}

async function readPlace(client: Client, trust: Trust): Promise<Place> {
  const { rows } = await client.query<{ size: string; note: string | null }>(
    'SELECT s.size, c.note FROM log_state s LEFT JOIN published_checkpoint c ON true',
  );
  const { size, note } = rows[0]!;
  try {
    return { size: Number(size), published: note === null ? null : openCheckpoint(note, trust) };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const sentence = `the checkpoint in the database is not one that this log signed (${error.code}); restore the database from a backup, then the log from the tiles`;
    throw new RestoreRefused('database-differs', sentence);
  }
}

/** The first entry that the database lacks or has otherwise; the number of entries in the tiles when there is none. */
async function compare(
  client: Client,
  entries: SignedEntries,
  signed: readonly OpenCheckpoint[],
  { published }: Place,
): Promise<number> {
  let from: number | null = null;
  for await (const { first, lines } of entries.read(signed)) {
    if (from !== null) continue;
    const { rows } = await client.query<{ idx: string; entry: string }>(
      'SELECT idx, entry FROM log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
      [first, first + lines.length],
    );
    const stored = new Map(rows.map(({ idx, entry }) => [Number(idx), entry]));
    const other = lines.findIndex((line, position) => stored.get(first + position) !== line);
    if (other >= 0) from = first + other;
  }
  from ??= entries.checkpoint.size;
  if (published !== null && from < published.size) {
    const sentence = `entry ${from} in the database is not the one that was signed; restore the database from a backup, then the log from the tiles`;
    throw new RestoreRefused('database-differs', sentence);
  }
  return from;
}

/** Imports entries from `from` on, and the hash tiles completed since `tilesFrom`. */
async function importFrom(
  client: Client,
  entries: SignedEntries,
  signed: readonly OpenCheckpoint[],
  { from, tilesFrom }: { from: number; tilesFrom: number },
): Promise<void> {
  for await (const { first, lines, tiles } of entries.read(signed)) {
    const missing = lines.slice(Math.max(0, from - first));
    if (missing.length > 0) {
      await client.query('SELECT import_entries($1, $2)', [Math.max(first, from), missing]);
    }
    // Every tile of this stretch is completed by its last entry, the 256th.
    if (first + lines.length > tilesFrom && tiles.length > 0) await importTiles(client, tiles);
  }
}

async function importTiles(client: Client, tiles: readonly CompletedTile[]): Promise<void> {
  await client.query('SELECT import_tiles($1, $2, $3, $4)', [
    tiles.map(({ level }) => level),
    tiles.map(({ n }) => n),
    tiles.map(({ hashes }) => hashes),
    tiles.map(({ root }) => root),
  ]);
}

async function moveUnsigned(client: Client, from: number, by: number): Promise<void> {
  const remedy = 'restore the database from its backup once more, and start it at once, before it appends anything';
  await orRefuse(() => client.query('SELECT move_unsigned_entries($1, $2)', [from, by]), remedy);
}

async function settle(client: Client, from: number, to: number): Promise<Restored['consequences']> {
  const text = 'SELECT * FROM settle_restore($1, $2)';
  const remedy = 'restore the database from its backup once more, and change no key before it has caught up';
  const { rows } = await orRefuse(() => client.query<{ what: string; how_many: string }>(text, [from, to]), remedy);
  return rows.map(({ what, how_many }) => ({ what, howMany: Number(how_many) }));
}

/** What stands in the way is said by the database; what to do about it, by us. */
async function orRefuse<T>(work: () => Promise<T>, remedy: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== 'AZ409') throw error;
    throw new RestoreRefused('database-differs', `${(error as Error).message}: ${remedy}`, { cause: error });
  }
}
