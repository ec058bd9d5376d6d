/** A cluster of one city's own: the service's two databases, and a copy of the city's for the floor. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cityMigrations } from '../migrations/city/list.js';
import { keyMigrations } from '../migrations/keys/list.js';
import type { ClusterSettings } from '../src/database/cluster-settings.js';
import { startEmbeddedCluster } from '../src/database/embedded-cluster.js';
import { asAdmin, createDatabaseIfMissing, migrate } from '../src/database/migrate.js';
import { cityRoles, keyStoreRoles, setRolePasswords, urlForDatabase, urlForRole } from '../src/database/roles.js';
import { randomPassword } from '../src/database/secret-file.js';

export interface BenchDatabases {
  directory: string;
  adminUrl: string;
  postmasterPid: number;
  postgres: string;
  /** Where each role signs in. */
  service: { appUrl: string; signerUrl: string; keysUrl: string };
  /** The key store's database. */
  keysName: string;
  /** Where the floor's copy of this name is reached. */
  floor(name: string): { appUrl: string; signerUrl: string; ownerUrl: string };
  /** While the city is founded, commits need not wait for the disk: before anything is measured, all of it is on the disk. */
  hurry(): Promise<void>;
  /** Ends the hurry, and tidies up as autovacuum would otherwise in the midst of measuring. */
  tidy(): Promise<void>;
  /** Makes a copy of the city as it is for a floor of this name. Nobody may be connected. */
  copyForFloor(name: string): Promise<void>;
  /** Calling it twice is harmless. */
  stop(): Promise<void>;
}

const names = { city: 'azukari', keys: 'azukari_keys' };

/** Where a city's keys, journal and anchor lie beside its cluster. */
const parts = ['keys', 'journal', 'anchor'];

/** @param directory empty, or that of a city that was founded before. */
export async function openBenchDatabases(directory: string, isProfile: boolean): Promise<BenchDatabases> {
  for (const part of parts) await mkdir(join(directory, part), { mode: 0o700, recursive: true });
  // The settings are those of the service's own cluster; only a profile adds to them.
  const settings: ClusterSettings = isProfile
    ? { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all', track_io_timing: 'on' }
    : {};
  const { adminUrl, postmasterPid, stop } = await startEmbeddedCluster({
    ...{ directory: join(directory, 'cluster'), settings },
  });
  try {
    return { directory, ...(await prepare(adminUrl, isProfile)), postmasterPid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(clusterUrl: string, isProfile: boolean) {
  await createDatabaseIfMissing(clusterUrl, names.city);
  await createDatabaseIfMissing(clusterUrl, names.keys);
  const adminUrl = urlForDatabase(clusterUrl, names.city);
  const keysAdminUrl = urlForDatabase(clusterUrl, names.keys);
  await migrate({ adminUrl, migrations: cityMigrations, lockName: 'azukari migrations' });
  await migrate({ adminUrl: keysAdminUrl, migrations: keyMigrations, lockName: 'azukari key store migrations' });
  const passwords = Object.fromEntries([...cityRoles, ...keyStoreRoles].map((role) => [role, randomPassword()]));
  await setRolePasswords(adminUrl, passwords);
  if (isProfile) await asAdmin(adminUrl, (client) => client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements'));
  const urlOf = (role: string, database: string) => urlForRole(adminUrl, role, passwords[role]!, database);
  return {
    ...{ adminUrl, keysName: names.keys },
    postgres: await asAdmin(adminUrl, async (client) => {
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return rows[0]!.server_version;
    }),
    service: {
      appUrl: urlOf('azukari_app', names.city),
      signerUrl: urlOf('azukari_signer', names.city),
      keysUrl: urlOf('azukari_keys', names.keys),
    },
    floor: (name: string) => ({
      appUrl: urlOf('azukari_app', name),
      signerUrl: urlOf('azukari_signer', name),
      ownerUrl: urlForDatabase(adminUrl, name),
    }),
    hurry: () => setCommits(clusterUrl, 'SET synchronous_commit TO off'),
    tidy: async () => {
      await setCommits(clusterUrl, 'RESET synchronous_commit');
      for (const url of [adminUrl, keysAdminUrl]) await asAdmin(url, (client) => client.query('VACUUM (ANALYZE)'));
    },
    copyForFloor: async (name: string) => {
      const copy = `CREATE DATABASE ${name} TEMPLATE ${names.city} STRATEGY file_copy`;
      await asAdmin(clusterUrl, (client) => client.query(copy));
      // No service replays a journal into the copy when the cluster was restarted; nothing has been stopped in it.
      const open = 'SELECT azukari.open_gate(azukari.database_run())';
      await asAdmin(urlForDatabase(clusterUrl, name), (client) => client.query(open));
      await asAdmin(clusterUrl, (client) => client.query('CHECKPOINT'));
    },
  };
}

async function setCommits(clusterUrl: string, clause: string): Promise<void> {
  await asAdmin(clusterUrl, async (client) => {
    for (const name of [names.city, names.keys]) await client.query(`ALTER DATABASE ${name} ${clause}`);
  });
}
