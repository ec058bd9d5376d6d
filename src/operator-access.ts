/**
 * An operator's command at work on a city, whether its service is running or not: on the database that is served at the moment, or, where
 * nobody serves it, on one opened for as long as the command runs. It signs in as the signer: what it may do are the signer's functions.
 */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { isBehind } from './catch-up.js';
import type { Config } from './config.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { openPool } from './database/pool.js';
import { openDatabases } from './databases.js';
import { findRunning } from './running-file.js';
import { KeyRing } from './transparency-log/keys/key-ring.js';

export interface OperatorAccess {
  /** Connections as azukari_signer. */
  readonly pool: Pool;
  readonly keys: KeyRing;
}

/** There is no city to work on; one sentence. */
export class NotOperable extends Error {
  override readonly name = 'NotOperable';
}

/** Runs `work` and closes everything that was opened for it. Throws `NotOperable`, `DatabaseStartError`. */
export async function withOperatorAccess<T>(
  config: Config,
  work: (access: OperatorAccess) => Promise<T>,
  report: (sentence: string) => void = () => undefined,
): Promise<T> {
  if (!existsSync(join(config.directory, 'secrets.json'))) {
    throw new NotOperable(`${config.directory} is not the data directory of a city`);
  }
  const directory = await realpath(config.directory);
  const { signerUrl, stop } = await reach(config, report);
  const pool = openPool({ url: signerUrl, size: 2, applicationName: 'azukari operator' });
  try {
    const { rowCount } = await pool.query('SELECT FROM azukari.city');
    if (rowCount === 0) throw new NotOperable('the database holds no city yet');
    return await work({ pool, keys: new KeyRing(join(directory, 'keys')) });
  } finally {
    await pool.end();
    await stop();
  }
}

async function reach(config: Config, report: (sentence: string) => void) {
  const running = await findRunning(config.directory);
  try {
    const databases = await openDatabases(config, report);
    // Nobody serves it, so nobody has seen to that yet; an entry of ours would stand where others were signed.
    if (!(await isBehind(config, databases).catch(closing(databases)))) return databases;
    await databases.stop();
    throw new NotOperable(
      'the database is older than its log: start the service, or run azukari restore, and ask again',
    );
  } catch (error) {
    const isServed = error instanceof DatabaseStartError && error.code === 'another-service';
    if (!isServed || running === null) throw error;
    return { signerUrl: running.signerUrl, stop: async () => undefined };
  }
}

function closing({ stop }: { stop(): Promise<void> }) {
  return async (error: unknown): Promise<never> => {
    await stop();
    throw error;
  };
}
