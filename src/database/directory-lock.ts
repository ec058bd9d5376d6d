/**
 * One directory, one service. The lock is a POSIX record lock that SQLite takes on an empty file, so the kernel itself
 * gives it back when the process ends, however it ends; a file with a process number in it would outlive a SIGKILL and
 * could name a stranger. Works between processes, and within one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseStartError } from './database-start-error.js';
import { makeDirectory } from './make-directory.js';

export interface DirectoryLock {
  /** Gives the directory back. Calling it twice is harmless. */
  release(): void;
}

/** A collected handle would close its file and drop the lock, so every held one is kept reachable here. */
const held = new Set<DatabaseSync>();

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const busy = 5;

/**
 * Takes `directory` (made with mode 0700 if missing) for this process.
 * @throws DatabaseStartError `another-service` when another live service holds it, `unusable-directory` when it cannot
 * be made or written to
 */
export function lockDirectory(directory: string): DirectoryLock {
  const lock = takeLock(directory);
  held.add(lock);
  return {
    release() {
      if (held.delete(lock)) lock.close();
    },
  };
}

function takeLock(directory: string): DatabaseSync {
  makeDirectory(directory);
  const holder = join(directory, 'lock.holder');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, 'lock'));
    lock.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(holder, String(process.pid), { mode: 0o600 });
    return lock;
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: number }).errcode === busy) {
      const sentence = `another Azukari is running on ${directory}${holderOf(holder)}; stop it first, or choose another directory`;
      throw new DatabaseStartError('another-service', sentence, { cause });
    }
    const sentence = `the directory ${directory} cannot be used: ${(cause as Error).message}`;
    throw new DatabaseStartError('unusable-directory', sentence, { cause });
  }
}

function holderOf(path: string): string {
  try {
    return ` (process ${readFileSync(path, 'utf8').slice(0, 20)})`;
  } catch {
    return '';
  }
}
