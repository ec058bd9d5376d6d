/** Reads what the database kept of the indexes it appended: ranges, leaves, tiles. Nothing here is believed without its proof. */
import type { Pool } from 'pg';
import { hashBytes } from '../merkle.js';
import { proveInclusion, type ReadTile } from '../tiles.js';
import { digestOfIndices } from './index-leaf.js';
import type { AbsenceProof, IndexTree, PlacedLeaf, PresenceProof } from './index-proof.js';

/** An index of one log, in the log's own numbers. */
export interface StoredRange extends IndexTree {
  readonly root: Buffer;
  /** Where the index entry stands in the log. */
  readonly entry: number;
  /** Of its log. */
  readonly base: number;
}

interface LeafRow {
  wanted: Buffer;
  tag: Buffer;
  position: number;
  indices: number[];
}

/** All indexes of the log of this base, ascending. */
export async function readRanges(pool: Pool, base: number): Promise<StoredRange[]> {
  const { rows } = await pool.query<StoredRange>({
    name: 'read index ranges',
    text: `SELECT base, from_idx - base AS "from", to_idx - base AS "to", n, root, entry_idx - base AS entry
      FROM azukari.index_range WHERE kind = 'index' AND base = $1 ORDER BY to_idx`,
    values: [base],
  });
  return rows;
}

/** What a range says of each tag (32 bytes), in the order given. */
export async function readIndexProofs(
  pool: Pool,
  range: StoredRange,
  tags: readonly Buffer[],
): Promise<(PresenceProof | AbsenceProof)[]> {
  const { rows } = await pool.query<LeafRow>({
    name: 'read index leaves',
    // Of each tag: the last leaf that does not come after it, and the first that does not come before it.
    text: `SELECT wanted, leaf.tag, leaf.position, leaf.indices FROM unnest($2::bytea[]) AS wanted CROSS JOIN LATERAL (
        (SELECT tag, position, indices FROM azukari.index_leaf WHERE to_idx = $1 AND tag <= wanted ORDER BY tag DESC LIMIT 1)
        UNION ALL
        (SELECT tag, position, indices FROM azukari.index_leaf WHERE to_idx = $1 AND tag > wanted ORDER BY tag LIMIT 1)) AS leaf`,
    values: [range.base + range.to, tags],
  });
  const leaves = new Map<string, LeafRow[]>();
  for (const row of rows) leaves.set(keyOf(row.wanted), [...(leaves.get(keyOf(row.wanted)) ?? []), row]);
  const readTile = tilesOf(pool, range);
  const placed = new Map<number, Promise<PlacedLeaf>>();
  const place = (row: LeafRow): Promise<PlacedLeaf> => {
    const known = placed.get(row.position) ?? placeLeaf(row, range, readTile);
    placed.set(row.position, known);
    return known;
  };
  return Promise.all(tags.map((tag) => proofOf(tag, leaves.get(keyOf(tag)) ?? [], place)));
}

async function proofOf(
  tag: Buffer,
  neighbours: readonly LeafRow[],
  place: (row: LeafRow) => Promise<PlacedLeaf>,
): Promise<PresenceProof | AbsenceProof> {
  const before = neighbours.find((row) => Buffer.compare(row.tag, tag) <= 0);
  const after = neighbours.find((row) => Buffer.compare(row.tag, tag) > 0);
  if (before?.tag.equals(tag)) return { kind: 'presence', leaf: await place(before), indices: before.indices };
  return { kind: 'absence', before: before ? await place(before) : null, after: after ? await place(after) : null };
}

async function placeLeaf(
  { tag, position, indices }: LeafRow,
  { n }: StoredRange,
  readTile: ReadTile,
): Promise<PlacedLeaf> {
  return { position, tag, digest: digestOfIndices(indices), hashes: await proveInclusion(position, n, readTile) };
}

/** Tiles of one index, each read once for as long as proofs are made from it. */
function tilesOf(pool: Pool, { base, to }: StoredRange): ReadTile {
  const known = new Map<string, Promise<Buffer>>();
  return (level, n, width) => {
    const key = `${level}/${n}`;
    const tile = known.get(key) ?? readIndexTile(pool, base + to, level, n, width);
    known.set(key, tile);
    return tile;
  };
}

async function readIndexTile(pool: Pool, to: number, level: number, n: number, width: number): Promise<Buffer> {
  const { rows } = await pool.query<{ hashes: Buffer }>({
    name: 'read index tile',
    text: 'SELECT hashes FROM azukari.index_tile WHERE to_idx = $1 AND level = $2 AND n = $3',
    values: [to, level, n],
  });
  return (rows[0]?.hashes ?? Buffer.alloc(0)).subarray(0, width * hashBytes);
}

function keyOf(tag: Buffer): string {
  return tag.toString('latin1');
}
