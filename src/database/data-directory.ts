/**
 * The one directory a service keeps on its machine (`.azukari/`): the embedded database, the key file, the withdrawal
 * journal, the log's anchor (unless it has a place of its own) and the passwords of the database roles. Mode 0700, one
 * service at a time; see `directory-lock.ts` for why a killed service does not keep it locked.
 */
import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { openAnchorDirectory, usualAnchorDirectory } from './anchor-directory.js';
import { DatabaseStartError } from './database-start-error.js';
import { lockDirectory } from './directory-lock.js';
import { makeDirectory } from './make-directory.js';
import { cityRoles, keyStoreRoles } from './roles.js';
import { findSecretFile, randomPassword, writeSecretFile } from './secret-file.js';

export interface DataDirectory {
  /** Absolute, symbolic links resolved. */
  path: string;
  /** The embedded PostgreSQL's; see `embedded-cluster.ts`. */
  cluster: string;
  /** Key-encryption keys and signing keys. */
  keys: string;
  /** The journal of what was stopped. */
  journal: string;
  /** The newest checkpoint that was signed, kept outside the database; elsewhere, where that was said. */
  anchor: string;
  /** Role name → password, made once and kept in `secrets.json`. */
  rolePasswords: Readonly<Record<string, string>>;
  /** Gives the directory back. */
  close(): void;
}

const parts = ['cluster', 'keys', 'journal'] as const;

/**
 * Opens `path`, making what is missing.
 * @param anchorDirectory where the anchor lies, in `path` unless given
 * @throws DatabaseStartError `another-service` when a live service holds it; what {@link openAnchorDirectory} throws
 */
export async function openDataDirectory(
  path: string,
  anchorDirectory: string = usualAnchorDirectory(path),
): Promise<DataDirectory> {
  makeDirectory(path);
  const lock = lockDirectory(path);
  try {
    const absolute = await realpath(path);
    await chmod(absolute, 0o700);
    for (const part of parts) await mkdir(join(absolute, part), { recursive: true, mode: 0o700 });
    const [cluster, keys, journal] = parts.map((part) => join(absolute, part)) as [string, string, string];
    const anchor = await openAnchorDirectory({ directory: absolute, anchorDirectory });
    const rolePasswords = await keepRolePasswords(join(absolute, 'secrets.json'));
    return { path: absolute, cluster, keys, journal, anchor, rolePasswords, close: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Passwords once made stay; a role that a later version adds gets one. */
async function keepRolePasswords(file: string): Promise<Record<string, string>> {
  const kept = parseSecrets(file, await findSecretFile(file));
  const missing = [...cityRoles, ...keyStoreRoles].filter((role) => kept[role] === undefined);
  if (missing.length === 0) return kept;
  const rolePasswords = { ...kept, ...Object.fromEntries(missing.map((role) => [role, randomPassword()])) };
  await writeSecretFile(file, `${JSON.stringify({ rolePasswords }, null, 2)}\n`);
  return rolePasswords;
}

function parseSecrets(file: string, text: string | null): Record<string, string> {
  if (text === null) return {};
  try {
    const { rolePasswords } = JSON.parse(text) as { rolePasswords: Record<string, string> };
    if (Object.values(rolePasswords).every((password) => typeof password === 'string')) return rolePasswords;
    throw new TypeError('a password is not text');
  } catch (cause) {
    throw new DatabaseStartError(
      'damaged-directory',
      `${file} is not readable as our secrets; restore it or delete it`,
      {
        cause,
      },
    );
  }
}
