/**
 * The anchor: the newest checkpoint this signer has signed, in a file outside the database and its backups. It is written before the
 * checkpoint is published, so a database that was rolled back is found out at the next start.
 */
import { findSecretFile, writeSecretFile } from '../database/secret-file.js';
import { openCheckpoint, type OpenCheckpoint } from './checkpoint.js';
import type { SigningKey } from './note-key.js';

/** The anchored checkpoint, verified, or null when there is none yet. Throws when the file is not a checkpoint of this log. */
export async function readAnchor(
  file: string,
  origin: string,
  logKeys: readonly SigningKey[],
): Promise<OpenCheckpoint | null> {
  const note = await findSecretFile(file);
  return note === null ? null : openCheckpoint(note, { origin, logKeys });
}

/** Replaces the anchor; durable when it returns. */
export function writeAnchor(file: string, note: string): Promise<void> {
  return writeSecretFile(file, note);
}
