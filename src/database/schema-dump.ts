/**
 * The whole schema of a database as text, for a golden file whose diff a reviewer reads: what is stored, what holds it
 * together, and who may do what. The embedded distribution has no pg_dump, so this is our own ordered query of the
 * system catalogues (PostgreSQL manual, part "System Catalogs"). Equal schemas give equal text, whatever the database
 * is called and in whatever order things were made.
 */
import type { Pool, PoolClient } from 'pg';

/** One thing of the schema: a headline, and beneath it what belongs to it. */
interface Line {
  headline: string;
  detail: string | null;
}

/** Every table, column, constraint, index, trigger, function, sequence, type, grant and role, one to a line. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // With nothing in the search path but the catalogue, every name is printed with its schema.
    await client.query('SET LOCAL search_path = pg_catalog');
    const sections: string[] = [];
    for (const [title, query] of sectionQueries) sections.push(`== ${title}\n${await section(client, query)}`);
    return `${sections.join('\n')}`;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

async function section(client: PoolClient, query: string): Promise<string> {
  const { rows } = await client.query<Line>(query);
  const lines: string[] = [];
  let headline: string | null = null;
  for (const row of rows) {
    if (row.headline !== headline) lines.push(row.headline);
    headline = row.headline;
    if (row.detail !== null) lines.push(`  ${row.detail.replaceAll('\n', '\n    ')}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * One line per grantee; a privilege with `*` may be passed on. Without a stored list PostgreSQL's default holds, which
 * lets PUBLIC execute every function, so the default is printed too. What owners may do goes without saying.
 */
function grants(acl: string, kind: 'r' | 's' | 'f' | 'n' | 'T' | 'd', owner: string): string {
  return `(SELECT format('grant %s: %s', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END,
                 string_agg(privilege_type || CASE WHEN is_grantable THEN '*' ELSE '' END, ', '
                            ORDER BY privilege_type COLLATE "C")) AS line
            FROM aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) WHERE grantee <> ${owner} GROUP BY grantee)`;
}

const ownSchema = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

const roles = `
SELECT format('role %s %s%s%s%s%s%s%s', rolname, CASE WHEN rolcanlogin THEN 'login' ELSE 'nologin' END,
              CASE WHEN rolsuper THEN ' superuser' END, CASE WHEN rolbypassrls THEN ' bypassrls' END,
              CASE WHEN rolcreaterole THEN ' createrole' END, CASE WHEN rolcreatedb THEN ' createdb' END,
              CASE WHEN rolreplication THEN ' replication' END, CASE WHEN NOT rolinherit THEN ' noinherit' END) AS headline,
       detail
  FROM pg_roles r LEFT JOIN LATERAL (
    SELECT 'is a member of ' || pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = r.oid
    UNION ALL SELECT 'has as a member ' || CASE WHEN m.rolsuper THEN 'the superuser' ELSE m.rolname END
                FROM pg_auth_members JOIN pg_roles m ON m.oid = member WHERE roleid = r.oid
    UNION ALL SELECT 'set ' || unnest(rolconfig)
  ) d(detail) ON true
 WHERE rolname ~ '^azukari_' ORDER BY rolname COLLATE "C", detail COLLATE "C"`;

const database = `
SELECT 'database' AS headline, g.line AS detail
  FROM pg_database, LATERAL ${grants('datacl', 'd', 'datdba')} g
 WHERE datname = current_database() ORDER BY g.line COLLATE "C"`;

const schemas = `
SELECT format('schema %s owner %s', nspname, pg_get_userbyid(nspowner)) AS headline, detail
  FROM pg_namespace n LEFT JOIN LATERAL (
    SELECT g.line FROM ${grants('nspacl', 'n', 'nspowner')} g
    UNION ALL
    SELECT format('default on %s made by %s: grant %s: %s',
                  CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                     WHEN 'T' THEN 'types' ELSE 'schemas' END,
                  pg_get_userbyid(defaclrole),
                  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, privilege_type)
      FROM pg_default_acl, aclexplode(defaclacl) WHERE defaclnamespace = n.oid
  ) d(detail) ON true
 WHERE ${ownSchema} ORDER BY nspname COLLATE "C", detail COLLATE "C"`;

const defaultPrivileges = `
SELECT format('whatever %s makes', pg_get_userbyid(defaclrole)) AS headline,
       format('%s: grant %s: %s', CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
                                       WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE 'schemas' END,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee)::text END, privilege_type) AS detail
  FROM pg_default_acl, aclexplode(defaclacl) WHERE defaclnamespace = 0
 ORDER BY 1, 2`;

const types = `
SELECT format('%s %s owner %s', CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range'
                                               ELSE 'composite' END,
              format_type(t.oid, NULL), pg_get_userbyid(t.typowner)) AS headline, detail
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  LEFT JOIN LATERAL (
    SELECT 0, 0, format('over %s%s%s', format_type(t.typbasetype, t.typtypmod),
                        CASE WHEN t.typnotnull THEN ' not null' END, ' default ' || t.typdefault) WHERE t.typtype = 'd'
    UNION ALL SELECT 1, 0, format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
               WHERE contypid = t.oid AND contype <> 'n'
    UNION ALL SELECT 2, row_number() OVER (ORDER BY enumsortorder), format('value %s', enumlabel) FROM pg_enum
               WHERE enumtypid = t.oid
    UNION ALL SELECT 3, attnum, format('field %s %s', attname, format_type(atttypid, atttypmod)) FROM pg_attribute
               WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped AND t.typtype = 'c'
    UNION ALL SELECT 4, 0, g.line FROM ${grants('t.typacl', 'T', 't.typowner')} g
  ) d(part, position, detail) ON true
 WHERE ${ownSchema} AND (t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
 ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C", part, position, detail COLLATE "C"`;

const tables = `
SELECT format('%s %s.%s owner %s%s%s%s%s',
              CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                             WHEN 'p' THEN 'partitioned table' ELSE 'table' END,
              n.nspname, c.relname, pg_get_userbyid(c.relowner), CASE WHEN c.relpersistence = 'u' THEN ' unlogged' END,
              CASE WHEN c.relrowsecurity THEN ' row security' END, CASE WHEN c.relforcerowsecurity THEN ' forced' END,
              ' with (' || array_to_string(c.reloptions, ', ') || ')') AS headline, detail
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT 0, attnum, format('column %s %s%s%s', attname, format_type(atttypid, atttypmod),
                             CASE WHEN attnotnull THEN ' not null' END,
                             CASE WHEN attidentity <> '' THEN ' identity'
                                  WHEN attgenerated <> '' THEN ' generated as ' || pg_get_expr(adbin, adrelid)
                                  ELSE ' default ' || pg_get_expr(adbin, adrelid) END)
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 1, 0, format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
               WHERE conrelid = c.oid AND contype NOT IN ('n', 't')
    UNION ALL SELECT 2, 0, 'index ' || pg_get_indexdef(indexrelid) FROM pg_index
               WHERE indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = c.oid)
    UNION ALL SELECT 3, 0, 'trigger ' || pg_get_triggerdef(oid) || CASE WHEN tgenabled <> 'O' THEN ' ' || tgenabled::text ELSE '' END
                FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal
    UNION ALL SELECT 4, 0, format('policy %s for %s to %s using %s check %s', polname, polcmd,
                                  (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END, ', ')
                                     FROM unnest(polroles) r),
                                  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
                FROM pg_policy WHERE polrelid = c.oid
    UNION ALL SELECT 5, 0, 'as ' || pg_get_viewdef(c.oid) WHERE c.relkind IN ('v', 'm')
    UNION ALL SELECT 6, 0, g.line FROM ${grants('c.relacl', 'r', 'c.relowner')} g
    UNION ALL SELECT 7, attnum, format('grant %s: %s (%s)', CASE grantee WHEN 0 THEN 'PUBLIC'
                                       ELSE pg_get_userbyid(grantee)::text END, privilege_type, attname)
                FROM pg_attribute, aclexplode(attacl) WHERE attrelid = c.oid AND grantee <> c.relowner
  ) d(part, position, detail) ON true
 WHERE ${ownSchema} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", part, position, detail COLLATE "C"`;

const sequences = `
SELECT format('sequence %s.%s owner %s as %s start %s increment %s%s', n.nspname, c.relname, pg_get_userbyid(c.relowner),
              format_type(seqtypid, NULL), seqstart, seqincrement, CASE WHEN seqcycle THEN ' cycle' END) AS headline,
       g.line AS detail
  FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL ${grants('c.relacl', 's', 'c.relowner')} g ON true
 WHERE ${ownSchema} ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", g.line COLLATE "C"`;

const functions = `
SELECT format('%s %s.%s(%s)', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
              n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS headline, detail
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  LEFT JOIN LATERAL (
    SELECT 0, 'returns ' || pg_get_function_result(p.oid) WHERE p.prokind <> 'p'
    UNION ALL
    SELECT 1, format('%s, %s%s%s, language %s, owner %s',
                     CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' ELSE 'security invoker' END,
                     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
                     CASE WHEN p.proisstrict THEN ', strict' END,
                     CASE p.proparallel WHEN 's' THEN ', parallel safe' WHEN 'r' THEN ', parallel restricted' END,
                     l.lanname, pg_get_userbyid(p.proowner))
    UNION ALL SELECT 2, 'set ' || unnest(p.proconfig)
    UNION ALL SELECT 3, 'definition sha256 ' || encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex')
               WHERE p.prokind <> 'a'
    UNION ALL SELECT 4, g.line FROM ${grants('p.proacl', 'f', 'p.proowner')} g
  ) d(part, detail) ON true
 WHERE ${ownSchema} ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C", part, detail COLLATE "C"`;

const rest = `
SELECT 'extension ' || extname AS headline, 'version ' || extversion AS detail FROM pg_extension
UNION ALL SELECT 'event trigger ' || evtname, 'on ' || evtevent FROM pg_event_trigger
UNION ALL SELECT 'publication ' || pubname, NULL FROM pg_publication
UNION ALL SELECT 'setting of this database for ' || coalesce(rolname, 'everybody'), unnest(setconfig)
            FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole
           WHERE datname = current_database()
 ORDER BY 1, 2`;

const sectionQueries: readonly (readonly [title: string, query: string])[] = [
  ['roles', roles],
  ['database', database],
  ['schemas', schemas],
  ['default privileges', defaultPrivileges],
  ['types', types],
  ['tables', tables],
  ['sequences', sequences],
  ['functions', functions],
  ['the rest', rest],
];
