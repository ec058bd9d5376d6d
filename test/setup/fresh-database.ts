/** A city of a test's own: copies of the migrated templates, with the same rights as a database migrated in place. */
import { randomBytes } from 'node:crypto';
import { asAdmin } from '../../src/database/migrate.js';
import { urlForDatabase, urlForRole } from '../../src/database/roles.js';
import { uncheckedLogs } from './checked-logs.js';
import { cityTemplate, keysTemplate, requireTestCluster } from './test-cluster.js';

export interface FreshCity {
  /** The superuser's, on the city's database. */
  adminUrl: string;
  appUrl: string;
  signerUrl: string;
  auditorUrl: string;
  /** The key store's role, on the key store's database. */
  keysUrl: string;
  /** The superuser's, on the key store's database. */
  keysAdminUrl: string;
  /**
   * Removes both databases, whoever is still connected.
   * @throws when a log in it was not checked to its end, and nobody has said why
   */
  drop(): Promise<void>;
  /** Its log is not sound, or not signed to its end, because the test wants it so: why. */
  leaveUnchecked(why: string): void;
  /** Whether somebody has said so. */
  readonly isLeftUnchecked: boolean;
}

/** About 30 ms for each of the two databases. */
export function aFreshCity(): Promise<FreshCity> {
  return aCopyOf(cityTemplate, keysTemplate);
}

/** Another city that has come as far as this one, which nobody is connected to. */
export function anotherLike({ adminUrl, keysAdminUrl }: FreshCity): Promise<FreshCity> {
  return aCopyOf(databaseOf(adminUrl), databaseOf(keysAdminUrl));
}

export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** A copy of any pair of databases that nobody is connected to. */
export async function aCopyOf(cityOriginal: string, keysOriginal: string): Promise<FreshCity> {
  const { adminUrl, rolePasswords } = requireTestCluster();
  const suffix = randomBytes(6).toString('hex');
  const [city, keys] = [`city_${suffix}`, `keys_${suffix}`];
  await Promise.all([copy(adminUrl, cityOriginal, city), copy(adminUrl, keysOriginal, keys)]);
  // To the gate a copy is another run; nothing was stopped in it that it does not know.
  const open = 'SELECT azukari.open_gate(azukari.database_run())';
  await asAdmin(urlForDatabase(adminUrl, city), (client) => client.query(open));
  const urlOf = (role: string, database: string) => urlForRole(adminUrl, role, rolePasswords[role] ?? '', database);
  let why: string | null = null;
  return {
    adminUrl: urlForDatabase(adminUrl, city),
    appUrl: urlOf('azukari_app', city),
    signerUrl: urlOf('azukari_signer', city),
    auditorUrl: urlOf('azukari_auditor', city),
    keysUrl: urlOf('azukari_keys', keys),
    keysAdminUrl: urlForDatabase(adminUrl, keys),
    async drop() {
      const unchecked = why === null ? await uncheckedLogs(urlForDatabase(adminUrl, city)).catch(noneIfDropped) : [];
      await dropDatabases(adminUrl, [city, keys]);
      if (unchecked.length > 0) throw new Error(`nobody has checked ${unchecked.join(' and ')} to the end`);
    },
    leaveUnchecked: (reason) => void (why = reason),
    get isLeftUnchecked() {
      return why !== null;
    },
  };
}

/** Each gets the other's key store. Nobody may be connected to either. */
export async function exchangeKeyStores(one: FreshCity, other: FreshCity): Promise<void> {
  const [mine, theirs] = [databaseOf(one.keysAdminUrl), databaseOf(other.keysAdminUrl)];
  await asAdmin(requireTestCluster().adminUrl, async (client) => {
    for (const [from, to] of [
      [mine, `${mine}_aside`],
      [theirs, mine],
      [`${mine}_aside`, theirs],
    ]) {
      await client.query(`ALTER DATABASE ${from} RENAME TO ${to}`);
    }
  });
}

/** CREATE DATABASE copies everything but the rights on the database itself. */
async function copy(adminUrl: string, template: string, name: string): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
    const { rows } = await client.query<{ statement: string }>(
      `SELECT format('GRANT %s ON DATABASE ${name} TO %s', privilege_type,
                     CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) AS statement
         FROM pg_database, aclexplode(datacl) WHERE datname = $1`,
      [template],
    );
    if (rows.length === 0) return;
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC; ${rows.map((row) => row.statement).join('; ')}`);
  });
}

function noneIfDropped(error: { code?: string }): string[] {
  if (error.code === '3D000') return [];
  throw error;
}

async function dropDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    for (const name of names) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}
