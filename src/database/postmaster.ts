/**
 * One running postmaster: starting it in a session of its own (a Ctrl-C in our terminal reaches us, not it), knowing
 * when it is ready, finding the one a killed service left behind, and stopping it. The file `postmaster.pid` is read as
 * PostgreSQL documents it in src/include/utils/pidfile.h; its process number alone proves nothing, numbers are reused.
 */
import { execFile, spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { settingArguments, type ClusterSettings } from './cluster-settings.js';
import { DatabaseStartError } from './database-start-error.js';
import { requireFreePort } from './free-port.js';
import type { Identity } from './postgres-programs.js';

const run = promisify(execFile);

const pollMs = 15;
/** Replaying the write-ahead log after a crash is bounded by `max_wal_size`; ten minutes are for the slowest disk. */
const readyWithinMs = 600_000;

export interface Postmaster {
  pid: number;
  port: number;
  /** Resolves when it is gone, however it ended. */
  ended: Promise<void>;
}

export interface Launch {
  program: string;
  identity: Identity;
  dataDirectory: string;
  logFile: string;
  settings: ClusterSettings;
  report: (sentence: string) => void;
  /** Default a free one. */
  port?: number;
  /** While it is not ready yet, it is given up. */
  signal?: AbortSignal;
}

/** The postmaster ended before it was ready; `log` is what it wrote meanwhile. */
export class PostmasterEnded extends Error {
  override readonly name = 'PostmasterEnded';

  constructor(readonly log: string) {
    super('postgres ended before it was ready');
  }
}

/** Starts a postmaster and waits until it accepts connections. @throws PostmasterEnded when it does not come that far */
export async function launch(options: Launch): Promise<Postmaster> {
  const { program, identity, dataDirectory, logFile, settings, report, signal: wanted } = options;
  const port = options.port ?? (await requireFreePort('127.0.0.1', 0));
  const log = await open(logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const [command, ...args] = [
    ...[...identity.prefix, program, '-D', dataDirectory],
    ...settingArguments(settings, port),
  ] as [string, ...string[]];
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: cleanEnvironment(),
    cwd: dataDirectory,
  });
  // Before anything is waited for: one that cannot start ends within milliseconds, and is told of once.
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => void child.once('exit', resolve).once('error', () => resolve()));
  void ended.then(() => (hasEnded = true));
  child.unref();
  await log.close();
  const slow = setTimeout(() => report('The database is replaying its write-ahead log after a crash …'), 5_000);
  try {
    const deadline = performance.now() + readyWithinMs;
    while (performance.now() < deadline && wanted?.aborted !== true) {
      const written = await findPidFile(dataDirectory);
      if (written?.pid === child.pid && written?.isReady) return { pid: written.pid, port, ended };
      if (hasEnded) throw new PostmasterEnded((await readFile(logFile)).subarray(logStart).toString('utf8'));
      await pause(pollMs);
    }
  } finally {
    clearTimeout(slow);
  }
  if (child.pid !== undefined && !hasEnded) signal(child.pid, 'SIGQUIT');
  await Promise.race([ended, pause(15_000, undefined, { ref: false })]);
  if (wanted?.aborted === true) throw new PostmasterEnded('');
  throw new DatabaseStartError('did-not-start', `the database in ${dataDirectory} was not ready within ten minutes`);
}

/**
 * Fast shutdown: sessions are cut, transactions rolled back, everything written (SIGINT; PostgreSQL manual, "Shutting
 * Down the Server"). After a minute immediate shutdown, which loses nothing committed but must recover on next start.
 */
export async function shutDown(pid: number, dataDirectory: string): Promise<void> {
  for (const [name, withinMs] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 15_000],
  ] as const) {
    signal(pid, name);
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      if (!(await isPostmasterOf(pid, dataDirectory))) return;
      await pause(pollMs);
    }
  }
  throw new DatabaseStartError('did-not-stop', `the database in ${dataDirectory} (process ${pid}) does not stop`);
}

/**
 * The postmaster still running on `dataDirectory`, or null. A `postmaster.pid` that names no such process is removed:
 * its number may belong to a stranger by now, and PostgreSQL would then refuse to start. Only for the lock's holder.
 */
export async function findOrphan(dataDirectory: string): Promise<number | null> {
  const written = await findPidFile(dataDirectory);
  if (written === null) return null;
  if (await isPostmasterOf(written.pid, dataDirectory)) return written.pid;
  await rm(join(dataDirectory, 'postmaster.pid'), { force: true });
  return null;
}

/** Whether process `pid` lives (a zombie does not) and is the postgres serving `dataDirectory`. */
export async function isPostmasterOf(pid: number, dataDirectory: string): Promise<boolean> {
  const args = await commandLine(pid);
  return basename(args[0] ?? '').startsWith('postgres') && args.includes(dataDirectory);
}

/** A zombie's is empty, and so is a process's that does not exist. */
async function commandLine(pid: number): Promise<string[]> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    const { stdout } = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
    const [program = '', rest = ''] = stdout.trim().split(' -D ');
    return [program, rest.split(' -c ')[0] ?? ''];
  } catch {
    return [];
  }
}

async function findPidFile(dataDirectory: string): Promise<{ pid: number; isReady: boolean } | null> {
  try {
    const lines = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    return { pid: Number(lines[0]), isReady: (lines[7] ?? '').startsWith('ready') };
  } catch {
    return null;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Nothing of the caller's surroundings may change how the server behaves (PGOPTIONS, PGPORT, a locale). */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...keptMemory };
}

/**
 * A backend keeps the memory that it needs for each batch, up to 16 MiB, instead of giving it back to the kernel and asking for it again, page by page
 * (mallopt(3)). Where it happens to lie at the end of the heap, that was 0.4 ms of the 7 that an append of 64 took. Of no effect where there is no glibc.
 */
const keptMemory = { MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20), MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20) };
