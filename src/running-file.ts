/**
 * How further processes of one city find what the first one opened: `running.json` in the data directory, mode 0600. The service writes it once
 * it listens. With the embedded database it takes it away when it stops, because its addresses end with it; after a kill it stays, and
 * what it names does not answer.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DatabaseStartError } from './database/database-start-error.js';
import { findSecretFile, writeSecretFile } from './database/secret-file.js';

const runningSchema = z.object({
  publicUrl: z.string(),
  /** With the passwords of the roles, as in secrets.json. */
  appUrl: z.string(),
  signerUrl: z.string(),
  keysUrl: z.string(),
});

export type Running = z.infer<typeof runningSchema>;

function fileIn(directory: string): string {
  return join(directory, 'running.json');
}

export async function writeRunning(directory: string, running: Running): Promise<void> {
  await writeSecretFile(fileIn(directory), `${JSON.stringify(running, null, 2)}\n`);
}

export async function removeRunning(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}

/** Null where no service has said that it runs. */
export async function findRunning(directory: string): Promise<Running | null> {
  const text = await findSecretFile(fileIn(directory));
  if (text === null) return null;
  const parsed = runningSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const sentence = `${fileIn(directory)} was not written by this version; restart the service`;
  throw new DatabaseStartError('damaged-directory', sentence);
}
