/**
 * A backend is killed for real, by SIGKILL. The embedded PostgreSQL ends with it and is started anew; an external one, as PostgreSQL is by default,
 * recovers while its postmaster stands. In both the gate is shut until somebody has replayed the journal and says so.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { cityMigrations } from '../../migrations/city/list.js';
import type { ClusterSettings } from '../../src/database/cluster-settings.js';
import { type DatabaseRun, readRun } from '../../src/database/database-run.js';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { createDatabaseIfMissing, migrate } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { urlForDatabase } from '../../src/database/roles.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const [shut, notSigned] = ['AZ007', 'AZ005'];
const small = { shared_buffers: '16MB', max_connections: '20' };
const kinds: [what: string, settings: ClusterSettings, isAnotherRun: boolean][] = [
  ['ends with it and is started anew, as the embedded one,', {}, true],
  ['stands, as that of an external one,', { restart_after_crash: 'on' }, false],
];

describe.each(kinds)('where the postmaster %s', (_what, settings, isAnotherRun) => {
  let home: string;
  let cluster: EmbeddedCluster;
  let pool: Pool;

  beforeAll(async () => {
    home = await aTemporaryDirectory();
    cluster = await startEmbeddedCluster({ directory: join(home, 'cluster'), settings: { ...small, ...settings } });
    await createDatabaseIfMissing(cluster.adminUrl, 'city');
    const adminUrl = urlForDatabase(cluster.adminUrl, 'city');
    await migrate({ adminUrl, migrations: cityMigrations, lockName: 'city' });
    pool = openPool({ url: adminUrl, size: 2, applicationName: 'killed backend' });
  });
  afterAll(async () => {
    await pool?.end();
    await cluster?.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** Nothing was ever signed here: where the gate is open, that is what is missing. */
  const redeemed = () =>
    pool.query(`SELECT * FROM azukari.redeem_grants('{}')`).then(
      () => 'redeemed',
      ({ code }: { code: string }) => code,
    );

  async function killABackend(): Promise<void> {
    const victim = await pool.connect();
    victim.on('error', () => undefined);
    const { rows } = await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    await expect(victim.query('SELECT pg_sleep(20)')).rejects.toThrow();
    victim.release(true);
  }

  async function afterRecovery(): Promise<DatabaseRun> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readRun(pool);
      } catch (error) {
        if (attempt === 400) throw error;
        await pause(50);
      }
    }
  }

  test('the gate is shut afterwards, and what was replayed before opens nothing in another run', async () => {
    const before = await readRun(pool);
    expect([before.isOpen, await redeemed()]).toEqual([true, notSigned]);

    await killABackend();
    const after = await afterRecovery();
    expect([after.isOpen, after.run !== before.run]).toEqual([false, isAnotherRun]);
    expect(await redeemed()).toBe(shut);

    await pool.query('SELECT azukari.open_gate($1)', [before.run]);
    expect(await redeemed()).toBe(isAnotherRun ? shut : notSigned);
    await pool.query('SELECT azukari.open_gate($1)', [after.run]);
    expect(await redeemed()).toBe(notSigned);
  });
});
