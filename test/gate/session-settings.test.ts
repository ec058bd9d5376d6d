/**
 * The database has no row-level security and no setting that says for whom a session asks: tables are closed and functions answer for what they are
 * given (docs/decisions/closed-tables-not-row-security.md). So whatever a session sets, it sees and gets the same.
 */
import type { PoolClient } from 'pg';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { type AProgram, type DemoResident, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let asked: Person;
let other: Person;

interface Person {
  resident: DemoResident;
  pairwiseId: string;
  consentId: string;
  /** As they lie in the vault, in hexadecimal. */
  sealed: string[];
}

async function aPerson(resident: DemoResident): Promise<Person> {
  const given = await town.give(resident, program);
  const { rows } = await town.admin.query<{ sealed: string }>(
    `SELECT encode(sealed, 'hex') AS sealed FROM azukari.vault_record
     WHERE resident_id = $1 AND category = ANY ($2) AND superseded_version IS NULL ORDER BY 1`,
    [resident.id, program.categories],
  );
  return { resident, ...given, sealed: rows.map(({ sealed }) => sealed) };
}

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  program = await town.program();
  asked = await aPerson(town.resident(0));
  other = await aPerson(town.resident(1));
  expect([asked.sealed.length > 0, other.sealed.length > 0]).toEqual([true, true]);
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

/** What a session may set. The rest it is refused; that is another test. */
const settings: [what: string, statement: () => string][] = [
  ['nothing', () => 'SELECT 1'],
  ['no resident', () => `SET app.rid = ''; SET azukari.resident_id = ''`],
  ['a resident that is none', () => `SET app.rid = 'abc'; SET azukari.resident_id = 'abc'`],
  ['another resident', () => `SET app.rid = '${other.resident.id}'; SET azukari.resident_id = '${other.resident.id}'`],
  ['an empty search path', () => `SET search_path = ''`],
  [
    'a search path in which its own things come first',
    () => 'SET search_path = pg_temp, public, statutory, pg_catalog',
  ],
  ['row security off', () => 'SET row_security = off'],
  ['no role', () => 'SET ROLE NONE'],
  ['its own role', () => 'SET ROLE azukari_app; SET SESSION AUTHORIZATION DEFAULT'],
  ['other quotes and escapes', () => 'SET standard_conforming_strings = off; SET bytea_output = escape'],
  [
    'arrays, dates and numbers of its own',
    () => `SET DateStyle = 'German'; SET IntervalStyle = sql_standard; SET extra_float_digits = -15`,
  ],
  ['a time zone of its own', () => `SET TimeZone = '<Z>-13'`],
  [
    'a planner of its own',
    () => 'SET enable_indexscan = off; SET enable_nestloop = off; SET plan_cache_mode = force_custom_plan',
  ],
  ['NULL equal to nothing', () => 'SET transform_null_equals = on'],
];

async function inSession<T>(statement: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await gate.pool.connect();
  try {
    await client.query(statement);
    return await work(client);
  } finally {
    client.release(true);
  }
}

const codeOf = (asking: Promise<unknown>) =>
  asking.then(
    () => 'answered',
    ({ code }: { code?: string }) => code,
  );

test.each(settings)('a session that sets %s selects no sealed record, of nobody', async (_what, statement) => {
  await inSession(statement(), async (client) => {
    for (const text of [
      'SELECT sealed FROM azukari.vault_record',
      `SELECT sealed FROM azukari.vault_record WHERE resident_id = '${asked.resident.id}'`,
      'SELECT FROM azukari.vault_record LIMIT 1',
      'TABLE statutory.provision_record',
      'TABLE azukari.provision_grant',
      'TABLE azukari.access_token',
    ]) {
      expect([text, await codeOf(client.query(text))]).toEqual([text, '42501']);
    }
  });
});

test.each(settings)(
  'asked by a session that sets %s, the gate hands over what was granted, to the byte, and nothing of another',
  async (_what, statement) => {
    const [mine, theirs] = [
      await gate.grant(anItem(program, asked.pairwiseId)),
      await gate.grant(anItem(program, other.pairwiseId)),
    ];
    await gate.record(mine.idx, theirs.idx);
    await inSession(statement(), async (client) => {
      for (const [{ idx }, { resident, sealed }] of [
        [mine, asked],
        [theirs, other],
      ] as const) {
        const { rows } = await client.query<{ records: string }>(
          'SELECT * FROM azukari.redeem_grants(ARRAY[$1::bigint])',
          [idx],
        );
        expect(rows).toMatchObject([{ entry_idx: idx, outcome: 'provided', resident_id: resident.id }]);
        expect(
          rows[0]!.records
            .split('\n')
            .map((line) => line.split(' ').at(-1))
            .toSorted(),
        ).toEqual(sealed);
        const again = await client.query('SELECT outcome, records FROM azukari.redeem_grants(ARRAY[$1::bigint])', [
          idx,
        ]);
        expect(again.rows).toEqual([{ outcome: 'already-used', records: null }]);
      }
    });
  },
);

test.each(settings)(
  'asked by a session that sets %s, no function takes one resident’s consent for another’s',
  async (_what, statement) => {
    const size = await town.logSize();
    await inSession(statement(), async (client) => {
      const [mine, theirs, bytes] = [asked.resident.id, other.consentId, Buffer.alloc(32)];
      const withdraw = 'SELECT azukari.withdraw_consent($1, $2, $3, NULL, $4, $4)';
      expect(await codeOf(client.query(withdraw, [mine, theirs, 'resident', bytes]))).toBe('AZ404');
      const narrow = `SELECT azukari.withdraw_items($1, $2, ARRAY['x/y'], NULL, gen_random_uuid(), '', $3, $3, $3, $3)`;
      expect(await codeOf(client.query(narrow, [mine, theirs, bytes]))).toBe('AZ404');
      const expire = 'SELECT azukari.expire_consent($1, $2, $3, $3) AS idx';
      expect((await client.query(expire, [mine, theirs, bytes])).rows).toEqual([{ idx: null }]);
      const item = { ...anItem(program, asked.pairwiseId), resident: other.resident.id };
      const outcome = gate.append([item], undefined, client).then(
        ([answer]) => answer!.reason,
        ({ code }: { code: string }) => code,
      );
      // A session that reads a backslash otherwise gets no hash of an entry, and so no entry.
      expect(['no-consent', '22021']).toContain(await outcome);
      const pairwise = 'SELECT count(*) AS n FROM azukari.pairwise WHERE pairwise_id = $1 AND resident_id = $2';
      const { rows } = await client.query(pairwise, [decodePairwiseId(other.pairwiseId), mine]);
      expect(rows).toEqual([{ n: 0 }]);
    });
    expect((await town.log(size)).filter(({ t }) => t !== 'refusal')).toEqual([]);
  },
);

test.each([
  'SET ROLE azukari_owner',
  'SET ROLE azukari_signer',
  'SET SESSION AUTHORIZATION postgres',
  'SET session_replication_role = replica',
  'SET session_preload_libraries = x',
  'SET ignore_system_indexes = on',
  'SET zero_damaged_pages = on',
  'SET log_statement = none',
  'SET log_min_messages = panic',
])('%s: a session is refused', async (statement) => {
  expect(['42501', '55P02']).toContain(await codeOf(inSession(statement, async () => undefined)));
});
