/** An embedded PostgreSQL that ends though nobody has stopped it: it is there again, where it was, and one that was stopped is not. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { asAdmin } from '../../src/database/migrate.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const settings = { shared_buffers: '16MB', max_connections: '20' };

let home: string;
let directory: string;
let cluster: EmbeddedCluster;
let said: string[];

beforeAll(async () => {
  home = await aTemporaryDirectory();
  directory = join(home, 'cluster');
});
beforeEach(async () => {
  said = [];
  cluster = await startEmbeddedCluster({ directory, settings, report: (sentence) => said.push(sentence) });
});
afterEach(() => cluster.stop());
afterAll(() => rm(home, { recursive: true, force: true }));

/** Whether a server answers within twenty seconds. */
async function answers(): Promise<boolean> {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(50)) {
    const { rows } = await asAdmin(cluster.adminUrl, (client) => client.query('SELECT 1')).catch(() => ({ rows: [] }));
    if (rows.length > 0) return true;
  }
  return false;
}

const isThere = () => existsSync(join(directory, 'data', 'postmaster.pid'));

async function untilGone(): Promise<void> {
  while (
    await asAdmin(cluster.adminUrl, (client) => client.query('SELECT 1')).then(
      () => true,
      () => false,
    )
  )
    await pause(20);
}

test.each(['SIGQUIT', 'SIGINT', 'SIGKILL'] as const)(
  'one that ends by %s is started again on the same port, with what was committed, and is stopped with the service',
  async (signal) => {
    const table = `kept_${signal.toLowerCase()}`;
    await asAdmin(cluster.adminUrl, (client) => client.query(`CREATE TABLE ${table} AS SELECT 1 AS one`));
    process.kill(cluster.postmasterPid, signal);
    await untilGone();
    expect(await answers()).toBe(true);
    const { rows } = await asAdmin(cluster.adminUrl, (client) => client.query(`SELECT one FROM ${table}`));
    expect(rows).toEqual([{ one: 1 }]);
    expect(said).toContain('The database has ended though nobody stopped it; it is started again …');
    await cluster.stop();
    expect(isThere()).toBe(false);
  },
);

test.each([
  ['before it is tried', 0],
  ['while it starts', 1_020],
])('one that is stopped while it is to be started again, %s, is not', async (_when, ms) => {
  process.kill(cluster.postmasterPid, 'SIGQUIT');
  await untilGone();
  await pause(ms);
  await cluster.stop();
  expect(isThere()).toBe(false);
  await pause(1_500);
  await expect(asAdmin(cluster.adminUrl, (client) => client.query('SELECT 1'))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});
