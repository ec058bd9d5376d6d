/**
 * Files that hold passwords and keys. A secret file is readable by its owner alone (0600) from its first byte, and a
 * crash leaves either the old content or the new, never half of one.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, writeWhole } from './durable-file.js';

/** Writes `content` atomically and durably, in a directory that is there. */
export async function writeSecretFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeWhole({ path, content });
  await syncDirectory(dirname(path));
}

/** The file's text, or null where there is no such file. */
export async function findSecretFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** 32 random bytes as base64url: a password nobody types. */
export function randomPassword(): string {
  return randomBytes(32).toString('base64url');
}
