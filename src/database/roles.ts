/**
 * The roles the service signs in as, and the refusal to run as one that could go round the gate. What a role may do is
 * granted by the migrations; here are only passwords and the check that the running service is none of the mighty.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral, type Pool } from 'pg';
import { DatabaseStartError } from './database-start-error.js';
import { asAdmin } from './migrate.js';

/** Who signs in to the city's database, and to the key store's. The owners of the tables (NOLOGIN) are not among them. */
export const cityRoles = ['azukari_app', 'azukari_signer', 'azukari_auditor'] as const;
export const keyStoreRoles = ['azukari_keys'] as const;

/**
 * Sets the passwords of existing roles. The server is sent the SCRAM verifier, so no password can reach its log.
 * @param passwords role name → password (ASCII)
 */
export async function setRolePasswords(adminUrl: string, passwords: Readonly<Record<string, string>>): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    await client.query('BEGIN');
    // Two at once would fail with "tuple concurrently updated".
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('azukari role passwords', 0))");
    for (const [role, password] of Object.entries(passwords)) {
      const verifier = escapeLiteral(scramVerifier(password, randomBytes(16)));
      await client.query(`ALTER ROLE ${escapeIdentifier(role)} PASSWORD ${verifier}`);
    }
    await client.query('COMMIT');
  });
}

/** What PostgreSQL stores for SCRAM-SHA-256: RFC 5803 in the form of src/common/scram-common.c. */
export function scramVerifier(password: string, salt: Buffer, iterations = 4096): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** `adminUrl`'s server, as another role on another database. */
export function urlForRole(adminUrl: string, role: string, password: string, database: string): string {
  const url = new URL(urlForDatabase(adminUrl, database));
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}

/**
 * The same login on another database of the same server.
 * @throws RangeError on a name that is not plain: node-postgres does not decode every character of a URL's path
 */
export function urlForDatabase(url: string, database: string): string {
  if (!/^[\w-]{1,63}$/.test(database)) throw new RangeError('a database name is of letters, digits, _ and -');
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/**
 * Everything the signed-in role has that a service must not have, directly or through a role it is a member of. A
 * superuser counts as a member of every role, so for one only its own rights are listed.
 */
const mightQuery = `
WITH mine AS (
  SELECT oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
         CASE WHEN rolname = session_user THEN '' ELSE ' through ' || rolname END AS through
    FROM pg_roles
   WHERE pg_has_role(session_user, oid, 'MEMBER')
     AND (rolname = session_user OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user))
), own_schema AS (
  SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), might(weight, sentence) AS (
  SELECT 0, 'is a superuser' || through FROM mine WHERE rolsuper
  UNION ALL SELECT 1, 'has BYPASSRLS' || through FROM mine WHERE rolbypassrls
  UNION ALL SELECT 2, 'has CREATEROLE' || through FROM mine WHERE rolcreaterole
  UNION ALL SELECT 3, 'has CREATEDB' || through FROM mine WHERE rolcreatedb
  UNION ALL SELECT 4, 'has REPLICATION' || through FROM mine WHERE rolreplication
  UNION ALL SELECT 5, 'is a member of ' || rolname FROM mine
             WHERE rolname IN ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_read_server_files',
                               'pg_write_server_files', 'pg_execute_server_program')
  UNION ALL SELECT 6, 'owns the database' || through FROM pg_database JOIN mine ON mine.oid = datdba
             WHERE datname = current_database()
  UNION ALL SELECT 7, format('owns the schema %s%s', nspname, through) FROM own_schema JOIN mine ON mine.oid = nspowner
  UNION ALL SELECT 8, format('owns the table %s.%s%s', nspname, relname, through)
              FROM pg_class JOIN own_schema ON own_schema.oid = relnamespace JOIN mine ON mine.oid = relowner
             WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL SELECT 9, format('owns the function %s.%s%s', nspname, proname, through)
              FROM pg_proc JOIN own_schema ON own_schema.oid = pronamespace JOIN mine ON mine.oid = proowner
  -- Any role may change its own defaults, and they outlast whoever had taken it over.
  UNION ALL SELECT 10, format('has settings of its own (%s), which ALTER ROLE ... %sRESET ALL takes away', array_to_string(setconfig, ', '),
                    CASE WHEN setdatabase <> 0 THEN format('IN DATABASE %s ', current_database()) END)
              FROM pg_db_role_setting WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = session_user)
               AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
)
SELECT session_user::text AS role, sentence AS might FROM might ORDER BY weight, sentence COLLATE "C" LIMIT 5`;

/**
 * Refuses a role that could go round the gate: superuser, BYPASSRLS, CREATEROLE, CREATEDB, REPLICATION, a member of
 * the server's all-reading roles, or owner of a table, function, schema or the database; directly or by membership; or one with settings of its own.
 * @throws DatabaseStartError `too-privileged`, naming the role and what it has
 */
export async function assertLeastPrivilege(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ role: string; might: string }>(mightQuery);
  if (rows.length === 0) return;
  const found = rows.map((row) => row.might).join(', ');
  throw new DatabaseStartError(
    'too-privileged',
    `the service refuses to run as the database role ${rows[0]?.role}: it ${found}`,
  );
}
