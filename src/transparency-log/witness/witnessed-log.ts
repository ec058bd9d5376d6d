/** What the database knows of witnesses: the newest checkpoint a quorum has cosigned, and for which categories it is waited for. */
import type { Pool } from 'pg';

/** As `PublishedCheckpoint`; its time is that of the quorum. */
export interface WitnessedCheckpoint {
  base: number;
  size: number;
  root: Buffer;
  note: string;
  publishedAt: Date;
}

/** The newest checkpoint that a quorum of the policy in force has cosigned; null where there is none. */
export async function readWitnessed(pool: Pool): Promise<WitnessedCheckpoint | null> {
  const { rows } = await pool.query<WitnessedCheckpoint>({
    name: 'read witnessed checkpoint',
    text: `SELECT c.base, c.size - c.base AS size, c.root, c.note, c.cosigned_at AS "publishedAt"
           FROM azukari.witnessed_checkpoint c JOIN azukari.witness_policy p ON p.digest = c.policy AND p.threshold > 0`,
  });
  return rows[0] ?? null;
}

/** A signed checkpoint, and the base of the log it is of. */
export interface Served {
  readonly base: number;
  readonly note: string;
}

/**
 * The checkpoint the world is shown: with witnesses at work, the newest one that a quorum has cosigned, some milliseconds behind the newest
 * published. When no quorum has cosigned for half a minute, the newest published with the log's signature alone. Null before the first. It
 * never goes back, from whichever node it is shown: what was shown alone is remembered, and a smaller one is not shown afterwards.
 */
export async function readServed(pool: Pool): Promise<Served | null> {
  const { rows } = await pool.query<{ base: number | null; note: string | null }>({
    name: 'read served checkpoint',
    text: `SELECT CASE WHEN w.threshold > 0 THEN c.note ELSE p.note END AS note, CASE WHEN w.threshold > 0 THEN c.base ELSE p.base END AS base
           FROM azukari.published_checkpoint p
           LEFT JOIN azukari.witness_policy w ON true
           LEFT JOIN azukari.witnessed_checkpoint c ON c.policy = w.digest AND c.size <= p.size
             AND c.cosigned_at > clock_timestamp() - interval '30 seconds' AND c.size >= (SELECT size FROM azukari.shown_alone)`,
  });
  if (rows.length === 0) return null;
  const { base, note } = rows[0]!;
  return base !== null && note !== null ? { base, note } : showPublished(pool);
}

async function showPublished(pool: Pool): Promise<Served> {
  const { rows } = await pool.query<Served>({
    name: 'show published checkpoint',
    text: 'SELECT base, note FROM azukari.show_published()',
  });
  return rows[0]!;
}

export interface WitnessRule {
  /** Whether a quorum is waited for at all. */
  readonly isInForce: boolean;
  /** Null: every category counts as sensitive. */
  readonly sensitive: ReadonlySet<string> | null;
}

/** As the gate will judge: see migrations/city/witnesses.ts. */
export async function readWitnessRule(pool: Pool): Promise<WitnessRule> {
  const { rows } = await pool.query<{ in_force: boolean; weighed: boolean; sensitive: string[] }>({
    name: 'read witness rule',
    text: `SELECT EXISTS (SELECT FROM azukari.witness_policy WHERE threshold > 0) AS in_force,
             EXISTS (SELECT FROM azukari.weighed_policy JOIN azukari.city USING (policy)) AS weighed,
             ARRAY(SELECT code::text FROM azukari.sensitive_category) AS sensitive`,
  });
  const { in_force: isInForce, weighed, sensitive } = rows[0]!;
  return { isInForce, sensitive: weighed ? new Set(sensitive) : null };
}
