/**
 * What the operator is told of a failure of ours: where in the program it arose and what the database called it, under an
 * id that the caller was given. Messages of foreign errors are left out, since they may quote a body, an address or a row.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseError } from 'pg';
import { BrokenInvariant, Mistake } from '../kernel/errors.js';

const causesMax = 4;
const framesMax = 12;

export interface IncidentPlace {
  readonly method: string;
  /** The route's pattern, never the address itself. */
  readonly route: string;
}

/** Returns the incident's id and its line for the log. */
export function describeIncident(error: unknown, place: IncidentPlace, now: Date): { incident: string; line: string } {
  const incident = randomUUID();
  const causes: object[] = [];
  for (let cause: unknown = error; cause instanceof Error && causes.length < causesMax; cause = cause.cause) {
    causes.push(describe(cause));
  }
  return { incident, line: JSON.stringify({ at: now.toISOString(), log: 'incident', incident, ...place, causes }) };
}

function describe(error: Error): object {
  const sentence = error instanceof BrokenInvariant || error instanceof Mistake ? error.message : undefined;
  const cause = 'driverError' in error ? error.driverError : error;
  const { code, constraint, table, routine } = (
    cause instanceof DatabaseError ? cause : error
  ) as Partial<DatabaseError>;
  return { name: error.name, sentence, code, constraint, table, routine, frames: framesOf(error) };
}

/** Only the lines that name a place: the first lines of a stack repeat the message. */
function framesOf({ stack = '' }: Error): string[] {
  const lines = stack.split('\n').map((line) => line.trim());
  return lines.filter((line) => /^at .*:\d+:\d+\)?$/.test(line)).slice(0, framesMax);
}
