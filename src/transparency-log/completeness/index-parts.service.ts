/** Puts together, from the database, what the completeness file of one log is made of, in the log's own numbers. Everything comes with its proof, so nothing has to be believed. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../../database/connections.js';
import { toBase64 } from '../base64.js';
import type { CityLog } from '../city-logs.js';
import { LogStoreService, type PublishedCheckpoint } from '../log-store.service.js';
import { proveInclusion } from '../tiles.js';
import { type IndexPart, type ProvedEntry, writeLeaf, type WrittenLeaf } from './completeness-file.js';
import { readIndexProofs, readRanges, type StoredRange } from './index-store.js';

/** Of a checkpoint: its log, and how much of it is covered. */
export type Covering = Pick<PublishedCheckpoint, 'base' | 'size'>;

/** A log under a signed checkpoint. */
export type CoveredLog = Pick<PublishedCheckpoint, 'base' | 'size' | 'note'> & Pick<CityLog, 'origin'>;

@Injectable()
export class IndexPartsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly store: LogStoreService,
  ) {}

  /** The indexes whose entries the checkpoint covers, ascending. */
  async ranges({ base, size }: Covering): Promise<StoredRange[]> {
    return (await readRanges(this.pool, base)).filter(({ entry }) => entry < size);
  }

  /** The indices of all `org` entries that the checkpoint covers. */
  async organisations({ base, size }: Covering): Promise<number[]> {
    const { rows } = await this.pool.query<{ idx: number }>({
      name: 'organisations in the log',
      text: `SELECT idx - $1 AS idx FROM azukari.log_entry
        WHERE starts_with(entry, '{"v":1,"t":"org",') AND idx >= $1::bigint AND idx < $1 + $2::bigint ORDER BY idx`,
      values: [base, size],
    });
    return rows.map(({ idx }) => idx);
  }

  /** The entries with these indices, ascending, each with its inclusion proof. */
  async proved(indices: readonly number[], { base, size }: Covering): Promise<ProvedEntry[]> {
    const { rows } = await this.pool.query<{ index: number; entry: string }>({
      name: 'entries to prove',
      text: 'SELECT idx - $2 AS index, entry FROM azukari.log_entry WHERE idx = ANY ($1::bigint[]) AND idx < $2::bigint + $3 ORDER BY idx',
      values: [indices.map((index) => base + index), base, size],
    });
    const proved: ProvedEntry[] = [];
    for (const { index, entry } of rows) {
      const hashes = await proveInclusion(index, size, this.store.tilesOf(base));
      proved.push({ index, entry, hashes: hashes.map(toBase64) });
    }
    return proved;
  }

  /** One index with the leaves that show or deny each of these tags (hex). @param index its entry, proved. */
  async part(range: StoredRange, index: ProvedEntry, tags: readonly string[]): Promise<IndexPart> {
    const proofs = await readIndexProofs(
      this.pool,
      range,
      tags.map((tag) => Buffer.from(tag, 'hex')),
    );
    const leaves = new Map<number, WrittenLeaf>();
    for (const proof of proofs) {
      const placed = proof.kind === 'presence' ? [proof.leaf] : [proof.before, proof.after];
      for (const leaf of placed) {
        if (leaf && (proof.kind === 'presence' || !leaves.has(leaf.position))) {
          leaves.set(leaf.position, writeLeaf(leaf, proof.kind === 'presence' ? proof.indices : undefined));
        }
      }
    }
    return { index, leaves: [...leaves.values()] };
  }
}
