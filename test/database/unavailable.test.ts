/** 503 or 500: the database out of reach is told from a mistake in what was asked. */
import { Client } from 'pg';
import { isDatabaseUnavailable } from '../../src/database/unavailable.js';
import { openPool, OutcomeUnknown } from '../../src/database/pool.js';
import { requireTestCluster } from '../setup/test-cluster.js';

const { adminUrl } = requireTestCluster();

async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  return run().then(
    () => 'no error',
    (error: unknown) => error,
  );
}

async function onOneConnection(...statements: string[]): Promise<unknown> {
  const client = new Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await errorOf(async () => {
      for (const statement of statements) await client.query(statement);
    });
  } finally {
    await client.end();
  }
}

test.each([
  ['a server that is not there', () => errorOf(() => new Client('postgres://x:y@127.0.0.1:1/z').connect())],
  ['a connection cut by the server', () => onOneConnection('SELECT pg_terminate_backend(pg_backend_pid())')],
  ['a read-only server', () => onOneConnection('SET default_transaction_read_only = on', 'CREATE TABLE t ()')],
  ['a statement that takes too long', () => onOneConnection("SET statement_timeout = '10ms'", 'SELECT pg_sleep(5)')],
  ['a full disk', () => onOneConnection("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")],
  [
    'an unknown outcome with a lost connection',
    () => Promise.resolve(new OutcomeUnknown('x', new Error('Connection terminated'))),
  ],
])('%s is unavailable', async (_what, provoke) => {
  expect(isDatabaseUnavailable(await provoke())).toBe(true);
});

test('a pool with no connection left to give is unavailable', async () => {
  const pool = openPool({ url: adminUrl, size: 1, applicationName: 'unavailable test' });
  const client = await pool.connect();
  // Not before: on a busy machine, connecting may take longer.
  pool.options.connectionTimeoutMillis = 50;
  try {
    expect(isDatabaseUnavailable(await errorOf(() => pool.query('SELECT 1')))).toBe(true);
  } finally {
    client.release();
    await pool.end();
  }
});

test.each([
  ['a syntax error', 'SELEC'],
  ['a broken constraint', "DO $$ BEGIN RAISE SQLSTATE '23514'; END $$"],
  ['a missing right', "DO $$ BEGIN RAISE SQLSTATE '42501'; END $$"],
  ['a deadlock', "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"],
])('%s is not', async (_what, statement) => {
  expect(isDatabaseUnavailable(await onOneConnection(statement))).toBe(false);
});

test.each([[new Error('any')], ['text'], [null], [undefined]])('%p is not', (error) => {
  expect(isDatabaseUnavailable(error)).toBe(false);
});
