/**
 * From configuration to two migrated databases and the addresses at which each role signs in: an embedded cluster in the data directory, or
 * the PostgreSQL that DATABASE_URL names.
 */
import { cityEdition, cityMigrations } from '../migrations/city/list.js';
import { keyMigrations } from '../migrations/keys/list.js';
import { requireLogKeys } from './city-keys.js';
import type { Config } from './config.js';
import { standingKeys } from './transparency-log/keys/key-standing.js';
import { readLogKeys } from './transparency-log/keys/log-keys.js';
import { type DataDirectory, openDataDirectory } from './database/data-directory.js';
import { startEmbeddedCluster } from './database/embedded-cluster.js';
import { asAdmin, createDatabaseIfMissing, migrate } from './database/migrate.js';
import { cityRoles, keyStoreRoles, setRolePasswords, urlForDatabase, urlForRole } from './database/roles.js';

export interface Databases {
  directory: DataDirectory;
  /** For setting up and restoring, never for serving. */
  adminUrl: string;
  appUrl: string;
  signerUrl: string;
  keysUrl: string;
  /** Empties both databases. For a demo city whose founding was cut short. */
  startOver(): Promise<void>;
  stop(): Promise<void>;
}

const cityDatabase = 'azukari';
const keysDatabase = 'azukari_keys';

/** @throws DatabaseStartError with one sentence for every way this can fail. */
export async function openDatabases(config: Config, report: (sentence: string) => void): Promise<Databases> {
  const directory = await openDataDirectory(config.directory, config.anchorDirectory);
  let stopCluster = async () => {};
  try {
    let adminUrl = config.databaseUrl;
    let keysAdminUrl = config.keyDatabaseUrl;
    if (adminUrl === null) {
      const cluster = await startEmbeddedCluster({ directory: directory.cluster, report });
      stopCluster = () => cluster.stop();
      adminUrl = urlForDatabase(cluster.adminUrl, cityDatabase);
      await createDatabaseIfMissing(cluster.adminUrl, cityDatabase);
      await createDatabaseIfMissing(cluster.adminUrl, keysDatabase);
    }
    if (keysAdminUrl === null) {
      const name = config.databaseUrl === null ? keysDatabase : `${nameOf(adminUrl)}_keys`;
      keysAdminUrl = urlForDatabase(adminUrl, name);
      if (config.databaseUrl !== null) await createDatabaseIfMissing(adminUrl, name);
    }
    await migrateBoth(adminUrl, keysAdminUrl);
    await requireOwnCity(adminUrl, directory.keys);
    await setPasswords(adminUrl, keysAdminUrl, directory.rolePasswords);
    const urlOf = (role: string, url: string) => urlForRole(url, role, directory.rolePasswords[role]!, nameOf(url));
    const [admin, keysAdmin] = [adminUrl, keysAdminUrl];
    return {
      directory,
      adminUrl,
      appUrl: urlOf('azukari_app', adminUrl),
      signerUrl: urlOf('azukari_signer', adminUrl),
      keysUrl: urlOf('azukari_keys', keysAdminUrl),
      startOver: () => startOver(admin, keysAdmin),
      stop: async () => {
        await stopCluster();
        directory.close();
      },
    };
  } catch (error) {
    await stopCluster().catch(() => undefined);
    directory.close();
    throw error;
  }
}

async function migrateBoth(adminUrl: string, keysAdminUrl: string): Promise<void> {
  await migrate({ adminUrl, migrations: cityMigrations, edition: cityEdition, lockName: 'azukari migrations' });
  await migrate({ adminUrl: keysAdminUrl, migrations: keyMigrations, lockName: 'azukari key store migrations' });
}

/**
 * Another directory's service may be running on this database, with passwords and keys of its own: nothing of it is touched.
 * @throws DatabaseStartError `another-city`
 */
async function requireOwnCity(adminUrl: string, keysDirectory: string): Promise<void> {
  const standing = standingKeys(await asAdmin(adminUrl, readLogKeys));
  if (standing.length === 0) return;
  await requireLogKeys(
    keysDirectory,
    standing.map(({ vkey }) => vkey),
  );
}

async function setPasswords(
  adminUrl: string,
  keysAdminUrl: string,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const of = (roles: readonly string[]) => Object.fromEntries(roles.map((role) => [role, passwords[role]!]));
  await setRolePasswords(adminUrl, of(cityRoles));
  await setRolePasswords(keysAdminUrl, of(keyStoreRoles));
}

async function startOver(adminUrl: string, keysAdminUrl: string): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    await client.query(
      'DROP SCHEMA azukari CASCADE; DROP SCHEMA statutory CASCADE; DROP TABLE public.schema_migration, public.schema_edition',
    );
  });
  await asAdmin(keysAdminUrl, async (client) => {
    await client.query('DROP SCHEMA azukari_keys CASCADE; DROP TABLE public.schema_migration');
  });
  await migrateBoth(adminUrl, keysAdminUrl);
}

function nameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
