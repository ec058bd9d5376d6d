/** The hot path's pool: what arrives is exact, what commits is known, and a lost connection costs one query, not the process. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Pool } from 'pg';
import {
  bigintArray,
  byteaArray,
  dateArray,
  integerArray,
  textArray,
  uuidArray,
} from '../../src/database/array-parameter.js';
import { startEmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { asAdmin } from '../../src/database/migrate.js';
import {
  inOneMessage,
  inOneStatement,
  inTransaction,
  openPool,
  OutcomeUnknown,
  type Transaction,
} from '../../src/database/pool.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let city: FreshCity;
let pool: Pool;

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.adminUrl, size: 4, applicationName: 'pool test' });
  await pool.query('CREATE TABLE public.account (name text PRIMARY KEY, balance bigint NOT NULL)');
});

beforeEach(() => pool.query("TRUNCATE account; INSERT INTO account VALUES ('a', 1), ('b', 1)"));

afterAll(async () => {
  await pool.end();
  await city.drop();
});

const balances = async () =>
  (await pool.query('SELECT balance FROM account ORDER BY name')).rows.map((row) => row.balance);
const pidOf = async (client: Transaction) =>
  (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
const terminate = (pid: number) =>
  asAdmin(city.adminUrl, (client) => client.query('SELECT pg_terminate_backend($1, 5000)', [pid]));

test('arrays of bytes and of text arrive as they were sent: empty, with nulls, with every character', async () => {
  const bytes = fc.array(fc.option(fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value))));
  const text = fc.array(fc.option(fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'))));
  const sent = {
    name: 'arrays',
    text: 'SELECT $1::bytea[] AS bytes, $2::text[] AS text, array_dims($1::bytea[]) AS dims',
  };
  await fc.assert(
    fc.asyncProperty(bytes, text, async (someBytes, someText) => {
      const { rows } = await pool.query({ ...sent, values: [byteaArray(someBytes), textArray(someText)] });
      const dims = someBytes.length === 0 ? null : `[1:${someBytes.length}]`;
      expect(rows).toEqual([{ bytes: someBytes, text: someText, dims }]);
    }),
    { numRuns: 100 },
  );
});

test('arrays of numbers, identifiers and days arrive as they were sent', async () => {
  const numbers = fc.array(fc.option(fc.integer()));
  const large = fc.array(fc.option(fc.maxSafeInteger()));
  const identifiers = fc.array(fc.option(fc.uuid()));
  // Also before 1970 and before 2000, from where the database counts.
  const dayOf = (date: Date) => date.toISOString().slice(0, 10);
  const between = { min: new Date('1868-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
  const days = fc.array(fc.option(fc.date(between).map(dayOf)));
  const text =
    'SELECT $1::integer[] AS numbers, $2::uuid[] AS identifiers, $3::date[]::text[] AS days, $4::bigint[] AS large';
  await fc.assert(
    fc.asyncProperty(numbers, identifiers, days, large, async (someNumbers, someIdentifiers, someDays, someLarge) => {
      const values = [
        integerArray(someNumbers),
        uuidArray(someIdentifiers),
        dateArray(someDays),
        bigintArray(someLarge),
      ];
      const { rows } = await pool.query({ name: 'more arrays', text, values });
      expect(rows).toEqual([{ numbers: someNumbers, identifiers: someIdentifiers, days: someDays, large: someLarge }]);
    }),
    { numRuns: 100 },
  );
});

test.each<[what: string, encode: () => unknown]>([
  ['a day that there is not', () => dateArray(['2026-02-30'])],
  ['a day with a time', () => dateArray(['2026-02-03T00:00'])],
  ['no day', () => dateArray(['tomorrow'])],
  ['an identifier that is too short', () => uuidArray(['5f0c9dd8-6a3b-4a53-9c8e'])],
  ['an identifier with a letter too many', () => uuidArray(['5f0c9dd8-6a3b-4a53-9c8e-0e0f3f0a2b1g'])],
  ['half a number', () => integerArray([0.5, 2 ** 31])],
  ['half a large number', () => bigintArray([0.5])],
])('%s is not sent as something else', (_, encode) => {
  expect(encode).toThrow();
});

describe('values arrive exactly', () => {
  test.each([
    ['9007199254740991::int8', 9007199254740991],
    ['-9007199254740991::int8', -9007199254740991],
    ['ARRAY[1, NULL, 3]::int8[]', [1, null, 3]],
    ["'2027-04-01'::date", '2027-04-01'],
    ["ARRAY['2027-04-01']::date[]", ['2027-04-01']],
    ['12345678901234567890.123::numeric', '12345678901234567890.123'],
    ["'2027-04-01T00:00:00+09:00'::timestamptz", new Date('2027-03-31T15:00:00Z')],
    ["'\\x00ff'::bytea", Buffer.from([0, 255])],
  ])('%s', async (expression, value) => {
    expect((await pool.query(`SELECT ${expression} AS value`)).rows).toEqual([{ value }]);
  });

  test.each(['9007199254740992::int8', '-9007199254740992::int8', 'ARRAY[9007199254740993]::int8[]'])(
    '%s fails rather than arrive as a neighbour, and the connection goes on',
    async (expression) => {
      await expect(pool.query(`SELECT ${expression} AS value`)).rejects.toThrow(RangeError);
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    },
  );
});

describe('a transaction', () => {
  test('commits what it did, at READ COMMITTED, and returns what it found', async () => {
    const level = await inTransaction(pool, async (transaction) => {
      await transaction.query("UPDATE account SET balance = 7 WHERE name = 'a'");
      return (await transaction.query('SHOW transaction_isolation')).rows[0].transaction_isolation;
    });
    expect(level).toBe('read committed');
    expect(await balances()).toEqual([7, 1]);
  });

  test('that throws is rolled back, and the thrown error is the one that arrives', async () => {
    const error = new Error('no');
    const work = async (transaction: Transaction) => {
      await transaction.query("UPDATE account SET balance = 7 WHERE name = 'a'");
      throw error;
    };
    await expect(inTransaction(pool, work)).rejects.toBe(error);
    expect(await balances()).toEqual([1, 1]);
    expect(
      (
        await pool.query(
          "SELECT FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()",
        )
      ).rowCount,
    ).toBe(0);
  });

  test('in which an error was swallowed does not pass for committed', async () => {
    const work = async (transaction: Transaction) => {
      await transaction.query("UPDATE account SET balance = 7 WHERE name = 'a'");
      await transaction.query('SELECT 1 / 0').catch(() => undefined);
    };
    await expect(inTransaction(pool, work)).rejects.toThrow('rolled back');
    expect(await balances()).toEqual([1, 1]);
  });

  test('whose connection breaks fails, its connection is thrown away, and the pool goes on', async () => {
    let pid = 0;
    const work = async (transaction: Transaction) => {
      pid = await pidOf(transaction);
      await terminate(pid);
      await transaction.query("UPDATE account SET balance = 7 WHERE name = 'a'");
    };
    await expect(inTransaction(pool, work)).rejects.toThrow(/terminat|connection/i);
    const pids = await Promise.all([1, 2, 3, 4].map(() => inTransaction(pool, pidOf)));
    expect(pids).not.toContain(pid);
    expect(await balances()).toEqual([1, 1]);
  });

  test('is not disturbed by an idle connection that is cut', async () => {
    const pid = await inTransaction(pool, pidOf);
    await terminate(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await balances()).toEqual([1, 1]);
  });
});

describe('deadlocks', () => {
  /** Two transactions that lock a and b in opposite order, and meet in the middle on their first attempt. */
  async function meet(retries: number): Promise<PromiseSettledResult<void>[]> {
    let here = 0;
    let meeting: (() => void) | undefined;
    const bothHere = new Promise<void>((resolve) => (meeting = resolve));
    const move = (first: string, second: string) =>
      inTransaction(
        pool,
        async (transaction) => {
          await transaction.query("SET LOCAL deadlock_timeout = '50ms'");
          await transaction.query('UPDATE account SET balance = balance + 1 WHERE name = $1', [first]);
          if (++here === 2) meeting?.();
          await bothHere;
          await transaction.query('UPDATE account SET balance = balance + 1 WHERE name = $1', [second]);
        },
        { retries },
      );
    return Promise.allSettled([move('a', 'b'), move('b', 'a')]);
  }

  test('are an error unless retrying was asked for', async () => {
    const results = await meet(0);
    expect(results.filter((result) => result.status === 'rejected').map((result) => result.reason)).toEqual([
      expect.objectContaining({ code: '40P01' }),
    ]);
    expect(await balances()).toEqual([2, 2]);
  });

  test('are run again, each transaction counting once, when it was', async () => {
    expect((await meet(5)).map((result) => result.status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await balances()).toEqual([3, 3]);
  });

  test('are retried no more often than was asked for', async () => {
    let runs = 0;
    const work = async (transaction: Transaction) => {
      runs++;
      await transaction.query("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
    };
    await expect(inTransaction(pool, work, { retries: 2 })).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(3);
  });
});

describe('the outcome of a COMMIT', () => {
  beforeAll(() =>
    pool.query(`
      CREATE FUNCTION public.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.balance = -1 THEN RAISE 'no debts' USING ERRCODE = 'check_violation'; END IF;
        IF NEW.balance = -2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER at_commit AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.at_commit()`),
  );

  const owe = (balance: number) => `UPDATE account SET balance = ${balance} WHERE name = 'a'`;

  test.each([
    ['a transaction', (text: string) => inTransaction(pool, (transaction) => transaction.query(text))],
    ['one statement', (text: string) => inOneStatement(pool, { text })],
  ])(
    'of %s is an error when the server refuses it, and unknown when the connection is lost in it',
    async (_of, run) => {
      await expect(run(owe(-1))).rejects.toMatchObject({ code: '23514' });
      await expect(run(owe(-2))).rejects.toBeInstanceOf(OutcomeUnknown);
      await expect(run(owe(5))).resolves.toMatchObject({ rowCount: 1 });
      expect(await balances()).toEqual([5, 1]);
    },
  );
});

test('a message of several statements, one of which fails, leaves nothing open on its connection', async () => {
  const single = openPool({ url: city.adminUrl, size: 1, applicationName: 'pool test, one connection' });
  try {
    const message = (amount: number) =>
      `BEGIN; UPDATE account SET balance = ${amount} WHERE name = 'a'; SELECT 1 / ${amount}; COMMIT; SELECT balance FROM account WHERE name = 'a'`;
    expect((await inOneMessage(single, message(7))).rows).toEqual([{ balance: 7 }]);
    await expect(inOneMessage(single, message(0))).rejects.toMatchObject({ code: '22012' });
    expect((await single.query("SELECT balance FROM account WHERE name = 'a'")).rows).toEqual([{ balance: 7 }]);
  } finally {
    await single.end();
  }
});

test('a cancelled wait for the synchronous replica is an unknown outcome, though PostgreSQL calls it success', async () => {
  const home = await aTemporaryDirectory();
  const cluster = await startEmbeddedCluster({
    directory: join(home, 'cluster'),
    settings: { shared_buffers: '16MB', max_connections: '20', synchronous_standby_names: 'nobody' },
  });
  const waiting = openPool({ url: cluster.adminUrl, size: 2, applicationName: 'waits for a replica' });
  try {
    await asAdmin(cluster.adminUrl, async (client) => {
      await client.query('SET synchronous_commit = local');
      await client.query('CREATE TABLE t (x integer)');
      for (const run of [
        () => inTransaction(waiting, (transaction) => transaction.query('INSERT INTO t VALUES (1)')),
        () => inOneStatement(waiting, { text: 'INSERT INTO t VALUES (2)' }),
      ]) {
        const outcome = run().then(
          () => 'success',
          (error: unknown) => error,
        );
        for (let cancelled = 0, tries = 0; cancelled === 0 && tries < 500; tries++) {
          const { rowCount } = await client.query(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
          );
          cancelled = rowCount ?? 0;
          if (cancelled === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        }
        expect(await outcome).toMatchObject({ name: 'OutcomeUnknown', code: 'unavailable' });
      }
      expect((await client.query('SELECT x FROM t ORDER BY x')).rows).toEqual([{ x: 1 }, { x: 2 }]);
    });
  } finally {
    await waiting.end();
    await cluster.stop();
    await rm(home, { recursive: true, force: true });
  }
});
