/**
 * Which run of which database server is being served (migrations/city/gate-append.ts: `database_run`). Where it changes, a replica may have taken
 * over that lacks the last commits; the gate is shut until the journal was replayed into the new run.
 */
import type { Pool } from 'pg';
import type { Code } from '../kernel/errors.js';
import { OutcomeUnknown } from './pool.js';

export interface DatabaseRun {
  run: string;
  /** Whether the journal was replayed into it. */
  isOpen: boolean;
}

/** What is answered while the gate is shut because this is another run than the journal was replayed into (AZ007). */
export const inAnotherRun = [
  'unavailable',
  'the database was restarted or replaced; what had been stopped is being made sure of first',
] as const satisfies readonly [Code, string];

export async function readRun(pool: Pool): Promise<DatabaseRun> {
  const { rows } = await pool.query<DatabaseRun>({
    name: 'run of the database',
    text: `SELECT azukari.database_run() AS run,
      azukari.is_gate_open() AS "isOpen"`,
  });
  return rows[0]!;
}

/**
 * For a change that is committed and then written to the journal: between the two, a replica without it may have taken over, and the journal have
 * been replayed without the line. So what `work` did counts only if it all happened in one run.
 * @throws OutcomeUnknown otherwise; doing it again is safe
 */
export async function inOneRun<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const { run } = await readRun(pool);
  const result = await work();
  if ((await readRun(pool)).run !== run) throw new OutcomeUnknown('the database was replaced meanwhile');
  return result;
}
