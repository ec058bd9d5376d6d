/** A server of an older PostgreSQL, as DATABASE_URL may name one, set up as a provider of databases does: its superuser is nobody of ours. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { asAdmin } from '../../src/database/migrate.js';
import { chooseIdentity } from '../../src/database/postgres-programs.js';
import { cleanEnvironment, launch, shutDown } from '../../src/database/postmaster.js';
import { urlForRole } from '../../src/database/roles.js';
import { randomPassword, writeSecretFile } from '../../src/database/secret-file.js';
import { aTemporaryDirectory } from './leftovers.js';

const run = promisify(execFile);

/** 15 is the oldest that is supported; the embedded one is the newest. */
export const olderVersions = [15, 16, 17] as const;
export type OlderVersion = (typeof olderVersions)[number];

export interface OlderPostgres {
  /** What an operator writes into DATABASE_URL: a role that may make roles and databases, and nothing beyond. */
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/** Where its programs are, or null: they come with an optional package that there is for some machines only. */
export function findOlderPostgres(version: OlderVersion): string | null {
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve(`postgres-${version}`)), '..', 'native', 'bin');
    return existsSync(join(bin, 'postgres')) ? bin : null;
  } catch {
    return null;
  }
}

/** @param bin what `findOlderPostgres` found. */
export async function anOlderPostgres(bin: string): Promise<OlderPostgres> {
  const directory = await aTemporaryDirectory();
  const dataDirectory = join(directory, 'data');
  const passwordFile = join(directory, 'superuser-password');
  const [identity, superuserPassword] = [await chooseIdentity(), randomPassword()];
  await mkdir(dataDirectory, { mode: 0o700 });
  if (identity.ownerId !== null) await chown(dataDirectory, identity.ownerId, identity.ownerId);
  await writeSecretFile(passwordFile, superuserPassword);
  const [command, ...args] = [
    ...[...identity.prefix, join(bin, 'initdb'), '-D', dataDirectory, '-U', 'postgres', '--pwfile', passwordFile],
    ...['-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-instructions'],
  ] as [string, ...string[]];
  await run(command, args, { env: cleanEnvironment(), cwd: directory });
  const postmaster = await launch({
    ...{ program: join(bin, 'postgres'), identity, dataDirectory, logFile: join(directory, 'server.log') },
    ...{ settings: { shared_buffers: '64MB' }, report: () => undefined },
  });
  const superuserUrl = `postgres://postgres:${superuserPassword}@127.0.0.1:${postmaster.port}/postgres`;
  const password = randomPassword();
  await asAdmin(superuserUrl, async (client) => {
    await client.query(`CREATE ROLE operator LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
    await client.query('CREATE DATABASE minatono OWNER operator');
  });
  return {
    databaseUrl: urlForRole(superuserUrl, 'operator', password, 'minatono'),
    stop: async () => {
      await shutDown(postmaster.pid, dataDirectory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
