/**
 * Reads the log as it is stored: entries, full tiles and the published checkpoint. Partial tiles follow from the entries' hashes and
 * from the roots of the full tiles below. Nothing beyond the published checkpoint is ever handed out.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { utf8 } from '../kernel/bytes.js';
import { encodeBundle } from './entry-bundle.js';
import { tileWidth } from './tile-path.js';
import { readServedNote, readWitnessed, readWitnessRule, type WitnessRule } from './witness/witnessed-log.js';

export interface PublishedCheckpoint {
  size: number;
  root: Buffer;
  note: string;
  publishedAt: Date;
}

export interface StoredEntry {
  index: number;
  entry: string;
}

/** The newest published checkpoint, or null before the first. */
export async function readCheckpoint(pool: Pool): Promise<PublishedCheckpoint | null> {
  const { rows } = await pool.query<PublishedCheckpoint>({
    name: 'read checkpoint',
    text: 'SELECT size, root, note, published_at AS "publishedAt" FROM azukari.published_checkpoint',
  });
  return rows[0] ?? null;
}

/** The first `width` hashes of a tile, concatenated; fewer when the log does not have them. */
export async function readStoredTile(pool: Pool, level: number, n: number, width: number): Promise<Buffer> {
  if (width === tileWidth) {
    const { rows } = await pool.query<{ hashes: Buffer }>({
      name: 'read full tile',
      text: 'SELECT hashes FROM azukari.log_tile WHERE level = $1 AND n = $2',
      values: [level, n],
    });
    return rows[0]?.hashes ?? Buffer.alloc(0);
  }
  const first = n * tileWidth;
  const { rows } = await pool.query<{ hash: Buffer }>(
    level === 0
      ? {
          name: 'read leaf hashes',
          text: 'SELECT leaf_hash AS hash FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
          values: [first, first + width],
        }
      : {
          name: 'read tile roots',
          text: 'SELECT root AS hash FROM azukari.log_tile WHERE level = $3 AND n >= $1 AND n < $2 ORDER BY n',
          values: [first, first + width, level - 1],
        },
  );
  return Buffer.concat(rows.map((row) => row.hash));
}

const cachedTilesMax = 1024;

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

  /** The signed checkpoint that the world is shown; null before the first. */
  servedNote(): Promise<string | null> {
    return readServedNote(this.pool);
  }

  witnessRule(): Promise<WitnessRule> {
    return readWitnessRule(this.pool);
  }

  /** Whether a difference was found: then nothing is signed any more. */
  async isFrozen(): Promise<boolean> {
    const { rows } = await this.pool.query<{ frozen: boolean }>({
      name: 'is the log frozen',
      text: 'SELECT frozen_at IS NOT NULL AS frozen FROM azukari.signer_state',
    });
    return rows[0]?.frozen ?? true;
  }

  /** Tiles never change for a given width, so what was read once is kept, bounded. Ask only for what a checkpoint covers. */
  readonly readTile = (level: number, n: number, width: number): Promise<Buffer> => {
    const key = `${level}/${n}/${width}`;
    let tile = this.tiles.get(key);
    if (tile === undefined) {
      tile = readStoredTile(this.pool, level, n, width);
      tile.catch(() => this.tiles.delete(key));
      if (this.tiles.size >= cachedTilesMax) this.tiles.delete(this.tiles.keys().next().value!);
      this.tiles.set(key, tile);
    }
    return tile;
  };

  /** An entry bundle (c2sp.org/tlog-tiles) of the first `width` entries from `n` × 256 on. */
  async readBundle(n: number, width: number): Promise<Buffer> {
    const entries = await this.entries(n * tileWidth, n * tileWidth + width);
    return encodeBundle(entries.map(({ entry }) => utf8(entry)));
  }

  /** Entries of the half-open range [from, to), ascending. */
  async entries(from: number, to: number): Promise<StoredEntry[]> {
    const { rows } = await this.pool.query<StoredEntry>({
      name: 'read entries',
      text: 'SELECT idx AS index, entry FROM azukari.log_entry WHERE idx >= $1 AND idx < $2 ORDER BY idx',
      values: [from, to],
    });
    return rows;
  }
}
