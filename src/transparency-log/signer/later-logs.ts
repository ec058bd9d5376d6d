/**
 * Logs that were signed and of which the database knows nothing: it went back to before they began. Anchor, tiles and witnesses tell of them, each by a
 * key in the ring that bears the log's origin for a name.
 */
import type { Pool } from 'pg';
import { type CityLog, readCityLogs } from '../city-logs.js';
import type { OpenCheckpoint } from '../checkpoint.js';
import type { LogOptions } from '../log-options.js';
import { heldByWitnesses } from '../witness/held-by-witnesses.js';
import { LogDiffers } from './log-differs.js';
import { TileDirectory, tilesOfLog } from './tile-directory.js';
import { requireReadableAnchor } from './what-was-signed.js';

type Places = Pick<LogOptions, 'keys' | 'anchorFile' | 'tilesDirectory'>;

/** The newest checkpoint of each such log, in no order. @throws DatabaseStartError when anchor or tiles cannot be read */
export async function readUnknownLogs(
  logs: readonly Pick<CityLog, 'origin'>[],
  places: Places,
): Promise<OpenCheckpoint[]> {
  const known = new Set(logs.map(({ origin }) => origin));
  const keys = await places.keys.all();
  const anchor = await requireReadableAnchor(places);
  const found: OpenCheckpoint[] = anchor && !known.has(anchor.origin) ? [anchor] : [];
  for (const origin of new Set(keys.map(({ name }) => name))) {
    if (known.has(origin)) continue;
    const tiles = await new TileDirectory(tilesOfLog(places.tilesDirectory, origin), origin).newest(keys);
    if (tiles) found.push(tiles.checkpoint);
  }
  return found;
}

/** @throws LogDiffers where there is one */
export async function requireNoUnknownLog(pool: Pool, places: Places): Promise<void> {
  const found = await readUnknownLogs(await readCityLogs(pool), places);
  const unknown = await findUnknown(pool, found);
  if (unknown) throw differs(unknown, '');
}

/**
 * A log may have begun, and another signer may have signed it, since the list was read; but it stands in the database before anything of it is
 * signed. So the list that was read last is the one that tells.
 */
async function findUnknown<T extends Pick<CityLog, 'origin'>>(pool: Pool, found: readonly T[]): Promise<T | undefined> {
  if (found.length === 0) return undefined;
  const known = new Set((await readCityLogs(pool)).map(({ origin }) => origin));
  return found.find(({ origin }) => !known.has(origin));
}

/** Where anchor and tiles went back as well, only witnesses remember. @throws LogDiffers */
export async function requireNoLogAtWitnesses(
  pool: Pool,
  { keys, witnesses }: Pick<LogOptions, 'keys' | 'witnesses'>,
): Promise<void> {
  if (!witnesses) return;
  const known = new Set((await readCityLogs(pool)).map(({ origin }) => origin));
  const logKeys = await keys.all();
  for (const origin of new Set(logKeys.map(({ name }) => name))) {
    if (known.has(origin)) continue;
    const [held] = await heldByWitnesses(witnesses.policy, { origin, logKeys });
    if (held && (await findUnknown(pool, [held.checkpoint])))
      throw differs(held.checkpoint, `, and witness ${held.witness} holds it`);
  }
}

function differs({ origin, size }: OpenCheckpoint, place: string): LogDiffers {
  return new LogDiffers(
    `the database does not know the log ${origin}, for which a checkpoint of ${size} entries was signed${place}`,
  );
}
