/** Every checkpoint that a log is known to have signed: the published one, the anchored one, and the newest one kept with the tiles. */
import type { Pool } from 'pg';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { readAnchor } from '../anchor.js';
import type { CityLog } from '../city-logs.js';
import { openCheckpoint, type OpenCheckpoint, type Trust } from '../checkpoint.js';
import { VerificationError } from '../finding.js';
import { readIntroducedKeys } from '../keys/log-keys.js';
import type { LogOptions } from '../log-options.js';
import type { PublishedCheckpoint } from '../log-store.service.js';
import { LogDiffers } from './log-differs.js';
import type { KeptTiles, TileDirectory } from './tile-directory.js';

export interface WhatWasSigned {
  /** As the database holds it; null before the first. */
  readonly published: PublishedCheckpoint | null;
  /** No later log has been published. */
  readonly isNewest: boolean;
  readonly isClosed: boolean;
  /** Entries that the log has, signed or not. */
  readonly size: number;
  /** Null also when it is of another log. */
  readonly anchor: OpenCheckpoint | null;
  /** Whether there is an anchor, of whichever log. */
  readonly isAnchored: boolean;
  readonly tiles: KeptTiles | null;
  /** All of them, smallest first. */
  readonly checkpoints: readonly OpenCheckpoint[];
}

/** @throws LogDiffers when the database holds a checkpoint that is not ours; DatabaseStartError when the anchor cannot be read. */
export async function readWhatWasSigned(
  pool: Pool,
  options: LogOptions,
  { origin, base }: Pick<CityLog, 'origin' | 'base'>,
  directory: TileDirectory,
): Promise<WhatWasSigned> {
  const stored = await readStored(pool, base);
  const { published } = stored;
  const logKeys = await options.keys.all();
  const newest = await requireReadableAnchor(options);
  const anchor = newest?.origin === origin ? newest : null;
  const tiles = await directory.newest(logKeys);
  const all = [
    published && (await openPublished(pool, published.note, { origin, logKeys })),
    anchor,
    tiles && tiles.checkpoint,
  ];
  const checkpoints = all.filter((checkpoint) => checkpoint !== null).sort((a, b) => a.size - b.size);
  return { ...stored, anchor, isAnchored: newest !== null, tiles, checkpoints };
}

/** What the database says of a log: of one whose successor has been published, its last checkpoint. */
async function readStored(
  pool: Pool,
  base: number,
): Promise<Pick<WhatWasSigned, 'published' | 'isNewest' | 'isClosed' | 'size'>> {
  const { rows } = await pool.query<{
    size: number;
    closed: boolean;
    newest: boolean;
    published_size: number | null;
    root: Buffer;
    note: string;
    published_at: Date;
  }>({
    name: 'read what was signed',
    text: `SELECT coalesce(g.size, s.size - g.base) AS size, g.size IS NOT NULL AS closed, p.base IS NOT DISTINCT FROM g.base AS newest,
        CASE WHEN p.base = g.base THEN p.size - p.base WHEN p.base > g.base THEN g.size END AS published_size,
        CASE WHEN p.base = g.base THEN p.root ELSE decode(split_part(g.final_note, E'\n', 3), 'base64') END AS root,
        CASE WHEN p.base = g.base THEN p.note ELSE g.final_note END AS note, p.published_at
      FROM azukari.city_log g CROSS JOIN azukari.log_state s LEFT JOIN azukari.published_checkpoint p ON true WHERE g.base = $1`,
    values: [base],
  });
  const row = rows[0];
  if (row === undefined) throw new LogDiffers('the database does not know any more that this log has begun');
  const { size, closed: isClosed, newest: isNewest, published_size, root, note, published_at: publishedAt } = row;
  const published = published_size === null ? null : { base, size: published_size, root, note, publishedAt };
  return { published, isNewest, isClosed, size };
}

/** What none of our keys signed, somebody else has put there; unless this machine merely lacks the file of one of the log's keys. */
async function openPublished(pool: Pool, note: string, trust: Trust): Promise<OpenCheckpoint> {
  try {
    return openCheckpoint(note, trust);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (error.code === 'untrusted') await requireNoKeyOfOurs(pool, note, trust.origin);
    throw new LogDiffers(`the published checkpoint is not one that this log signed (${error.code})`);
  }
}

/** A signer that has not got the newest key cannot go on, and has nothing to say about the log either. */
async function requireNoKeyOfOurs(pool: Pool, note: string, origin: string): Promise<void> {
  const logKeys = await readIntroducedKeys(pool);
  try {
    openCheckpoint(note, { origin, logKeys });
  } catch (error) {
    if (error instanceof VerificationError) return;
    throw error;
  }
  throw new Error("the published checkpoint is signed with a key of the log whose file is not in the keys' directory");
}

/** Null where there is none. With one that cannot be read nobody knows what was signed, so nothing is signed. */
export async function requireReadableAnchor({
  keys,
  anchorFile,
}: Pick<LogOptions, 'keys' | 'anchorFile'>): Promise<OpenCheckpoint | null> {
  try {
    return await readAnchor(anchorFile, await keys.all());
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    const sentence = `the anchor ${anchorFile} is not a checkpoint of this log (${cause.code}); restore it from a backup or from the newest checkpoint that a mirror kept`;
    throw new DatabaseStartError('damaged-directory', sentence, { cause });
  }
}
