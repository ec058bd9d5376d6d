/** Every checkpoint that this log is known to have signed: the published one, the anchored one, and the one beside the tiles. */
import type { Pool } from 'pg';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { readAnchor } from '../anchor.js';
import { openCheckpoint, type OpenCheckpoint, type Trust } from '../checkpoint.js';
import { VerificationError } from '../finding.js';
import { readIntroducedKeys } from '../keys/log-keys.js';
import type { LogOptions } from '../log-options.js';
import { type PublishedCheckpoint, readCheckpoint } from '../log-store.service.js';
import { LogDiffers } from './log-differs.js';
import type { KeptTiles, TileDirectory } from './tile-directory.js';

export interface WhatWasSigned {
  /** As the database holds it; null before the first. */
  readonly published: PublishedCheckpoint | null;
  readonly anchor: OpenCheckpoint | null;
  readonly tiles: KeptTiles | null;
  /** All of them, smallest first. */
  readonly checkpoints: readonly OpenCheckpoint[];
}

/** @throws LogDiffers when the database holds a checkpoint that is not ours; DatabaseStartError when the anchor cannot be read. */
export async function readWhatWasSigned(
  pool: Pool,
  options: LogOptions,
  directory: TileDirectory,
): Promise<WhatWasSigned> {
  const published = await readCheckpoint(pool);
  const logKeys = await options.keys.all();
  const anchor = await requireReadableAnchor(options);
  const tiles = await directory.newest(logKeys);
  const all = [
    published && (await openPublished(pool, published.note, { origin: options.origin, logKeys })),
    anchor,
    tiles && tiles.checkpoint,
  ];
  const checkpoints = all.filter((checkpoint) => checkpoint !== null).sort((a, b) => a.size - b.size);
  return { published, anchor, tiles, checkpoints };
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
  origin,
  keys,
  anchorFile,
}: Pick<LogOptions, 'origin' | 'keys' | 'anchorFile'>): Promise<OpenCheckpoint | null> {
  try {
    return await readAnchor(anchorFile, origin, await keys.all());
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    const sentence = `the anchor ${anchorFile} is not a checkpoint of this log (${cause.code}); restore it from a backup or from the newest checkpoint that a mirror kept`;
    throw new DatabaseStartError('damaged-directory', sentence, { cause });
  }
}
