/** The embedded PostgreSQL: whatever happened to the last run, the next one takes up what was committed, or says why not. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DatabaseStartError } from '../../src/database/database-start-error.js';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { asAdmin } from '../../src/database/migrate.js';
import { isPostmasterOf } from '../../src/database/postmaster.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { aServiceOn } from './another-process.js';

/** Small, so that many clusters may run beside each other. */
const settings = { shared_buffers: '16MB', max_connections: '20' };

let home: string;
/** One stopped cluster with a table `kept`; each test starts it, in whatever state the last one left it. */
let directory: string;
let made = 0;

beforeAll(async () => {
  home = await aTemporaryDirectory();
  directory = join(home, 'cluster');
  const cluster = await startEmbeddedCluster({ directory, settings });
  await asAdmin(cluster.adminUrl, (client) => client.query('CREATE TABLE kept (note text)'));
  await cluster.stop();
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function write(url: string, note: string): Promise<void> {
  await asAdmin(url, (client) => client.query('INSERT INTO kept VALUES ($1)', [note]));
}

async function notes(url: string): Promise<string[]> {
  const { rows } = await asAdmin(url, (client) =>
    client.query<{ note: string }>('SELECT note FROM kept ORDER BY note'),
  );
  return rows.map((row) => row.note);
}

async function goneWithin(pid: number, dataDirectory: string, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (!(await isPostmasterOf(pid, dataDirectory))) return true;
  }
  return false;
}

test('a new cluster has checksums, UTF-8, one byte order everywhere, durable commits and a log without statements', async () => {
  const deep = join(home, 'new', 'deep');
  const cluster = await startEmbeddedCluster({ directory: deep, settings: { work_mem: '5MB' } });
  try {
    expect(cluster.isFresh).toBe(true);
    const { rows } = await asAdmin(cluster.adminUrl, (client) =>
      client.query<{ name: string; setting: string }>('SELECT name, setting FROM pg_settings'),
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toMatchObject({
      ...{
        data_checksums: 'on',
        server_encoding: 'UTF8',
        fsync: 'on',
        full_page_writes: 'on',
        synchronous_commit: 'on',
      },
      ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '', password_encryption: 'scram-sha-256' },
      ...{
        max_connections: '200',
        max_locks_per_transaction: '256',
        wal_level: 'replica',
        jit: 'off',
        work_mem: '5120',
      },
      ...{ log_min_error_statement: 'panic', log_error_verbosity: 'terse', TimeZone: 'UTC' },
    });
    const { rows: order } = await asAdmin(cluster.adminUrl, (client) =>
      client.query("SELECT x FROM (VALUES ('b'), ('B'), ('a'), ('あ')) v(x) ORDER BY x"),
    );
    expect(order.map((row: { x: string }) => row.x)).toEqual(['B', 'a', 'b', 'あ']);
    expect((await stat(deep)).mode & 0o777).toBe(0o700);
    expect((await stat(join(deep, 'superuser-password'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(deep, 'data'))).mode & 0o777).toBe(0o700);
  } finally {
    await cluster.stop();
  }
});

test('it is reached over loopback alone, and with the password alone', async () => {
  const cluster = await startEmbeddedCluster({ directory, settings });
  try {
    const wrong = new URL(cluster.adminUrl);
    wrong.password = 'guess';
    await expect(new Client({ connectionString: wrong.href }).connect()).rejects.toMatchObject({ code: '28P01' });
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => !address.internal && address.family === 'IPv4');
    for (const { address } of outside) {
      const reached = await new Promise((resolve) => {
        const socket = connect(cluster.port, address, () => resolve(true)).once('error', () => resolve(false));
        socket.setTimeout(2000, () => resolve(false));
      });
      expect(reached).toBe(false);
    }
  } finally {
    await cluster.stop();
  }
});

test('a second start takes up the same data, with the same password', async () => {
  const first = await startEmbeddedCluster({ directory, settings });
  await write(first.adminUrl, 'before');
  await Promise.all([first.stop(), first.stop()]);
  expect(await isPostmasterOf(first.postmasterPid, join(directory, 'data'))).toBe(false);
  const second = await startEmbeddedCluster({ directory, settings });
  expect(second.isFresh).toBe(false);
  expect(new URL(second.adminUrl).password).toBe(new URL(first.adminUrl).password);
  expect(await notes(second.adminUrl)).toContain('before');
  await second.stop();
});

test.each(['SIGQUIT', 'SIGKILL'] as const)(
  'what was committed before the postmaster got %s is there again',
  async (signal) => {
    const first = await startEmbeddedCluster({ directory, settings });
    await write(first.adminUrl, `before ${signal}`);
    process.kill(first.postmasterPid, signal);
    expect(await goneWithin(first.postmasterPid, join(directory, 'data'), 5000)).toBe(true);
    await first.stop();
    const second = await startEmbeddedCluster({ directory, settings });
    expect(await notes(second.adminUrl)).toContain(`before ${signal}`);
    await second.stop();
  },
);

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a service ended by %s to its group leaves a database the next start takes up',
  async (signal) => {
    const service = await aServiceOn(directory);
    await write(service.told.adminUrl, `for the service ended by ${signal}`);
    await service.killGroup(signal);
    expect(await isPostmasterOf(service.told.postmasterPid, join(directory, 'data'))).toBe(true);
    const sentences: string[] = [];
    const next = await startEmbeddedCluster({ directory, settings, report: (sentence) => sentences.push(sentence) });
    expect(sentences[0]).toContain('a killed service left running');
    expect(next.postmasterPid).not.toBe(service.told.postmasterPid);
    expect(await notes(next.adminUrl)).toContain(`for the service ended by ${signal}`);
    await next.stop();
  },
);

test('two services on one directory: the second is told which directory and process, and the first lives on', async () => {
  const service = await aServiceOn(directory);
  const refused = startEmbeddedCluster({ directory, settings });
  await expect(refused).rejects.toMatchObject({ code: 'another-service' });
  await expect(refused).rejects.toThrow(`another Azukari is running on ${directory} (process `);
  await write(service.told.adminUrl, 'still serving');
  await service.killGroup('SIGTERM');
  const own = await startEmbeddedCluster({ directory, settings });
  await expect(startEmbeddedCluster({ directory, settings })).rejects.toMatchObject({ code: 'another-service' });
  expect((await aServiceOn(directory)).told.code).toBe('another-service');
  await own.stop();
});

test('a process file that names a stranger does not block the start, and the stranger is left alone', async () => {
  const pidFile = join(directory, 'data', 'postmaster.pid');
  await writeFile(pidFile, `${process.pid}\n${join(directory, 'data')}\n1\n5432\n\n127.0.0.1\n0 0\nready   \n`, {
    mode: 0o600,
  });
  const cluster = await startEmbeddedCluster({ directory, settings });
  expect(await notes(cluster.adminUrl)).toContain('before');
  await cluster.stop();
});

test('a first start that was cut short is begun again', async () => {
  const directory = join(home, 'cut-short');
  await mkdir(join(directory, 'data.new', 'base'), { recursive: true });
  await writeFile(join(directory, 'data.new', 'PG_VERSION'), '18\n');
  const cluster = await startEmbeddedCluster({ directory, settings });
  expect(cluster.isFresh).toBe(true);
  expect(existsSync(join(directory, 'data.new'))).toBe(false);
  await cluster.stop();
});

describe('a directory that cannot be used is answered with one code and one sentence, and starts once it is mended', () => {
  const gone = () => Promise.resolve();
  const empty = (at: string) => mkdir(at, { mode: 0o700 });
  const containing = (content: string | Buffer) => (at: string) => writeFile(at, content, { mode: 0o600 });

  test.each([
    ['damaged-directory', 'data/PG_VERSION', 'gone', gone, 'PG_VERSION is missing'],
    ['damaged-directory', 'data/global/pg_control', 'gone', gone, 'global/pg_control is missing'],
    ['damaged-directory', 'data/global/pg_control', 'cut', containing('x'.repeat(100)), 'its files are damaged'],
    ['damaged-directory', 'data/global/pg_control', 'zeroes', containing(Buffer.alloc(8192)), 'its files are damaged'],
    ['damaged-directory', 'data/pg_wal', 'empty', empty, 'its files are damaged'],
    ['damaged-directory', 'data/base', 'empty', empty, 'its files are damaged'],
    ['other-version', 'data/PG_VERSION', 'another', containing('17\n'), 'PostgreSQL 17'],
    ['password-lost', 'superuser-password', 'gone', gone, 'superuser-password is missing'],
    ['password-lost', 'superuser-password', 'another', containing('guess'), 'refuses the password'],
    [
      'did-not-start',
      'data/postgresql.conf',
      'nonsense',
      containing('no_such = 1\n'),
      'PostgreSQL says: configuration file',
    ],
  ])('%s: %s is %s', async (code, name, _how, damage, sentence) => {
    const path = join(directory, name);
    await rename(path, `${path}.kept`);
    await damage(path);
    const error = await startEmbeddedCluster({ directory, settings }).then(
      (cluster: EmbeddedCluster) => cluster.stop(),
      (reason: unknown) => reason,
    );
    await rm(path, { recursive: true, force: true });
    await rename(`${path}.kept`, path);
    expect(error).toBeInstanceOf(DatabaseStartError);
    expect(error).toMatchObject({ code });
    expect((error as DatabaseStartError).sentence).toContain(sentence);
    expect((error as DatabaseStartError).sentence).toContain(directory);
    expect((error as DatabaseStartError).sentence).not.toContain('\n');
    const mended = await startEmbeddedCluster({ directory, settings });
    expect(await notes(mended.adminUrl)).toContain('before');
    await mended.stop();
  });
});

test.each([
  ['a file is in its place', (at: string) => writeFile(at, '')],
  ['a link leads nowhere', (at: string) => symlink(join(home, 'nowhere', 'at', 'all'), at)],
])('a directory that cannot be made is said so: %s', async (_why, obstruct) => {
  const directory = join(home, `obstructed-${++made}`);
  await obstruct(directory);
  const refused = startEmbeddedCluster({ directory, settings });
  await expect(refused).rejects.toMatchObject({ name: 'DatabaseStartError', code: 'unusable-directory' });
  await expect(refused).rejects.toThrow(directory);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

/** A PATH on which these programs refuse, as in a container that forbids what they do. */
async function aPathWithout(...programs: string[]): Promise<string> {
  const forbidding = join(home, `forbidding-${++made}`);
  await mkdir(forbidding);
  for (const program of programs) {
    await writeFile(join(forbidding, program), '#!/bin/sh\nexit 1\n');
    await chmod(join(forbidding, program), 0o755);
  }
  return `${forbidding}:${process.env['PATH']}`;
}

asRoot('where namespaces are forbidden, root starts it under another user, in place, and can go back', async () => {
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  const service = await aServiceOn(directory, { PATH: await aPathWithout('unshare') });
  expect(service.told.message).toBeUndefined();
  expect(service.told.sentences.at(-1)).toContain('user namespaces are forbidden here');
  const status = await readFile(`/proc/${service.told.postmasterPid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\t(?!0\t)(\d+)\t\1\t\1\t\1$/m);
  await write(service.told.adminUrl, 'as another user');
  await service.killGroup('SIGKILL');
  const next = await startEmbeddedCluster({ directory, settings });
  expect(await notes(next.adminUrl)).toContain('as another user');
  await next.stop();
});

asRoot('where namespaces are forbidden, root also makes a new one under another user', async () => {
  const service = await aServiceOn(join(home, 'new-as-another'), { PATH: await aPathWithout('unshare') });
  expect(service.told).toMatchObject({ isFresh: true });
  await service.killGroup('SIGTERM');
});

asRoot('where root can become nobody else, it says what to do instead', async () => {
  const service = await aServiceOn(directory, { PATH: await aPathWithout('unshare', 'setpriv') });
  expect(service.told.code).toBe('cannot-run-here');
  expect(service.told.message).toContain('start the service as an ordinary user, or set DATABASE_URL');
});
