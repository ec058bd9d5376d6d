/**
 * The temporary directory of a test run, and those of its tests within. It is locked while the run lives, so that a later run can tell one that a
 * killed run left behind: it stops the databases still running there, and removes it.
 */
import { accessSync, constants, statfsSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lockDirectory } from '../../src/database/directory-lock.js';
import { findOrphan, shutDown } from '../../src/database/postmaster.js';
import { theRunsOwn } from './test-cluster.js';

const prefix = 'azukari-test-';

/** A run takes up some 350 MB; were all of its logs full, twice as much again. */
const roomBytes = 2 * 2 ** 30;
const memory = '/dev/shm';

/**
 * Where runs keep their databases: in memory where a machine has the room, for there nobody waits for a disk, else in the system's temporary
 * directory. AZUKARI_TEST_DIRECTORY names another place.
 */
function place(): string {
  return process.env['AZUKARI_TEST_DIRECTORY'] ?? (hasRoom(memory) ? memory : tmpdir());
}

function hasRoom(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    return Math.min(bavail * bsize, process.availableMemory()) > roomBytes;
  } catch {
    return false;
  }
}

/** Holds everything that one run writes: removed when the run ends. Mode 0700, this process's until it ends. */
export async function theRunsDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(place(), prefix)));
  lockDirectory(directory);
  return directory;
}

/** Mode 0700, as a clone's parents may be; it goes with the run's own. */
export async function aTemporaryDirectory(): Promise<string> {
  return mkdtemp(join(theRunsOwn(), 'at-'));
}

export async function removeLeftovers(): Promise<void> {
  // Where runs may have been, also those for which there was room in memory, or none.
  for (const parent of new Set([place(), memory, tmpdir()])) {
    for (const name of await readdir(parent).catch(() => [])) {
      // One that is held, or vanishes meanwhile, is another run's.
      if (name.startsWith(prefix)) await removeAbandoned(join(parent, name)).catch(() => undefined);
    }
  }
}

async function removeAbandoned(path: string): Promise<void> {
  // Younger than a minute may be one that is not locked yet.
  if (Date.now() - (await stat(path)).mtimeMs < 60_000) return;
  const directory = await realpath(path);
  const lock = lockDirectory(directory);
  try {
    for (const name of await readdir(directory, { recursive: true })) {
      if (!name.endsWith('postmaster.pid')) continue;
      const data = join(directory, dirname(name));
      const orphan = await findOrphan(data);
      if (orphan !== null) await shutDown(orphan, data);
    }
    await rm(directory, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
