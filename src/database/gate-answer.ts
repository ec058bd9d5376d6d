/** Calls of the gate whose refusals are told to whoever asked, by a table of their own. */
import { DatabaseError, type Pool, type QueryConfig, type QueryResultRow } from 'pg';
import { type Code, Mistake } from '../kernel/errors.js';
import { inOneStatement } from './pool.js';

/** By SQLSTATE: the code of the answer, and one sentence. */
export type GateRefusals = Readonly<Record<string, readonly [Code, string]>>;

/** @throws Mistake for what the table knows; everything else as it is */
export async function askGate<R extends QueryResultRow>(
  pool: Pool,
  statement: QueryConfig,
  refusals: GateRefusals,
): Promise<R[]> {
  try {
    return (await inOneStatement<R>(pool, statement)).rows;
  } catch (error) {
    const refused = error instanceof DatabaseError ? refusals[error.code ?? ''] : undefined;
    throw refused === undefined ? error : new Mistake(...refused);
  }
}
