/**
 * Before a service opens: is the database as new as what its log has signed? A backup that was restored is not. Then the missing entries are
 * taken from the tiles again, or nothing is served. `azukari restore` does the same by hand, from any directory of tiles, and for a log
 * that is frozen.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireLogKeys } from './city-keys.js';
import type { Config } from './config.js';
import type { DataDirectory } from './database/data-directory.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { asAdmin } from './database/migrate.js';
import { findSecretFile } from './database/secret-file.js';
import { type CityLog, readCityLogs } from './transparency-log/city-logs.js';
import type { OpenCheckpoint } from './transparency-log/checkpoint.js';
import { directoryReader } from './transparency-log/directory-reader.js';
import { type KeyStanding, standingKeys } from './transparency-log/keys/key-standing.js';
import { readLogKeys } from './transparency-log/keys/log-keys.js';
import { type Restored, restoreLog } from './transparency-log/restore/restore-log.js';
import { RestoreRefused } from './transparency-log/restore/restore-refused.js';
import type { SigningKey } from './transparency-log/note-key.js';
import { readUnknownLogs } from './transparency-log/signer/later-logs.js';
import { TileDirectory, tilesOfLog } from './transparency-log/signer/tile-directory.js';
import { requireReadableAnchor } from './transparency-log/signer/what-was-signed.js';
import { sayRestored } from './restore-report.js';

type Say = (sentence: string) => void;
type Tiles = Pick<Config, 'tilesDirectory'>;

/** The city's database, by a role that may become the owner, and where its keys and its anchor lie. */
export interface Restorable {
  adminUrl: string;
  directory: Pick<DataDirectory, 'keys' | 'anchor'>;
}

/** @throws DatabaseStartError `behind-its-log` when the database is older than its log and cannot be brought up to it */
export async function catchUp(config: Tiles, databases: Restorable, say: Say): Promise<void> {
  const known = await readKnown(databases.adminUrl);
  if (known === null) return requireNoLog(databases.directory.anchor);
  const { signed } = await readSigned(config, databases, known);
  const ahead = aheadOf(known, signed);
  if (known.isFrozen || ahead === null) return;
  say(`The database has ${ahead.known} log entries, but ${ahead.signed} were signed: it is older than its log.`);
  try {
    sayRestored(await restore(config, databases), config.tilesDirectory, say);
  } catch (error) {
    if (!(error instanceof RestoreRefused)) throw error;
    const sentence = `the database is older than its log (${ahead.known} entries, signed were ${ahead.signed}) and nothing is served: ${error.message}; docs/restore.md says more`;
    throw new DatabaseStartError('behind-its-log', sentence, { cause: error });
  }
}

/** Whether the database has fewer entries than were signed: nothing may be appended to it before it has caught up. */
export async function isBehind(config: Tiles, databases: Restorable): Promise<boolean> {
  const known = await readKnown(databases.adminUrl);
  if (known === null) return false;
  const { signed } = await readSigned(config, databases, known);
  return aheadOf(known, signed) !== null;
}

/** What was signed of a log beyond what the database has of it, in words; null where there is nothing. */
function aheadOf({ logs, size }: Known, signed: readonly OpenCheckpoint[]): { known: string; signed: string } | null {
  for (const checkpoint of signed) {
    const log = logs.find(({ origin }) => origin === checkpoint.origin);
    const entries = log ? (log.size ?? size - log.base) : 0;
    if (checkpoint.size <= entries) continue;
    // A city's first log needs no name.
    const of = logs.length === 1 && log ? '' : ` of ${checkpoint.origin}`;
    return { known: `${entries}`, signed: `${checkpoint.size}${of}` };
  }
  return null;
}

/**
 * Compares everything and repairs what can be repaired; lifts a freeze when all agrees.
 * @param from a directory of tiles, the signer's own unless given
 * @throws RestoreRefused
 */
export async function restore(
  config: Tiles,
  databases: Restorable,
  from: string = config.tilesDirectory,
): Promise<Restored> {
  const known = await readKnown(databases.adminUrl);
  if (known === null) {
    throw new DatabaseStartError('behind-its-log', 'the database holds no city: restore it from a backup first');
  }
  const { logKeys, signed } = await readSigned(config, databases, known);
  // Where only one log is kept, it may lie in the directory itself.
  const readerOf = (origin: string) => {
    const own = tilesOfLog(from, origin);
    return directoryReader(existsSync(own) ? own : from);
  };
  return asAdmin(databases.adminUrl, (client) => restoreLog(client, { logKeys, signed, readerOf }));
}

interface Known {
  logs: readonly CityLog[];
  keys: readonly KeyStanding[];
  size: number;
  isFrozen: boolean;
}

async function readKnown(adminUrl: string): Promise<Known | null> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ size: string; frozen: boolean }>(
      `SELECT l.size, s.frozen_at IS NOT NULL AS frozen FROM azukari.city, azukari.log_state l, azukari.signer_state s`,
    );
    const row = rows[0];
    if (row === undefined) return null;
    const logs = await readCityLogs(client);
    return { logs, keys: await readLogKeys(client), size: Number(row.size), isFrozen: row.frozen };
  });
}

/** Everything outside the database that knows what was signed. */
async function readSigned(
  config: Tiles,
  { directory }: Restorable,
  { logs, keys }: Known,
): Promise<{ logKeys: readonly SigningKey[]; signed: OpenCheckpoint[] }> {
  const ring = await requireLogKeys(
    directory.keys,
    standingKeys(keys).map(({ vkey }) => vkey),
  );
  // Of those that signed since, the database may not know yet.
  const logKeys = await ring.all();
  const { tilesDirectory } = config;
  const places = { keys: ring, anchorFile: join(directory.anchor, 'checkpoint'), tilesDirectory };
  const later = await readUnknownLogs(logs, places);
  const anchor = await requireReadableAnchor(places);
  const signed = [...later, ...(anchor && logs.some(({ origin }) => origin === anchor.origin) ? [anchor] : [])];
  for (const { origin } of logs) {
    const tiles = await new TileDirectory(tilesOfLog(tilesDirectory, origin), origin).newest(logKeys);
    if (tiles) signed.push(tiles.checkpoint);
  }
  return { logKeys, signed };
}

/** An empty database beside an anchor is a database that was lost: nothing may be founded over it. */
async function requireNoLog(anchorDirectory: string): Promise<void> {
  if ((await findSecretFile(join(anchorDirectory, 'checkpoint'))) === null) return;
  const sentence = `the database holds no city, but the anchor in ${anchorDirectory} knows a log that was signed: restore the database from a backup; docs/restore.md says how`;
  throw new DatabaseStartError('behind-its-log', sentence);
}
