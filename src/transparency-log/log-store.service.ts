/**
 * Reads the city's logs as they are stored: entries, full tiles and the published checkpoint. Partial tiles follow from the entries' hashes and
 * from the roots of the full tiles below. Nothing beyond the published checkpoint is ever handed out. Entries are named by their number in the
 * database; tiles, bundles and sizes are those of one log, named by its base (city-logs.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { utf8 } from '../kernel/bytes.js';
import { type CityLog, readCityLogs } from './city-logs.js';
import { encodeBundle } from './entry-bundle.js';
import { tileWidth } from './tile-path.js';
import type { ReadTile } from './tiles.js';
import { readServed, readWitnessed, readWitnessRule, type Served, type WitnessRule } from './witness/witnessed-log.js';

export interface PublishedCheckpoint {
  /** Of the log it is of. */
  base: number;
  /** Entries of this log. */
  size: number;
  root: Buffer;
  note: string;
  publishedAt: Date;
}

export interface StoredEntry {
  /** Its number in the database. */
  index: number;
  entry: string;
}

/** How many entries of the database a checkpoint covers, together with those of the logs before. */
export function reachOf({ base, size }: Pick<PublishedCheckpoint, 'base' | 'size'>): number {
  return base + size;
}

/** The newest published checkpoint, or null before the first. */
export async function readCheckpoint(pool: Pool): Promise<PublishedCheckpoint | null> {
  const { rows } = await pool.query<PublishedCheckpoint>({
    name: 'read checkpoint',
    text: 'SELECT base, size - base AS size, root, note, published_at AS "publishedAt" FROM azukari.published_checkpoint',
  });
  return rows[0] ?? null;
}

/** The first `width` hashes of a tile of one log, concatenated; fewer when the log does not have them. */
async function readStoredTile(pool: Pool, base: number, level: number, n: number, width: number): Promise<Buffer> {
  if (width === tileWidth) {
    const { rows } = await pool.query<{ hashes: Buffer }>({
      name: 'read full tile',
      text: 'SELECT hashes FROM azukari.log_tile WHERE base = $1 AND level = $2 AND n = $3',
      values: [base, level, n],
    });
    return rows[0]?.hashes ?? Buffer.alloc(0);
  }
  const first = n * tileWidth;
  const { rows } = await pool.query<{ hash: Buffer }>(
    level === 0
      ? {
          name: 'read leaf hashes',
          text: 'SELECT leaf_hash AS hash FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
          values: [base + first, base + first + width],
        }
      : {
          name: 'read tile roots',
          text: 'SELECT root AS hash FROM azukari.log_tile WHERE base = $4 AND level = $3 AND n >= $1 AND n < $2 ORDER BY n',
          values: [first, first + width, level - 1, base],
        },
  );
  return Buffer.concat(rows.map((row) => row.hash));
}

const cachedTilesMax = 1024;

export interface SignerState {
  readonly seenAt: Date;
  /** For three minutes, when it says once a minute that it lives: nobody signs, or whoever does cannot. */
  readonly isSilent: boolean;
  /** Null while the log is what was signed. The reason is a sentence in English that names the place. */
  readonly frozen: { readonly at: Date; readonly reason: string } | null;
}

@Injectable()
export class LogStoreService {
  private readonly tiles = new Map<string, Promise<Buffer>>();

  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  checkpoint(): Promise<PublishedCheckpoint | null> {
    return readCheckpoint(this.pool);
  }

  /** The newest that a quorum of witnesses has cosigned. */
  witnessed(): Promise<PublishedCheckpoint | null> {
    return readWitnessed(this.pool);
  }

  /** The signed checkpoint that the world is shown, and of which log it is; null before the first. */
  served(): Promise<Served | null> {
    return readServed(this.pool);
  }

  /** All logs of the city, the oldest first. */
  logs(): Promise<CityLog[]> {
    return readCityLogs(this.pool);
  }

  witnessRule(): Promise<WitnessRule> {
    return readWitnessRule(this.pool);
  }

  /** When the signer showed last that it lives (once a minute, and at each signature), and what it has found. */
  async signer(): Promise<SignerState> {
    const { rows } = await this.pool.query<{
      seen_at: Date;
      is_silent: boolean;
      frozen_at: Date | null;
      freeze_reason: string | null;
    }>({
      name: 'state of the signer',
      text: `SELECT seen_at, seen_at < statement_timestamp() - interval '3 minutes' AS is_silent, frozen_at, freeze_reason
             FROM azukari.signer_state`,
    });
    const { seen_at: seenAt, is_silent: isSilent, frozen_at, freeze_reason } = rows[0]!;
    return { seenAt, isSilent, frozen: frozen_at === null ? null : { at: frozen_at, reason: freeze_reason! } };
  }

  /** Whether a difference was found: then nothing is signed any more. */
  async isFrozen(): Promise<boolean> {
    return (await this.signer()).frozen !== null;
  }

  /** The tiles of one log. They never change for a given width, so what was read once is kept, bounded. Ask only for what a checkpoint covers. */
  tilesOf(base: number): ReadTile {
    return (level, n, width) => {
      const key = `${base}/${level}/${n}/${width}`;
      let tile = this.tiles.get(key);
      if (tile === undefined) {
        tile = readStoredTile(this.pool, base, level, n, width);
        tile.catch(() => this.tiles.delete(key));
        if (this.tiles.size >= cachedTilesMax) this.tiles.delete(this.tiles.keys().next().value!);
        this.tiles.set(key, tile);
      }
      return tile;
    };
  }

  /** An entry bundle (c2sp.org/tlog-tiles) of one log: its first `width` entries from `n` × 256 on; fewer, or no bytes, when the log does not have them. */
  async readBundle(base: number, n: number, width: number): Promise<Buffer> {
    const first = base + n * tileWidth;
    const entries = await this.entries(first, first + width);
    return entries.length === 0 ? Buffer.alloc(0) : encodeBundle(entries.map(({ entry }) => utf8(entry)));
  }

  /** Entries of the half-open range [from, to) of the database, ascending. */
  async entries(from: number, to: number): Promise<StoredEntry[]> {
    const { rows } = await this.pool.query<StoredEntry>({
      name: 'read entries',
      text: 'SELECT idx AS index, entry FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
      values: [from, to],
    });
    return rows;
  }
}
