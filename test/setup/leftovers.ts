/**
 * Temporary directories of a test run. Each is locked while its process lives, so that a later run can tell one that a
 * killed run left behind: it stops the databases still running there, and removes it.
 */
import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lockDirectory } from '../../src/database/directory-lock.js';
import { findOrphan, shutDown } from '../../src/database/postmaster.js';

const prefix = 'azukari-test-';

/** Mode 0700, as a clone's parents may be; this process's until it ends. */
export async function aTemporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  lockDirectory(directory);
  return directory;
}

export async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    // One that is held, or vanishes meanwhile, is another run's.
    if (name.startsWith(prefix)) await removeAbandoned(join(tmpdir(), name)).catch(() => undefined);
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
