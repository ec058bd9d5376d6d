/**
 * The logs of a city, one after the other: each year a new one, with an origin, keys and indices of its own. In the database entries are numbered
 * through all of them; a place in a log is that number less the log's base. What leaves the database as signed, served or written into entries is
 * in the log's own numbers; each query converts by the log's base.
 */
import type { ClientBase, Pool } from 'pg';
import { invariant } from '../kernel/errors.js';

export interface CityLog {
  readonly origin: string;
  /** The number of its first entry in the database. */
  readonly base: number;
  /** Entries, once it is closed; null while it is open. */
  readonly size: number | null;
  /** Its last checkpoint, with the witnesses' lines once a quorum has cosigned it; null until the log is closed and signed to its end. */
  readonly finalNote: string | null;
}

/** All of them, the oldest first; the last one is open. None before the founding. */
export async function readCityLogs(database: Pool | ClientBase): Promise<CityLog[]> {
  const { rows } = await database.query<{ origin: string; base: string; size: string | null; note: string | null }>({
    name: 'read city logs',
    text: 'SELECT origin, base, size, final_note AS note FROM azukari.city_log ORDER BY base',
  });
  // A plain connection hands out bigint as text.
  return rows.map(({ origin, base, size, note }) => ({
    ...{ origin, base: Number(base), finalNote: note },
    size: size === null ? null : Number(size),
  }));
}

/** The log to which the entry of this number belongs. @param logs the oldest first */
export function logOf(logs: readonly CityLog[], index: number): CityLog {
  const log = logs.findLast(({ base }) => base <= index);
  invariant(log, 'every entry belongs to a log');
  return log;
}

/** Where an entry stands, as people are told. */
export interface EntryPlace {
  /** The log's name; null for the one that is open. */
  readonly log: string | null;
  readonly index: number;
}

/** The place of the entry of this number. */
export function placeIn(logs: readonly CityLog[], index: number): EntryPlace {
  const { origin, base, size } = logOf(logs, index);
  return { log: size === null ? null : nameOfLog(origin), index: index - base };
}

/** What a log is called where it is served and kept, as `2027`: the last part of its origin. */
export function nameOfLog(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}
