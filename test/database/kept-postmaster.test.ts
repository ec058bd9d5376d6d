/** An embedded PostgreSQL that ends though nobody has stopped it: it is there again, where it was, and one that was stopped is not. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { asAdmin } from '../../src/database/migrate.js';
import { isPostmasterOf } from '../../src/database/postmaster.js';
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

const isThere = () => existsSync(join(directory, 'data', 'postmaster.pid'));

/** The postmaster that accepts connections now; null while there is none. */
async function served(): Promise<number | null> {
  const { rowCount } = await asAdmin(cluster.adminUrl, (client) => client.query('SELECT 1')).catch(() => ({
    rowCount: 0,
  }));
  return rowCount === 1 ? pidNow() : null;
}

async function pidNow(): Promise<number> {
  return Number((await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Waits until another than this one serves, at most twenty seconds, and says how long it took. */
async function untilAnotherServes(than: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const pid = await served();
    const took = performance.now() - startedAt;
    if (pid !== null && pid !== than) return took;
    if (took > 20_000) throw new Error('no other postmaster serves');
    await pause(20);
  }
}

async function untilGone(pid: number): Promise<void> {
  while (await isPostmasterOf(pid, join(directory, 'data'))) await pause(5);
}

test.each(['SIGQUIT', 'SIGINT', 'SIGKILL'] as const)(
  'one that ends by %s is started again on the same port, with what was committed, and is stopped with the service',
  async (signal) => {
    const table = `kept_${signal.toLowerCase()}`;
    await asAdmin(cluster.adminUrl, (client) => client.query(`CREATE TABLE ${table} AS SELECT 1 AS one`));
    process.kill(cluster.postmasterPid, signal);
    await untilAnotherServes(cluster.postmasterPid);
    const { rows } = await asAdmin(cluster.adminUrl, (client) => client.query(`SELECT one FROM ${table}`));
    expect(rows).toEqual([{ one: 1 }]);
    expect(said).toContain('The database has ended though nobody stopped it; it is started again …');
    await cluster.stop();
    expect(isThere()).toBe(false);
  },
);

test('a backend that is killed ends the postmaster, and another one serves within seconds on the same port, with what was committed', async () => {
  await asAdmin(cluster.adminUrl, (client) => client.query('CREATE TABLE kept_backend AS SELECT 1 AS one'));
  const { postmasterPid } = cluster;
  await killABackend();
  expect(await untilAnotherServes(postmasterPid)).toBeLessThan(5_000);
  expect(await isPostmasterOf(postmasterPid, join(directory, 'data'))).toBe(false);
  const { rows } = await asAdmin(cluster.adminUrl, (client) => client.query('SELECT one FROM kept_backend'));
  expect(rows).toEqual([{ one: 1 }]);
  expect(said).toContain('The database has ended though nobody stopped it; it is started again …');
});

test('the first try is at once, and one that ends soon again is waited for', async () => {
  /** Ends it; how long nobody had started another one, in milliseconds. */
  const missing = async (pid: number) => {
    process.kill(pid, 'SIGQUIT');
    await untilGone(pid);
    const goneAt = Date.now();
    await untilAnotherServes(pid);
    const { rows } = await asAdmin(cluster.adminUrl, (client) =>
      client.query<{ at: Date }>('SELECT pg_postmaster_start_time() AS at'),
    );
    return rows[0]!.at.getTime() - goneAt;
  };
  expect(await missing(cluster.postmasterPid)).toBeLessThan(900);
  expect(await missing(await pidNow())).toBeGreaterThan(900);
});

test.each([
  ['while it starts at once', 1, 10],
  ['before it is tried', 2, 0],
  ['while it starts after that', 2, 1_020],
])('one that is stopped while it is to be started again, %s, is not', async (_when, times, ms) => {
  let pid = cluster.postmasterPid;
  for (let time = 1; ; time += 1) {
    process.kill(pid, 'SIGQUIT');
    await untilGone(pid);
    if (time === times) break;
    await untilAnotherServes(pid);
    pid = await pidNow();
  }
  await pause(ms);
  await cluster.stop();
  expect(isThere()).toBe(false);
  await pause(1_500);
  await expect(asAdmin(cluster.adminUrl, (client) => client.query('SELECT 1'))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

/** A crash to the postmaster. */
async function killABackend(): Promise<void> {
  const killed = asAdmin(cluster.adminUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    await client.query('SELECT pg_sleep(20)');
  });
  await expect(killed).rejects.toThrow();
}
