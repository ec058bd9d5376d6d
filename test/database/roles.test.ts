/** The service does not run as a role that could go round the gate, and passwords are set without being shown. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Client } from 'pg';
import { asAdmin } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { assertLeastPrivilege, scramVerifier, setRolePasswords, urlForRole } from '../../src/database/roles.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

let city: FreshCity;
const role = `probe_${randomBytes(6).toString('hex')}`;
const other = `other_${randomBytes(6).toString('hex')}`;
const password = 'p:@/ %é?#';

beforeAll(async () => {
  city = await aFreshCity();
  await asAdmin(city.adminUrl, (client) => client.query(`CREATE ROLE ${role} LOGIN; CREATE ROLE ${other}`));
  await asAdmin(city.adminUrl, (client) => client.query(`GRANT CONNECT ON DATABASE ${databaseName()} TO ${role}`));
  await setRolePasswords(city.adminUrl, { [role]: password });
});

afterAll(async () => {
  await asAdmin(city.adminUrl, (client) =>
    client.query(`DROP OWNED BY ${role}, ${other}; DROP ROLE ${role}, ${other}`),
  );
  await city.drop();
});

const databaseName = () => new URL(city.adminUrl).pathname.slice(1);
const roleUrl = () => urlForRole(city.adminUrl, role, password, databaseName());

async function assertionOf(url: string): Promise<unknown> {
  const pool = openPool({ url, size: 1, applicationName: 'roles test' });
  try {
    return await assertLeastPrivilege(pool).then(
      () => 'accepted',
      (error: unknown) => error,
    );
  } finally {
    await pool.end();
  }
}

describe('a role is refused, and told why, when', () => {
  test.each([
    ['is a superuser', `ALTER ROLE ${role} SUPERUSER`, `ALTER ROLE ${role} NOSUPERUSER`],
    ['has BYPASSRLS', `ALTER ROLE ${role} BYPASSRLS`, `ALTER ROLE ${role} NOBYPASSRLS`],
    ['has CREATEROLE', `ALTER ROLE ${role} CREATEROLE`, `ALTER ROLE ${role} NOCREATEROLE`],
    ['has CREATEDB', `ALTER ROLE ${role} CREATEDB`, `ALTER ROLE ${role} NOCREATEDB`],
    ['has REPLICATION', `ALTER ROLE ${role} REPLICATION`, `ALTER ROLE ${role} NOREPLICATION`],
    ['is a member of pg_read_all_data', `GRANT pg_read_all_data TO ${role}`, `REVOKE pg_read_all_data FROM ${role}`],
    [
      'owns the table public.t',
      `CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO ${role}`,
      'DROP TABLE public.t',
    ],
    [
      'owns the function public.f',
      `CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1; ALTER FUNCTION public.f() OWNER TO ${role}`,
      'DROP FUNCTION public.f()',
    ],
    [
      'has settings of its own (TimeZone=UTC), which ALTER ROLE ... RESET ALL takes away',
      `ALTER ROLE ${role} SET timezone = 'UTC'`,
      `ALTER ROLE ${role} RESET ALL`,
    ],
    ['owns the schema s', `CREATE SCHEMA s AUTHORIZATION ${role}`, 'DROP SCHEMA s'],
    [
      `owns the table public.t through ${other}`,
      `CREATE TABLE public.t (); ALTER TABLE public.t OWNER TO ${other}; GRANT ${other} TO ${role}`,
      `DROP TABLE public.t; REVOKE ${other} FROM ${role}`,
    ],
    [
      `has CREATEDB through ${other}`,
      `ALTER ROLE ${other} CREATEDB; GRANT ${other} TO ${role} WITH INHERIT FALSE`,
      `ALTER ROLE ${other} NOCREATEDB; REVOKE ${other} FROM ${role}`,
    ],
  ])('it %s', async (might, grant, revoke) => {
    expect(await assertionOf(roleUrl())).toBe('accepted');
    await asAdmin(city.adminUrl, (client) => client.query(grant));
    try {
      expect(await assertionOf(roleUrl())).toMatchObject({
        code: 'too-privileged',
        sentence: `the service refuses to run as the database role ${role}: it ${might}`,
      });
    } finally {
      await asAdmin(city.adminUrl, (client) => client.query(revoke));
    }
  });
});

test('the superuser is refused, and each role the service signs in as is accepted', async () => {
  expect(await assertionOf(city.adminUrl)).toMatchObject({ code: 'too-privileged' });
  for (const url of [city.appUrl, city.signerUrl, city.auditorUrl, city.keysUrl]) {
    expect(await assertionOf(url)).toBe('accepted');
  }
});

test('a city role cannot reach the key store, nor the key role the city', async () => {
  const keysDatabase = new URL(city.keysUrl).pathname;
  const crossed = [new URL(city.appUrl), new URL(city.keysUrl)] as const;
  crossed[0].pathname = keysDatabase;
  crossed[1].pathname = `/${databaseName()}`;
  for (const url of crossed) {
    await expect(new Client({ connectionString: url.href }).connect()).rejects.toMatchObject({ code: '42501' });
  }
});

test('a new password replaces the old one, and only its SCRAM verifier is ever sent', async () => {
  await setRolePasswords(city.adminUrl, { [role]: 'second' });
  await expect(new Client({ connectionString: roleUrl() }).connect()).rejects.toMatchObject({ code: '28P01' });
  expect(await assertionOf(urlForRole(city.adminUrl, role, 'second', databaseName()))).toBe('accepted');
  await setRolePasswords(city.adminUrl, { [role]: password });
  const { rows } = await asAdmin(city.adminUrl, (client) =>
    client.query<{ rolpassword: string }>('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role]),
  );
  const [, salt = ''] = /^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(rows[0]?.rolpassword ?? '') ?? [];
  expect(rows[0]?.rolpassword).toBe(scramVerifier(password, Buffer.from(salt, 'base64')));
});

test('a URL carries any role and password unharmed, and refuses a database name it could not', () => {
  const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }));
  fc.assert(
    fc.property(text, text, (name, secret) => {
      const url = urlForRole('postgres://x:y@127.0.0.1:1/z', name, secret, 'keys_01-a');
      const { user, password: carried, database } = new Client({ connectionString: url });
      expect([user, carried, database]).toEqual([name, secret, 'keys_01-a']);
    }),
  );
  for (const name of ['', 'a/b', 'a?b', 'a b', 'あ', 'a&b', 'x'.repeat(64)]) {
    expect(() => urlForRole('postgres://x:y@127.0.0.1:1/z', 'a', 'b', name)).toThrow(RangeError);
  }
});
