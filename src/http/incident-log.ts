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
  for (let cause = error; isThrown(cause) && causes.length < causesMax; cause = cause.cause)
    causes.push(describe(cause));
  return { incident, line: JSON.stringify({ at: now.toISOString(), log: 'incident', incident, ...place, causes }) };
}

/** Errors of Node's own are not always instances of this realm's `Error`. */
interface Thrown {
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string;
  readonly cause?: unknown;
  /** The database's error inside TypeORM's. */
  readonly driverError?: unknown;
}

function isThrown(value: unknown): value is Thrown {
  return typeof value === 'object' && value !== null;
}

function describe(error: Thrown): object {
  const sentence = error instanceof BrokenInvariant || error instanceof Mistake ? error.message : undefined;
  const cause = error.driverError instanceof DatabaseError ? error.driverError : error;
  const { code, constraint, table, routine } = cause as Partial<DatabaseError>;
  return { name: error.name, sentence, code, constraint, table, routine, frames: framesOf(error) };
}

/** Only the lines that name a place. A stack begins with the message, which might itself look like one. */
function framesOf({ stack = '', message = '' }: Thrown): string[] {
  const lines = stack
    .slice(stack.indexOf(message) + message.length)
    .split('\n')
    .map((line) => line.trim());
  return lines.filter((line) => /^at .*:\d+:\d+\)?$/.test(line)).slice(0, framesMax);
}
