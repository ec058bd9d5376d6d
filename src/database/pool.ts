/**
 * The plain PostgreSQL pool of the hot path (named prepared statements) and the one way to run a transaction on it.
 * Guarantees: a transaction that throws is rolled back; a connection that broke is thrown away, never handed on; a
 * COMMIT whose outcome nobody can know is an `OutcomeUnknown`, never a success. Values arrive as `row-types.ts` says.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError, Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { Mistake } from '../kernel/errors.js';
import { rowTypes } from './row-types.js';

/** A connection on which a transaction is open. */
export type Transaction = PoolClient;

/**
 * Committed or not: we cannot say, the caller must look it up. Answered with 503 `unavailable`. Arises when the
 * connection is lost during COMMIT, when a wait for the synchronous replica was cancelled (PostgreSQL then reports
 * success with a mere WARNING, though a failover may still lose the transaction), or where the journal cannot be written.
 */
export class OutcomeUnknown extends Mistake {
  constructor(
    detail: string,
    override readonly cause?: unknown,
  ) {
    super('unavailable', detail);
    this.name = 'OutcomeUnknown';
  }
}

export interface PoolOptions {
  url: string;
  /** Connections at most. */
  size: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** A statement that runs longer is cancelled by the server. Default {@link limits}; 0 for none. */
  statementTimeoutMs?: number;
}

/**
 * What the server may take for a statement, in milliseconds, and how long one lock is waited for, of a row, a table or the gate's own; reading waits
 * for half as long (migrations/city/log.ts, share_log_turn). Who holds one for longer is none of ours: a node that stands still with a lock has lost
 * it after five seconds. Whoever waits is told so (55P03).
 */
export const limits = { statement_timeout: 30_000, lock_timeout: 6_000 } as const;

/** Connects on first use. Connections are kept (a new one would have to prepare its statements again). */
export function openPool({ url, size, applicationName, statementTimeoutMs }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    max: size,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 0,
    ...limits,
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
    // The gate's functions rely on each statement seeing what was committed while a lock was awaited, whatever the server's or the role's default; and
    // times are written in UTC.
    options: '-c default_transaction_isolation=read\\ committed -c timezone=UTC',
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: rowTypes,
  });
  // An error on a connection that runs nothing at the moment reaches nobody else, and would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export interface TransactionOptions {
  /**
   * How often the whole of `work` is run again after a serialization failure (40001) or deadlock (40P01); default 0.
   * `work` must then have no effect but on the database.
   */
  retries?: number;
}

/**
 * Runs `work` in a READ COMMITTED transaction and commits.
 * @throws whatever `work` throws, after ROLLBACK; `OutcomeUnknown` when the COMMIT is in doubt
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<T>,
  { retries = 0 }: TransactionOptions = {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await withClient(pool, (client, doubt) => runOnce(client, work, doubt));
    } catch (error) {
      if (attempt >= retries || !isPassing(error)) throw error;
      await pause(Math.random() * 10 * 2 ** Math.min(attempt, 6));
    }
  }
}

/**
 * Runs one statement that is its own transaction (a call of a database function): one round trip instead of three,
 * with the same guarantee as {@link inTransaction}. Only for statements that write; a lost connection is a doubt.
 */
export async function inOneStatement<R extends QueryResultRow>(
  pool: Pool,
  query: QueryConfig,
): Promise<QueryResult<R>> {
  return withClient(pool, async (client, doubt) => {
    const result = await orInDoubt(() => client.query<R>(query));
    doubt.throwIfAny();
    return result;
  });
}

/**
 * Several statements, with a BEGIN and a COMMIT of their own, in one message, which takes no parameters: one round trip. Returns the last one's answer.
 * The server passes over all that follows a statement that fails, the COMMIT too: what was left open is rolled back, or whoever gets the
 * connection next would find himself in it.
 */
export async function inOneMessage<R extends QueryResultRow>(pool: Pool, text: string): Promise<QueryResult<R>> {
  return withClient(pool, async (client, doubt) => {
    try {
      // One answer for each statement: the types of `pg` know a single one only.
      const answers = (await orInDoubt(() => client.query<R>(text))) as unknown as readonly QueryResult<R>[];
      doubt.throwIfAny();
      return answers.at(-1)!;
    } catch (error) {
      if (error instanceof DatabaseError) {
        await client.query('ROLLBACK').catch((failure: Error) => doubt.breakConnection(failure));
      }
      throw error;
    }
  });
}

async function runOnce<T>(
  client: Transaction,
  work: (transaction: Transaction) => Promise<T>,
  doubt: Doubt,
): Promise<T> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  let result: T;
  try {
    result = await work(client);
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => doubt.breakConnection(failure));
    throw error;
  }
  const { command } = await orInDoubt(() => client.query('COMMIT'));
  // COMMIT of a transaction in which a statement failed answers ROLLBACK without an error.
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back: an error inside it was swallowed');
  doubt.throwIfAny();
  return result;
}

/** An ERROR of the server means rolled back; anything else (FATAL, a lost connection) leaves it open. */
async function orInDoubt<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DatabaseError && error.severity === 'ERROR') throw error;
    if (error instanceof RangeError) throw error;
    throw new OutcomeUnknown('the connection to the database was lost while it committed', error);
  }
}

interface Doubt {
  throwIfAny(): void;
  breakConnection(error: Error): void;
}

interface Notice {
  routine?: string | undefined;
  message?: string | undefined;
}

/** Lends a connection, listens to what the server says beside the result, and throws a broken one away. */
async function withClient<T>(pool: Pool, use: (client: PoolClient, doubt: Doubt) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let doubtful: string | undefined;
  const onError = (error: Error) => (broken = error);
  // `routine` is never translated, the message is (src/backend/replication/syncrep.c).
  const onNotice = (notice: Notice) => {
    if (notice.routine === 'SyncRepWaitForLSN' || /synchronous replication/.test(notice.message ?? '')) {
      doubtful = 'the wait for the synchronous replica was cancelled';
    }
  };
  client.on('error', onError).on('notice', onNotice);
  try {
    return await use(client, {
      throwIfAny() {
        if (doubtful !== undefined) throw new OutcomeUnknown(doubtful);
      },
      breakConnection: onError,
    });
  } catch (error) {
    if (error instanceof OutcomeUnknown) broken ??= error;
    throw error;
  } finally {
    client.off('error', onError).off('notice', onNotice);
    client.release(broken);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}
