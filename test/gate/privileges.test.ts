/** Who may do what in the database, as one table; and every function that lends its owner's rights is closed to whoever has no business with it. */
import type { Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

let city: FreshCity;
let admin: Pool;
beforeAll(async () => {
  city = await aFreshCity();
  admin = openPool({ url: city.adminUrl, size: 1, applicationName: 'privileges test' });
});
afterAll(async () => {
  await admin.end();
  await city.drop();
});

/** As effective: own rights, those of PUBLIC, and those on single columns. */
async function rightsOf(role: string): Promise<Record<string, string>> {
  const { rows } = await admin.query<{ name: string; rights: string }>(
    `SELECT n.nspname || '.' || c.relname AS name, string_agg(privilege, ' ' ORDER BY position) AS rights
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) WITH ORDINALITY AS p (privilege, position)
     WHERE n.nspname IN ('azukari', 'statutory', 'public') AND c.relkind IN ('r', 'v', 'm', 'p', 'S')
       AND CASE WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN has_any_column_privilege($1, c.oid, privilege)
           ELSE has_table_privilege($1, c.oid, privilege) END
     GROUP BY 1 ORDER BY 1`,
    [role],
  );
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]));
}

test('the role of the API reads registers, programs, consents and the log; it writes sessions and remembered answers, and nothing else', async () => {
  expect(await rightsOf('azukari_app')).toEqual({
    'azukari.board_member': 'SELECT',
    'azukari.city': 'SELECT',
    'azukari.consent': 'SELECT',
    'azukari.deposit': 'SELECT',
    'azukari.deposit_authorisation': 'SELECT',
    'azukari.deposited_records': 'SELECT',
    'azukari.entry_detail': 'SELECT',
    'azukari.erasure': 'SELECT',
    'azukari.gate_state': 'SELECT',
    'azukari.idempotency': 'SELECT INSERT UPDATE DELETE',
    'azukari.index_leaf': 'SELECT',
    'azukari.index_range': 'SELECT',
    'azukari.index_tile': 'SELECT',
    'azukari.log_entry': 'SELECT',
    'azukari.log_key': 'SELECT',
    'azukari.city_log': 'SELECT',
    'azukari.log_state': 'SELECT',
    'azukari.log_tile': 'SELECT',
    'azukari.mirror_token': 'SELECT INSERT DELETE',
    'azukari.pairwise': 'SELECT',
    'azukari.program': 'SELECT',
    'azukari.program_decision': 'SELECT',
    'azukari.program_item': 'SELECT',
    'azukari.program_transition': 'SELECT',
    'azukari.provision_count': 'SELECT',
    'azukari.published_checkpoint': 'SELECT',
    'azukari.recipient': 'SELECT',
    'azukari.resident': 'SELECT',
    'azukari.sensitive_category': 'SELECT',
    'azukari.session': 'SELECT INSERT DELETE',
    'azukari.signer_state': 'SELECT',
    'azukari.source': 'SELECT',
    'azukari.staff_access': 'SELECT',
    'azukari.staff_member': 'SELECT',
    'azukari.status_change': 'SELECT',
    'azukari.stripped_number': 'SELECT',
    'azukari.unit': 'SELECT',
    'azukari.vault_version': 'SELECT',
    'azukari.weighed_policy': 'SELECT',
    'azukari.witness_policy': 'SELECT',
    'azukari.shown_alone': 'SELECT',
    'azukari.witnessed_checkpoint': 'SELECT',
  });
});

const theLog = {
  'azukari.log_entry': 'SELECT',
  'azukari.log_key': 'SELECT',
  'azukari.city_log': 'SELECT',
  'azukari.log_state': 'SELECT',
  'azukari.log_tile': 'SELECT',
  'azukari.published_checkpoint': 'SELECT',
  'azukari.signer_state': 'SELECT',
  'azukari.witness_policy': 'SELECT',
  'azukari.shown_alone': 'SELECT',
  'azukari.witnessed_checkpoint': 'SELECT',
};
const theRegisters = { 'azukari.city': 'SELECT', 'azukari.recipient': 'SELECT', 'azukari.source': 'SELECT' };

test('the signer reads the log, and publishes through its functions alone', async () => {
  const named = {
    ...{ 'azukari.witness_policy_named': 'SELECT' },
    // Of the operator's own command.
    ...{ 'azukari.staff_member': 'SELECT', 'azukari.unit': 'SELECT' },
  };
  expect(await rightsOf('azukari_signer')).toEqual({ ...theLog, ...theRegisters, ...named });
  expect(await functionsOf('azukari_signer')).toEqual([
    'appoint_staff',
    'dismiss_staff',
    'freeze_log',
    'index_before_turn',
    'introduce_log_key',
    'offer_witness_policy',
    'open_gate',
    'open_next_log',
    'publish_checkpoint',
    'register_unit',
    'retire_log_key',
    'signer_heartbeat',
    'store_witnessed',
  ]);
});

test('the auditor reads the log, the programs and their decisions, and changes nothing', async () => {
  const thePrograms = {
    'azukari.program': 'SELECT',
    'azukari.program_decision': 'SELECT',
    'azukari.program_item': 'SELECT',
  };
  const theSensitive = { 'azukari.sensitive_category': 'SELECT', 'azukari.weighed_policy': 'SELECT' };
  const theIndex = { 'azukari.index_leaf': 'SELECT', 'azukari.index_range': 'SELECT', 'azukari.index_tile': 'SELECT' };
  const thePolicies = { ...thePrograms, ...theSensitive };
  expect(await rightsOf('azukari_auditor')).toEqual({
    ...{ ...theLog, ...theRegisters, ...thePolicies, ...theIndex },
    'azukari.unit': 'SELECT',
  });
  expect(await functionsOf('azukari_auditor')).toEqual([]);
});

async function functionsOf(role: string): Promise<string[]> {
  const { rows } = await admin.query<{ proname: string }>(
    `SELECT proname FROM pg_proc WHERE pronamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace)
       AND has_function_privilege($1, oid, 'EXECUTE') ORDER BY 1`,
    [role],
  );
  return rows.map(({ proname }) => proname);
}

test('the API may call none of the functions that write the log, count uses or decide: only those that do all of it', async () => {
  const own = await functionsOf('azukari_app');
  expect(own).toEqual(
    expect.arrayContaining(['append_provisions', 'redeem_grants', 'give_consent', 'withdraw_consent']),
  );
  const inner = [
    'append_entry',
    'write_entries',
    'append_range',
    'lock_index',
    'lock_log',
    'count_use',
    'void_grants',
    'move_program',
    'consent_refusal',
    'publish_checkpoint',
    'open_next_log',
    'state_again',
    'index_before_turn',
    'freeze_log',
    'signer_heartbeat',
    'offer_witness_policy',
    'store_witnessed',
    'open_gate',
    'require_witnesses',
    'records_as_of',
    'write_staff_refusal',
    'unit_id_of',
  ];
  expect(inner.filter((name) => own.includes(name))).toEqual([]);
});

interface Routine {
  name: string;
  definer: boolean;
  config: string[] | null;
  /** Its names were resolved when it was made (a body of the SQL standard), and it runs with its caller's rights. */
  resolved: boolean;
  open: boolean;
  owner: string;
}

test('no search_path of a caller changes what a function means: it is pinned with pg_temp last, or the names were resolved beforehand; each belongs to the owner, and none is open to everybody', async () => {
  const { rows } = await admin.query<Routine>(
    `SELECT p.oid::regprocedure::text AS name, prosecdef AS definer, proconfig AS config,
       prosqlbody IS NOT NULL AND NOT prosecdef AND proconfig IS NULL AS resolved, pg_get_userbyid(proowner) AS owner,
       EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0) AS open
     FROM pg_proc p WHERE pronamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace)`,
  );
  expect(rows.filter(({ definer }) => definer).length).toBeGreaterThan(20);
  expect(rows.filter(({ open }) => open)).toEqual([]);
  expect(rows.filter(({ owner }) => owner !== 'azukari_owner')).toEqual([]);
  const isPinned = ({ config }: Routine) => config?.some((setting) => /^search_path=azukari, pg_temp$/.test(setting));
  expect(rows.filter((routine) => !isPinned(routine) && !routine.resolved).map(({ name }) => name)).toEqual([]);
});

test('one view reads with its owner’s rights, and shows where records are, never what is in them; there is no row security that a setting could steer', async () => {
  const schemas = `IN ('azukari'::regnamespace, 'statutory'::regnamespace, 'public'::regnamespace)`;
  const { rows: views } = await admin.query(
    `SELECT c.relname AS name, c.reloptions AS options, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relkind IN ('v', 'm') AND c.relnamespace ${schemas} GROUP BY 1, 2`,
  );
  // For the resident's own page. The service may read whose records there are, as it may read consents; content and its MACs stay in the table.
  const columns = [
    'resident_id',
    'category',
    'id',
    'version',
    'superseded_version',
    'source_id',
    'on_date',
    'deposited_at',
  ];
  expect(views).toEqual([{ name: 'deposited_records', options: null, columns }]);
  const { rows: rewritten } = await admin.query(
    `SELECT ev_class::regclass::text AS name FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace ${schemas}`,
  );
  expect(rewritten).toEqual([{ name: 'azukari.deposited_records' }]);
  const { rows: secured } = await admin.query(
    `SELECT relname FROM pg_class WHERE (relrowsecurity OR relforcerowsecurity) AND relnamespace ${schemas}
     UNION ALL SELECT polname FROM pg_policy`,
  );
  expect(secured).toEqual([]);
});

test('of what a session may set functions read two settings: to refuse the one, and to put the other right', async () => {
  const { rows } = await admin.query<{ name: string; setting: string }>(
    `SELECT proname AS name, setting[1] AS setting FROM pg_proc p,
       regexp_matches(pg_get_functiondef(p.oid), 'current_setting\\(''?([^'')]*)', 'g') AS setting
     WHERE pronamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace) ORDER BY 1, 2`,
  );
  expect(rows).toEqual([
    { name: 'lock_log', setting: 'synchronous_commit' },
    { name: 'require_read_committed', setting: 'transaction_isolation' },
  ]);
});

test('whoever may call a function with its owner’s rights may not make objects that it could mistake for its own', async () => {
  const { rows } = await admin.query(
    `SELECT role, has_schema_privilege(role, 'azukari', 'CREATE') AS schema, has_schema_privilege(role, 'public', 'CREATE') AS public,
       has_database_privilege(role, current_database(), 'CREATE') AS database, has_database_privilege(role, current_database(), 'TEMPORARY') AS temporary
     FROM unnest(ARRAY['azukari_app', 'azukari_signer', 'azukari_auditor']) AS role`,
  );
  const nothing = { schema: false, public: false, database: false, temporary: false };
  expect(rows).toEqual(['azukari_app', 'azukari_signer', 'azukari_auditor'].map((role) => ({ role, ...nothing })));
});

test('no role that signs in can make a large object, which it would own', async () => {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT p.oid::regprocedure::text AS name FROM pg_proc p, unnest(ARRAY['azukari_app', 'azukari_signer', 'azukari_auditor']) AS role
     WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$|loread$)' AND has_function_privilege(role, p.oid, 'EXECUTE')`,
  );
  expect(rows).toEqual([]);
});

test('no role that signs in is a superuser, passes by row security, owns anything or is a member of one that does', async () => {
  const { rows } = await admin.query(
    `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
       (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned,
       (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
     FROM pg_roles r WHERE rolname IN ('azukari_app', 'azukari_signer', 'azukari_auditor') ORDER BY 1`,
  );
  const plain = {
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: false,
    rolcreatedb: false,
    rolreplication: false,
    owned: 0,
    memberships: 0,
  };
  expect(rows).toEqual(['azukari_app', 'azukari_auditor', 'azukari_signer'].map((rolname) => ({ rolname, ...plain })));
});
