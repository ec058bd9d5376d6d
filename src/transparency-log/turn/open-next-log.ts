/**
 * The turn of the year, as the operator asks for it: first a key for the new log is made and given to those who verify and witness, then the log
 * that is open is closed and the new one begins, in one transaction (migrations/city/next-log.ts). Both may be asked for again: what was done
 * stays as it is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { inTransaction } from '../../database/pool.js';
import { fieldTypes } from '../entry-catalogue.js';
import { nameOfLog, readCityLogs } from '../city-logs.js';
import { readCheckpoint } from '../log-store.service.js';
import type { KeyRing } from '../keys/key-ring.js';
import { encodeVerifierKey, type SigningKey } from '../note-key.js';

/** Nothing was changed; the sentence says why, and what to do. */
export class TurnRefused extends Error {
  override readonly name = 'TurnRefused';
}

export interface Turned {
  readonly closed: { readonly origin: string; readonly size: number };
  readonly origin: string;
  readonly vkey: string;
  /** It had been done before. */
  readonly isAgain: boolean;
}

const reservedNames = ['checkpoint', 'tile', 'handover', 'evidence'];
const originPattern = new RegExp(`^${fieldTypes.origin[0]}$`);
/** An index of a whole day, and a signer that is behind, take what they take; a withdrawal waits for neither. */
const attemptsMax = 40;
const retryMs = 250;

/** The key of a log that has not begun: the one that was made for it, or a new one; durable when it returns. @throws TurnRefused */
export async function prepareNextLog(pool: Pool, ring: KeyRing, origin: string): Promise<string> {
  await requireUnused(pool, origin);
  return encodeVerifierKey((await keyOf(ring, origin)) ?? (await ring.make(origin)));
}

/**
 * Closes the log that is open and begins the one of `origin`. @param pool as azukari_signer @param say told in words what is being done
 * @throws TurnRefused
 */
export async function openNextLog(
  pool: Pool,
  ring: KeyRing,
  origin: string,
  say: (sentence: string) => void = () => undefined,
): Promise<Turned> {
  const done = await findTurn(pool, origin);
  if (done) return { ...done, isAgain: true };
  await requireUnused(pool, origin);
  const key = await keyOf(ring, origin);
  if (key === null) {
    throw new TurnRefused(
      `there is no key for ${origin} yet: azukari log prepare --origin ${origin} makes it, and shows what witnesses and verifiers have to know before`,
    );
  }
  const current = (await readCityLogs(pool)).at(-1)!.origin;
  say(`closing ${current}: everything in it is indexed, reads that are under way are let finish or ask again`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      // What is indexed here need not be indexed while the log stands still. Where the log cannot be closed this raises, and nothing is appended.
      await call(pool, 'SELECT azukari.index_before_turn($1, $2)', [current, origin]);
      await call(pool, 'SELECT azukari.open_next_log($1, $2, $3)', [current, origin, encodeVerifierKey(key)]);
      break;
    } catch (error) {
      const { code } = error as { code?: string };
      if (passing.has(code ?? '') && attempt < attemptsMax) await pause(retryMs);
      else throw refusals[code ?? ''] === undefined ? error : new TurnRefused(refusals[code!]!, { cause: error });
    }
  }
  return { ...(await findTurn(pool, origin))!, isAgain: false };
}

/** Waits until the first checkpoint of the log that is open has been published; false when that takes longer. */
export async function untilSigned(pool: Pool, waitMs: number): Promise<boolean> {
  const { base } = (await readCityLogs(pool)).at(-1)!;
  for (let waited = 0; waited < waitMs; waited += retryMs) {
    if ((await readCheckpoint(pool))?.base === base) return true;
    await pause(retryMs);
  }
  return false;
}

async function findTurn(pool: Pool, origin: string): Promise<Omit<Turned, 'isAgain'> | null> {
  const [closed, open] = (await readCityLogs(pool)).slice(-2);
  if (open === undefined || open.origin !== origin) return null;
  const { rows } = await pool.query<{ vkey: string }>(
    'SELECT vkey FROM azukari.log_key WHERE base = $1 ORDER BY introduced_idx DESC LIMIT 1',
    [open.base],
  );
  return { closed: { origin: closed!.origin, size: closed!.size! }, origin, vkey: rows[0]!.vkey };
}

async function requireUnused(pool: Pool, origin: string): Promise<void> {
  if (!originPattern.test(`"${origin}"`)) {
    throw new TurnRefused(
      `${origin} is no origin of a log: lower-case letters, digits, dots and hyphens, as in minatono.azukari.example/log/2027`,
    );
  }
  if (reservedNames.includes(nameOfLog(origin))) {
    throw new TurnRefused(`a log cannot be named ${nameOfLog(origin)}: it is served under that name`);
  }
  const used = (await readCityLogs(pool)).find((log) => nameOfLog(log.origin) === nameOfLog(origin));
  if (!used) return;
  throw new TurnRefused(
    used.size === null
      ? `${used.origin} is the log that is open`
      : `${used.origin} was used before: an origin names one log for ever; choose another`,
  );
}

async function keyOf(ring: KeyRing, origin: string): Promise<SigningKey | null> {
  return (await ring.all()).find(({ name }) => name === origin) ?? null;
}

async function call(pool: Pool, text: string, values: unknown[]): Promise<void> {
  await inTransaction(pool, async (transaction) => {
    await transaction.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
    await transaction.query(text, values);
  });
}

/** The signer is behind, or somebody stands still with a grant: asked again a little later. (55P03: PostgreSQL, lock_not_available.) */
const passing = new Set(['AZ425', '55P03']);

const refusals: Readonly<Record<string, string>> = {
  '55P03': 'something holds the log for longer than a few seconds; ask again later',
  AZ424:
    'a new log began less than an hour ago, and azukari log list shows it; if yet another one is meant, ask again later',
  AZ005: 'the log is frozen: docs/restore.md says what to do',
  AZ409: 'another new log was begun meanwhile: azukari log list shows which',
  AZ422: 'this origin cannot be used: azukari log list shows those that were',
  AZ425:
    'the signer has not signed the log that is open as far as it goes: let the service run until it has, then ask again',
};
