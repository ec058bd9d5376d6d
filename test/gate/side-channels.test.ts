/**
 * What a session of the API's role could learn round the tables: from plans, statistics, other sessions, errors and the server's own tools. Each is
 * tried on a city with data, after ANALYZE; what is not refused holds nothing of a resident.
 */
import { DatabaseError } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { type AProgram, type DemoResident, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let asked: DemoResident;
let askedId: string;
let other: DemoResident;
let otherId: string;
let otherSelf: Buffer;
/** Everything that would tell of the other resident. */
let words: string[];

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  program = await town.program();
  [asked, other] = [town.resident(0), town.resident(1)];
  ({ pairwiseId: askedId } = await town.give(asked, program));
  const given = await town.give(other, program);
  otherId = given.pairwiseId;
  await gate.grant(anItem(program, otherId));
  const { rows } = await town.admin.query<{ word: string }>(
    `SELECT encode(substr(sealed, 1, 24), 'hex') AS word FROM azukari.vault_record WHERE resident_id = $1
     UNION ALL SELECT encode(content_mac, 'hex') FROM azukari.vault_record WHERE resident_id = $1
     UNION ALL SELECT id::text FROM azukari.vault_record WHERE resident_id = $1
     UNION ALL SELECT encode(substr(sealed_name, 1, 24), 'hex') FROM azukari.resident WHERE id = $1
     UNION ALL SELECT encode(pairwise_id, 'hex') FROM azukari.pairwise WHERE resident_id = $1`,
    [other.id],
  );
  const self = `SELECT pairwise_id FROM azukari.pairwise WHERE resident_id = $1 AND recipient_id = 'self'`;
  otherSelf = (await town.admin.query<{ pairwise_id: Buffer }>(self, [other.id])).rows[0]!.pairwise_id;
  words = [other.id, other.name, other.login, given.consentId, otherId, ...rows.map(({ word }) => word)];
  await town.admin.query('ANALYZE');
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

/** Also where bytes are printed one by one, as in the dump of a plan. */
function told(text: string): string[] {
  const bytes = text.replaceAll(/\[\s*((?:-?\d+\s+)+)\]/g, (_, list: string) =>
    Buffer.from(list.trim().split(/\s+/).map(Number)).toString('hex'),
  );
  return words.filter((word) => text.includes(word) || bytes.includes(word.replaceAll('-', '')));
}

const closed = [
  'azukari.vault_record',
  'azukari.provision_grant',
  'azukari.provision_void',
  'azukari.access_token',
  'azukari.client_key',
  'statutory.provision_record',
];

const refused: [what: string, text: string, code?: string][] = [
  ...closed.flatMap((table): [string, string][] => [
    [`the plan of ${table}`, `EXPLAIN SELECT FROM ${table}`],
    [`a run of ${table} with its buffers`, `EXPLAIN (ANALYZE, BUFFERS) SELECT FROM ${table}`],
    [`${table} as XML`, `SELECT table_to_xml('${table}'::regclass, true, true, '')`],
    [`a query over ${table} in a text`, `SELECT query_to_xml('SELECT * FROM ${table}', true, true, '')`],
    [`a cheap operator on ${table}, before any filter`, `SELECT FROM ${table} t WHERE t::text LIKE '%a%'`],
    [`words of ${table}`, `SELECT ts_stat('SELECT to_tsvector(t::text) FROM ${table} t')`],
    [`a copy of ${table}`, `COPY ${table} TO STDOUT`],
    [`the physical rows of ${table}`, `SELECT ctid, xmin FROM ${table}`],
    [`a sample of ${table}`, `SELECT FROM ${table} TABLESAMPLE SYSTEM (1)`],
  ]),
  ['the planner’s statistics', 'SELECT stavalues1 FROM pg_statistic'],
  ['statistics of columns together', 'SELECT * FROM pg_statistic_ext_data'],
  ['passwords', 'SELECT rolpassword FROM pg_authid'],
  ['large objects', 'SELECT * FROM pg_largeobject'],
  ['a large object from a file', `SELECT lo_import('/etc/passwd')`],
  ['a large object of its own', `SELECT lo_from_bytea(0, 'x')`],
  ['a file', `SELECT pg_read_file('postgresql.conf')`],
  ['a file in bytes', `SELECT pg_read_binary_file('PG_VERSION')`],
  ['a directory', `SELECT pg_ls_dir('base')`],
  ['the write-ahead log', 'SELECT pg_ls_waldir()'],
  ['the server’s log', `SELECT pg_ls_logdir()`],
  ['a file by COPY', `COPY (SELECT 1) TO '/tmp/azukari'`],
  ['a program', `COPY (SELECT 1) TO PROGRAM 'true'`],
  ['a program’s output', `COPY azukari.session FROM PROGRAM 'true'`],
  ['a library', `LOAD 'auto_explain'`],
  ['another server', 'CREATE EXTENSION dblink SCHEMA azukari'],
  ['another server by its functions', `SELECT dblink_connect('')`, '42883'],
  ['pages as they lie on the disk', `SELECT get_raw_page('azukari.vault_record', 0)`, '42883'],
  ['changes as they are replicated', `SELECT pg_create_logical_replication_slot('x', 'pgoutput')`],
  [
    'a function of its own',
    'CREATE FUNCTION pg_temp.leak(text) RETURNS boolean COST 0.0000001 LANGUAGE sql RETURN true',
  ],
  ['an operator of its own', 'CREATE OPERATOR pg_temp.<<< (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)'],
  ['a temporary table', 'CREATE TEMPORARY TABLE mine (x text)'],
  ['statistics of its own', 'CREATE STATISTICS mine ON resident_id, category FROM azukari.vault_record'],
  ['code in another language', `DO LANGUAGE plpython3u 'pass'`, '42704'],
  ['a sequence’s last value', `SELECT currval('azukari.log_entry_idx_seq')`, '42P01'],
  ['the last value of any sequence', 'SELECT lastval()', '55000'],
];

test.each(refused)('%s: refused, with no word of anybody', async (_what, text, code = '42501') => {
  const error = await refusalOf(gate.pool.query(text));
  expect(error?.code).toBe(code);
  expect(told(everythingIn(error!))).toEqual([]);
});

test('whoever could look at those tables would find the words that are looked for here', async () => {
  const { rows } = await town.admin.query<{ text: string }>(
    `SELECT string_agg(t::text, ' ') AS text FROM (SELECT r::text FROM azukari.vault_record r UNION ALL SELECT r::text FROM azukari.resident r
       UNION ALL SELECT c::text FROM azukari.consent c) AS t`,
  );
  expect(told(rows[0]!.text).length).toBeGreaterThanOrEqual(words.length - 3);
});

const refusalOf = (asking: Promise<unknown>): Promise<DatabaseError | null> =>
  asking.then(
    () => null,
    (error: DatabaseError) => error,
  );

function everythingIn(error: DatabaseError): string {
  const { message, detail, hint, where, internalQuery, schema, table, column, dataType, constraint } = error;
  return JSON.stringify([message, detail, hint, where, internalQuery, schema, table, column, dataType, constraint]);
}

const open: [what: string, text: string][] = [
  [
    'the plan of the view of records, run',
    'EXPLAIN (ANALYZE, BUFFERS, VERBOSE) SELECT count(*) FROM azukari.deposited_records',
  ],
  [
    'the plan of a function with its owner’s rights, run',
    'EXPLAIN (ANALYZE, BUFFERS, VERBOSE) SELECT * FROM azukari.voids_of(ARRAY[0, 1, 2]::bigint[])',
  ],
  ['how many rows tables have and what was done to them', 'SELECT * FROM pg_stat_all_tables'],
  ['what of them was read from the disk', 'SELECT * FROM pg_statio_all_tables'],
  ['indexes and their use', 'SELECT * FROM pg_stat_all_indexes'],
  ['how large tables are', `SELECT pg_total_relation_size('azukari.vault_record'), reltuples FROM pg_class`],
  [
    'statistics of columns that it may not read',
    `SELECT * FROM pg_stats s WHERE NOT has_column_privilege(format('%I.%I', schemaname, tablename), attname, 'SELECT')`,
  ],
  ['locks', 'SELECT * FROM pg_locks'],
  ['prepared statements and cursors', 'SELECT * FROM pg_prepared_statements, pg_cursors'],
  ['settings', 'SELECT * FROM pg_settings'],
  [
    'comments, defaults and constraints',
    `SELECT pg_get_constraintdef(oid) FROM pg_constraint UNION ALL SELECT description FROM pg_description`,
  ],
];

test.each(open)('%s: nothing of a resident in it', async (_what, text) => {
  const { rows } = await gate.pool.query(text);
  expect(told(JSON.stringify(rows))).toEqual([]);
});

test('of what other roles run, no role that signs in sees a word; of its own sessions no value that was asked with', async () => {
  const statement = `SELECT pg_sleep(0.3), '${other.id}' AS id`;
  for (const url of [town.city.databases.appUrl, town.city.databases.signerUrl, town.city.databases.auditorUrl]) {
    const pool = openPool({ url, size: 1, applicationName: 'onlooker' });
    try {
      const running = town.admin.query(statement);
      // The service's own: with every value beside the text.
      const reading = (await town.reader(program)).read(otherId);
      const { rows } = await pool.query<{ usename: string; query: string }>(
        'SELECT usename, query FROM pg_stat_activity WHERE datname = current_database()',
      );
      await Promise.all([running, reading]);
      const role = new URL(url).username;
      const foreign = rows.filter(({ usename, query }) => usename !== role && query !== '<insufficient privilege>');
      expect(foreign).toEqual([]);
      expect(rows.length).toBeGreaterThan(3);
      expect(told(JSON.stringify(rows))).toEqual([]);
    } finally {
      await pool.end();
    }
  }
});

test('no role reads statistics of a column that it may not read, though there are some', async () => {
  const sealed = `SELECT FROM pg_stats WHERE tablename = 'vault_record' AND attname IN ('sealed', 'content_mac', 'resident_id')`;
  expect((await town.admin.query(sealed)).rowCount).toBe(3);
  for (const url of [town.city.databases.appUrl, town.city.databases.signerUrl, town.city.databases.auditorUrl]) {
    const pool = openPool({ url, size: 1, applicationName: 'onlooker' });
    expect((await pool.query(sealed).finally(() => pool.end())).rowCount).toBe(0);
  }
});

test('nothing of the city counts in a sequence, and nothing is installed that tells more', async () => {
  const { rows } = await town.admin.query(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'S' AND relnamespace <> 'public'::regnamespace UNION ALL SELECT extname FROM pg_extension`,
  );
  expect(rows).toEqual([{ name: 'plpgsql' }]);
});

const bytes = Buffer.alloc(32, 7);
const day = '2026-11-27';

/** Calls that a constraint stops: each names one resident, and not the other unless it says so. */
const conflicts: [what: string, text: string, values: () => unknown[]][] = [
  [
    'a resident with the other’s login',
    `SELECT azukari.register_resident(gen_random_uuid(), 'resident', '990019', $1, 'ja', 'adult', NULL, $2, $2, $2)`,
    () => [other.login, bytes],
  ],
  [
    'a resident with the other’s pairwise id',
    `SELECT azukari.register_resident(gen_random_uuid(), 'resident', '990019', 'new', 'ja', 'adult', NULL, $2, $1, $1)`,
    () => [otherSelf, bytes],
  ],
  [
    'an end by nobody known',
    `SELECT azukari.withdraw_consent($1, (SELECT id FROM azukari.consent WHERE resident_id = $1 LIMIT 1), 'x', NULL, $2, $2)`,
    () => [asked.id, bytes],
  ],
  [
    'a consent under the other’s pairwise id',
    `SELECT azukari.give_consent($1, gen_random_uuid(), $2, 1, 'active', '{}', $3, $4, 'ja', '1', '', $5, $4, $4, $4)`,
    () => [asked.id, program.id, '2030-01-01', bytes, decodePairwiseId(otherId)],
  ],
  [
    'a consent that ends before it begins',
    `SELECT azukari.give_consent($1, gen_random_uuid(), $2, 1, 'active', ARRAY[$6], $3, $4, 'ja', '1', '', $5, $4, $4, $4)`,
    () => [
      asked.id,
      program.id,
      '2020-01-01',
      bytes,
      decodePairwiseId(askedId),
      `${program.purpose}/${program.categories[0]}`,
    ],
  ],
  [
    'an authorisation on no basis',
    `SELECT azukari.authorise_deposits($1, 'minatono-steps', '{activity.steps}', 'x', $2)`,
    () => [asked.id, bytes],
  ],
  [
    'a record that is there, again',
    `WITH begun AS (SELECT next_version AS v FROM azukari.begin_deposit('minatono-steps', 'activity.steps', ARRAY[$1::uuid], ARRAY[$2::bytea], ARRAY[$2::bytea]))
     SELECT azukari.finish_deposit(gen_random_uuid(), 'minatono-steps', 'activity.steps', $2, ARRAY[$1::uuid],
       ARRAY(SELECT id FROM azukari.deposited_records WHERE resident_id = $1 AND category = 'activity.steps' LIMIT 1), ARRAY(SELECT v FROM begun),
       ARRAY[$2::bytea], ARRAY[$2::bytea], ARRAY[$3::date], ARRAY[$2::bytea], '[]')`,
    () => [asked.id, bytes, day],
  ],
  [
    'a record without content',
    `WITH begun AS (SELECT next_version AS v FROM azukari.begin_deposit('minatono-steps', 'activity.steps', ARRAY[$1::uuid], ARRAY[$2::bytea], ARRAY[$2::bytea]))
     SELECT azukari.finish_deposit(gen_random_uuid(), 'minatono-steps', 'activity.steps', $2, ARRAY[$1::uuid], ARRAY[gen_random_uuid()], ARRAY(SELECT v FROM begun),
       ARRAY[$2::bytea], ARRAY[$2::bytea], ARRAY[$3::date], ARRAY[NULL::bytea], '[]')`,
    () => [asked.id, bytes, day],
  ],
  [
    'a session that is there',
    `INSERT INTO azukari.session (sha256, subject_kind, subject_id, expires_at) SELECT sha256, 'resident', $1, 'infinity' FROM azukari.session WHERE subject_id = $2 LIMIT 1`,
    () => [asked.id, other.id],
  ],
  ['a redemption of what was never granted', 'SELECT * FROM azukari.redeem_grants(ARRAY[0::bigint])', () => []],
  ['a record of what was never granted', 'SELECT azukari.record_provisions(ARRAY[0::bigint])', () => []],
];

test.each(conflicts)(
  '%s: the error quotes what was asked with, and nothing else of the other',
  async (_what, text, values) => {
    const client = await gate.pool.connect();
    const notices: string[] = [];
    client.on('notice', ({ message, detail }) => notices.push(`${message} ${detail}`));
    try {
      // All that the server is willing to tell a session, down to the plans of what runs inside of functions.
      await client.query(
        `SET client_min_messages = log; SET debug_print_plan = on; SET debug_print_rewritten = on; SET debug_pretty_print = off; BEGIN`,
      );
      const asked = values();
      const error = await refusalOf(client.query(text, asked));
      expect(error).toBeInstanceOf(DatabaseError);
      const given = told(asked.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : String(value))).join());
      const unasked = (heard: string) => told(heard).filter((word) => !given.includes(word));
      expect(unasked(everythingIn(error!))).toEqual([]);
      expect(unasked(notices.join('\n'))).toEqual([]);
      expect(notices.length).toBeGreaterThan(0);
    } finally {
      await client.query('ROLLBACK');
      client.release(true);
    }
  },
);
