/**
 * A real PostgreSQL of our own on one machine: made on first use, taken up again afterwards, stopped cleanly. Whatever
 * a killed service left behind (a running postmaster, a stale process file, half a new cluster) does not block the next
 * start, one that ends by itself is started again, and no two services share one directory. Reached over loopback TCP with SCRAM and a random password only.
 *
 * The directory holds: `data/` (PostgreSQL's), `superuser-password` (0600), `server.log`, `lock`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { ClusterSettings } from './cluster-settings.js';
import { DatabaseStartError } from './database-start-error.js';
import { lockDirectory } from './directory-lock.js';
import { KeptPostmaster } from './kept-postmaster.js';
import { chooseIdentity, findPrograms, type Identity } from './postgres-programs.js';
import { cleanEnvironment, findOrphan, launch, PostmasterEnded, shutDown, type Postmaster } from './postmaster.js';
import { syncDirectory } from './durable-file.js';
import { findSecretFile, randomPassword, writeSecretFile } from './secret-file.js';
import { asAnswerError, asStartError, isWorthAnotherTry, remedy } from './start-failure.js';

const run = promisify(execFile);
const majorVersion = '18';

export interface ClusterOptions {
  /** Made with mode 0700 if missing. */
  directory: string;
  /** PostgreSQL settings that replace our defaults, e.g. `{ max_connections: '50' }`. */
  settings?: ClusterSettings;
  /** Told in whole sentences what is being done. */
  report?: (sentence: string) => void;
}

export interface EmbeddedCluster {
  /** The superuser's, to the database `postgres`: for migrations and roles, never for the running service. */
  adminUrl: string;
  host: '127.0.0.1';
  port: number;
  /** Of the first one; if it ends by itself, another takes its place. */
  postmasterPid: number;
  /** True when this start made the cluster. */
  isFresh: boolean;
  /** Fast shutdown; resolves once the server is gone and the directory is free. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts the cluster in `directory`, making it first where there is none.
 * @throws DatabaseStartError one code and one sentence for every way this can fail
 */
export async function startEmbeddedCluster(options: ClusterOptions): Promise<EmbeddedCluster> {
  const report = options.report ?? (() => undefined);
  const lock = lockDirectory(options.directory);
  try {
    const directory = await realpath(options.directory);
    const dataDirectory = join(directory, 'data');
    const [programs, identity] = await Promise.all([findPrograms(), chooseIdentity()]);
    const isFresh = !existsSync(dataDirectory);
    if (isFresh) await makeCluster(directory, programs.initdb, identity, report);
    else await requireSoundCluster(dataDirectory);
    const password = await requirePassword(directory);
    await stopOrphan(dataDirectory, report);
    await giveTo(dataDirectory, identity);
    const logFile = await freshLog(directory);
    const { settings = {} } = options;
    const launching = { program: programs.postgres, identity, dataDirectory, logFile, settings, report };
    const postmaster = await launchPatiently(launching);
    const adminUrl = `postgres://postgres:${password}@127.0.0.1:${postmaster.port}/postgres`;
    await requireAnswer(adminUrl, postmaster, dataDirectory);
    report(`PostgreSQL runs ${identity.description} on 127.0.0.1:${postmaster.port}.`);
    const kept = new KeptPostmaster(postmaster, launching);
    let stopping: Promise<void> | null = null;
    return {
      ...{ adminUrl, host: '127.0.0.1', port: postmaster.port, postmasterPid: postmaster.pid, isFresh },
      stop: () => (stopping ??= kept.stop().finally(() => lock.release())),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A cluster appears under its name only when it is complete: one cut short is `data.new`, thrown away here. */
async function makeCluster(directory: string, initdb: string, identity: Identity, report: (sentence: string) => void) {
  report('Making a new database …');
  const unfinished = join(directory, 'data.new');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (identity.ownerId !== null) await chown(unfinished, identity.ownerId, identity.ownerId);
  const passwordFile = join(directory, 'superuser-password');
  await writeSecretFile(passwordFile, randomPassword());
  const [command, ...args] = [
    ...[...identity.prefix, initdb, '-D', unfinished, '-U', 'postgres', '--pwfile', passwordFile],
    ...['-A', 'scram-sha-256', '-E', 'UTF8', '--data-checksums', '--no-instructions'],
    // PostgreSQL's own C.UTF-8: the same order on every machine, whatever its C library or ICU.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ] as [string, ...string[]];
  try {
    await run(command, args, { env: cleanEnvironment(), cwd: directory, timeout: 300_000 });
  } catch (error) {
    throw asStartError(directory, String((error as { stderr?: string }).stderr ?? error), error);
  }
  await rename(unfinished, join(directory, 'data'));
  await syncDirectory(directory);
}

async function requireSoundCluster(dataDirectory: string): Promise<void> {
  const missing = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal'].find(
    (name) => !existsSync(join(dataDirectory, name)),
  );
  if (missing !== undefined) {
    const sentence = `the database in ${dataDirectory} is damaged (${missing} is missing); nothing was changed: ${remedy}`;
    throw new DatabaseStartError('damaged-directory', sentence);
  }
  const version = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
  if (version !== majorVersion) {
    const sentence = `the database in ${dataDirectory} is of PostgreSQL ${version}, these programs are ${majorVersion}`;
    throw new DatabaseStartError('other-version', sentence);
  }
}

async function requirePassword(directory: string): Promise<string> {
  const password = await findSecretFile(join(directory, 'superuser-password'));
  if (password !== null && password !== '') return password;
  const sentence = `the database in ${directory} cannot be opened: its file superuser-password is missing`;
  throw new DatabaseStartError('password-lost', sentence);
}

/** We hold the lock, so a postmaster that still runs here has lost its service. */
async function stopOrphan(dataDirectory: string, report: (sentence: string) => void): Promise<void> {
  const orphan = await findOrphan(dataDirectory);
  if (orphan === null) return;
  report('Stopping the database a killed service left running …');
  await shutDown(orphan, dataDirectory);
}

/** The same directory may be started under another identity than last time (a container without namespaces). */
async function giveTo(dataDirectory: string, { ownerId }: Identity): Promise<void> {
  if (ownerId === null || (await stat(dataDirectory)).uid === ownerId) return;
  const names = await readdir(dataDirectory, { recursive: true });
  for (const name of names) {
    const path = join(dataDirectory, name);
    if (!(await lstat(path)).isSymbolicLink()) await chown(path, ownerId, ownerId);
  }
  await chown(dataDirectory, ownerId, ownerId);
}

/** The server's log of the last runs, kept within 10 MB and one predecessor. */
async function freshLog(directory: string): Promise<string> {
  const logFile = join(directory, 'server.log');
  const size = existsSync(logFile) ? (await stat(logFile)).size : 0;
  if (size > 10_000_000) await rename(logFile, `${logFile}.1`);
  return logFile;
}

/** A port can be taken between choosing and binding it, and a dead postmaster's last children need a moment to go. */
async function launchPatiently(options: Parameters<typeof launch>[0]): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options);
    } catch (error) {
      if (!(error instanceof PostmasterEnded)) throw error;
      // One that panicked leaves its process file behind.
      await findOrphan(options.dataDirectory);
      if (attempt === 30 || !isWorthAnotherTry(error.log)) throw asStartError(options.dataDirectory, error.log, error);
      await pause(300);
    }
  }
}

async function requireAnswer(adminUrl: string, postmaster: Postmaster, dataDirectory: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (cause) {
    await shutDown(postmaster.pid, dataDirectory);
    throw asAnswerError(dataDirectory, cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}
