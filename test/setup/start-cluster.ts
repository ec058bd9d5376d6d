/**
 * Jest's global setup: one real PostgreSQL for the run, with a migrated template of each database. It is set up as the
 * service's own is. Its files are no more durable than the place they are in (leftovers.ts).
 */
import { join } from 'node:path';
import { cityMigrations } from '../../migrations/city/list.js';
import { keyMigrations } from '../../migrations/keys/list.js';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { asAdmin, createDatabaseIfMissing, migrate, type MigrationClass } from '../../src/database/migrate.js';
import { cityRoles, keyStoreRoles, setRolePasswords, urlForDatabase } from '../../src/database/roles.js';
import { randomPassword } from '../../src/database/secret-file.js';
import { removeLeftovers, theRunsDirectory } from './leftovers.js';
import { announceTestCluster, cityTemplate, keysTemplate } from './test-cluster.js';

declare global {
  /** Read again by stop-cluster.ts, in the same process. */
  var azukariTestCluster: { cluster: EmbeddedCluster; directory: string } | undefined;
}

export default async function startCluster(): Promise<void> {
  await removeLeftovers();
  const directory = await theRunsDirectory();
  const cluster = await startEmbeddedCluster({
    directory: join(directory, 'cluster'),
    settings: { shared_buffers: '128MB', autovacuum: 'off' },
  });
  globalThis.azukariTestCluster = { cluster, directory };
  const { adminUrl } = cluster;
  const failure = await makeTemplates(adminUrl);
  const existing = await existingRoles(adminUrl);
  const rolePasswords = Object.fromEntries(existing.map((role) => [role, randomPassword()]));
  await setRolePasswords(adminUrl, rolePasswords);
  announceTestCluster({ adminUrl, directory, rolePasswords, ...(failure === null ? {} : { failure }) });
}

/** A migration that fails fails the tests that need its database, each with its message; the others still run. */
async function makeTemplates(adminUrl: string): Promise<string | null> {
  const results = await Promise.allSettled([
    makeTemplate(adminUrl, cityTemplate, cityMigrations),
    makeTemplate(adminUrl, keysTemplate, keyMigrations),
  ]);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  return failures.length === 0 ? null : `the migrations failed: ${failures.join('; ')}`;
}

async function makeTemplate(adminUrl: string, name: string, migrations: readonly MigrationClass[]): Promise<void> {
  await createDatabaseIfMissing(adminUrl, name);
  await migrate({ adminUrl: urlForDatabase(adminUrl, name), migrations, lockName: name });
  // Nobody may be connected to a database that is copied.
  await asAdmin(adminUrl, (client) => client.query(`ALTER DATABASE ${name} IS_TEMPLATE true ALLOW_CONNECTIONS false`));
}

async function existingRoles(adminUrl: string): Promise<string[]> {
  return asAdmin(adminUrl, async (client) => {
    const names = [...cityRoles, ...keyStoreRoles];
    const { rows } = await client.query<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE rolname = ANY ($1) ORDER BY 1',
      [names],
    );
    return rows.map((row) => row.rolname);
  });
}
