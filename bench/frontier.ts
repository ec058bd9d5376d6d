/**
 * What a signature costs in a tree of any size: appending a batch to its right edge and computing the root. The edge is synthesised, for the
 * work depends on its shape alone. A database without the entries could not stand in for a large one: the signer takes up a log by reading
 * every entry and believes no stored hash, and what the append itself costs lies in the tables that would be empty.
 */
import { randomBytes } from 'node:crypto';
import { hashBytes } from '../src/transparency-log/merkle.js';
import { RightEdge } from '../src/transparency-log/right-edge.js';
import { median } from './statistics.js';

export interface FrontierFigures {
  entries: number;
  batch: number;
  /** For the whole batch. */
  microseconds: number;
}

const rounds = 40;

export async function measureFrontier(entries: number, batch: number): Promise<FrontierFigures> {
  const edge = await RightEdge.load(entries, (_level, _n, width) => Promise.resolve(randomBytes(width * hashBytes)));
  const leaves = Array.from({ length: batch }, () => randomBytes(hashBytes));
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    const next = edge.copy();
    for (const leaf of leaves) next.append(leaf);
    next.root();
    return performance.now() - startedAt;
  });
  return { entries, batch, microseconds: median(times) * 1000 };
}
