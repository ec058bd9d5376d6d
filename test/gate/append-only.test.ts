/** The log is append-only and the gate shut by privilege, not by manners: whatever the API's role tries, the database says no. */
import { type AProgram, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  program = await town.program();
  ({ pairwiseId } = await town.give(town.resident(), program));
  await gate.grant(anItem(program, pairwiseId));
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

/** A fingerprint of everything that must not change. */
async function everything(): Promise<unknown> {
  const tables = [
    'log_entry',
    'log_state',
    'consent',
    'program',
    'program_decision',
    'recipient',
    'provision_grant',
    'provision_void',
    'vault_record',
    'resident',
    'provision_count',
  ];
  const sums = tables.map(
    (table) =>
      `(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM azukari.${table} t) AS ${table}`,
  );
  const { rows } = await town.admin.query(`SELECT ${sums.join(', ')}`);
  return rows[0];
}

const forbidden: string[] = [
  // the log
  `UPDATE azukari.log_entry SET entry = entry WHERE idx = 0`,
  `DELETE FROM azukari.log_entry WHERE idx = 0`,
  `TRUNCATE azukari.log_entry CASCADE`,
  `INSERT INTO azukari.log_entry (idx, entry, leaf_hash) VALUES (1000000, 'x', sha256('x'))`,
  `INSERT INTO azukari.log_entry (idx, entry, leaf_hash) VALUES (0, 'x', sha256('x')) ON CONFLICT (idx) DO UPDATE SET entry = excluded.entry`,
  `MERGE INTO azukari.log_entry l USING (VALUES (0)) AS v (idx) ON l.idx = v.idx WHEN MATCHED THEN DELETE`,
  `COPY azukari.log_entry FROM PROGRAM 'true'`,
  `UPDATE azukari.log_state SET size = 0`,
  `SELECT size FROM azukari.log_state FOR UPDATE`,
  `DELETE FROM azukari.log_tile`,
  `UPDATE azukari.published_checkpoint SET size = size + 1000`,
  `INSERT INTO azukari.published_checkpoint (base, size, root, note) VALUES (0, 1000000, sha256(''), 'x')`,
  `UPDATE azukari.signer_state SET frozen_at = NULL, freeze_reason = NULL`,
  `SELECT azukari.publish_checkpoint(0, NULL, 1000000, sha256(''), 'x', '{}', '{}', '{}', '{}')`,
  `UPDATE azukari.city_log SET size = 1`,
  `SELECT azukari.open_next_log('a', 'b.example/log/2', 'c')`,
  `SELECT azukari.append_entry('{"v":1}')`,
  `SELECT azukari.write_entries(0, ARRAY['x'])`,
  `UPDATE azukari.entry_detail SET sealed = sealed`,
  `DELETE FROM azukari.entry_detail`,
  `SELECT azukari.append_range('index', 0, 3)`,
  `SELECT azukari.take_up_indexes(-1)`,
  `INSERT INTO azukari.index_range (kind, base, from_idx, to_idx, n, root, entry_idx) VALUES ('index', 0, 0, 1, 0, sha256(''), 1)`,
  `DELETE FROM azukari.index_range`,
  `UPDATE azukari.index_leaf SET indices = '{0}'`,
  `DELETE FROM azukari.index_tile`,
  // around it
  `ALTER TABLE azukari.log_entry DISABLE TRIGGER ALL`,
  `ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry`,
  `ALTER TABLE azukari.log_entry OWNER TO azukari_app`,
  `DROP TABLE azukari.log_entry CASCADE`,
  `CREATE TRIGGER quiet BEFORE INSERT ON azukari.log_entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
  `CREATE RULE quiet AS ON INSERT TO azukari.log_entry DO INSTEAD NOTHING`,
  `CREATE INDEX spoil ON azukari.log_entry ((1 / (idx - 5)))`,
  `CREATE POLICY mine ON azukari.log_entry USING (true)`,
  `SET session_replication_role = replica`,
  `SET ROLE azukari_owner`,
  `SET SESSION AUTHORIZATION postgres`,
  `CREATE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql RETURN 1`,
  `CREATE TEMPORARY TABLE consent (state text)`,
  `CREATE SCHEMA mine`,
  `CREATE TABLE public.mine ()`,
  `CREATE OR REPLACE FUNCTION azukari.current_policy() RETURNS text LANGUAGE sql RETURN 'x'`,
  `ALTER FUNCTION azukari.redeem_grants(bigint[]) RESET ALL`,
  `GRANT SELECT ON azukari.vault_record TO azukari_app`,
  `ALTER ROLE azukari_app SUPERUSER`,
  `SELECT setval('azukari.log_entry_idx_seq', 1)`,
  `SELECT lo_import('/etc/passwd')`,
  `SELECT pg_read_file('/etc/passwd')`,
  `DO LANGUAGE plpgsql $$ BEGIN UPDATE azukari.log_entry SET entry = entry; END $$`,
  // the gate
  `SELECT sealed FROM azukari.vault_record`,
  `SELECT count(*) FROM azukari.vault_record`,
  `COPY azukari.vault_record TO STDOUT`,
  `SELECT * FROM azukari.provision_grant`,
  `UPDATE azukari.provision_grant SET granted_at = clock_timestamp()`,
  `INSERT INTO azukari.provision_grant (entry_idx) VALUES (0)`,
  `DELETE FROM azukari.provision_grant`,
  `INSERT INTO azukari.provision_void VALUES (0, 1)`,
  `DELETE FROM azukari.provision_void`,
  `UPDATE azukari.grant_sweep SET swept = 9223372036854775807`,
  `DELETE FROM azukari.provision_count`,
  `UPDATE azukari.provision_count SET count = 0`,
  `SELECT * FROM statutory.provision_record`,
  `DELETE FROM statutory.provision_record`,
  // what it decides by
  `UPDATE azukari.consent SET state = 'active'`,
  `INSERT INTO azukari.consent SELECT * FROM azukari.consent`,
  `DELETE FROM azukari.consent`,
  `SELECT FROM azukari.consent FOR UPDATE`,
  `UPDATE azukari.program SET status = 'active'`,
  `INSERT INTO azukari.program_item VALUES ('p', 1, 'x', 'y', '{z}')`,
  `UPDATE azukari.program_item SET fields = fields`,
  `DELETE FROM azukari.program_decision`,
  `INSERT INTO azukari.program_transition VALUES ('draft', 'active')`,
  `UPDATE azukari.recipient SET status = 'active'`,
  `INSERT INTO azukari.recipient (id) VALUES ('mine')`,
  `UPDATE azukari.city SET policy = policy`,
  `UPDATE azukari.resident SET age_band = 'adult'`,
  `UPDATE azukari.pairwise SET resident_id = resident_id`,
  `INSERT INTO azukari.board_member VALUES ('mine')`,
  `UPDATE azukari.session SET subject_kind = 'board'`,
  `SELECT * FROM azukari.access_token`,
  `SELECT * FROM azukari.used_jti`,
];

test('the API’s role is refused every statement that would change the log, the gate, or what it decides by', async () => {
  const before = await everything();
  const allowed: string[] = [];
  for (const statement of forbidden) {
    const client = await gate.pool.connect();
    await client.query('BEGIN');
    const error = await client.query(statement).then(
      () => null,
      (failure: Error & { code?: string }) => failure,
    );
    // 42501 insufficient privilege; what does not exist (a sequence) or is not to be reached so is as good.
    if (error === null || !['42501', '42P01', '3F000'].includes(error.code ?? ''))
      allowed.push(`${statement}: ${error?.message ?? 'done'}`);
    await client.query('ROLLBACK');
    client.release();
  }
  expect(allowed).toEqual([]);
  expect(await everything()).toEqual(before);
});

test('settings of the whole server are not the API’s role’s either', async () => {
  // Not in a transaction, where the statement would fail for that alone.
  await expect(gate.pool.query('ALTER SYSTEM SET synchronous_commit = off')).rejects.toThrow('permission denied');
});

test('of locks on the log’s tables the API’s role gets only the one that every reader takes and that stops nobody', async () => {
  const taken: string[] = [];
  for (const table of [
    'log_entry',
    'log_state',
    'published_checkpoint',
    'consent',
    'vault_record',
    'provision_grant',
  ]) {
    for (const mode of ['ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE']) {
      const client = await gate.pool.connect();
      await client.query('BEGIN');
      const error = await client.query(`LOCK TABLE azukari.${table} IN ${mode} MODE NOWAIT`).then(
        () => null,
        (failure: Error & { code?: string }) => failure,
      );
      if (error === null) taken.push(`${table} ${mode}`);
      else expect(error.code).toBe('42501');
      await client.query('ROLLBACK');
      client.release();
    }
  }
  expect(taken).toEqual(
    ['log_entry', 'log_state', 'published_checkpoint', 'consent'].map((table) => `${table} ACCESS SHARE`),
  );
});

test('errors about rows that the role may not read do not quote them', async () => {
  const { rows } = await town.admin.query<{ id: string }>('SELECT id FROM azukari.vault_record LIMIT 1');
  const error = await gate.pool
    .query(`SELECT * FROM azukari.vault_record WHERE id = '${rows[0]!.id}' AND 1 / (version - version) = 1`)
    .catch((failure: Error & { detail?: string }) => failure);
  expect(String(error)).toMatch(/permission denied for table vault_record/);
  expect((error as { detail?: string }).detail).toBeUndefined();
});
