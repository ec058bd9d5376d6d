/**
 * The anchor: the newest checkpoint this signer has signed, in a file outside the database and its backups. It is written before the
 * checkpoint is published, so a database that was rolled back is found out at the next start.
 */
import { findSecretFile, writeSecretFile } from '../database/secret-file.js';
import { openCheckpoint, type OpenCheckpoint, peekCheckpoint } from './checkpoint.js';
import type { SigningKey } from './note-key.js';

/**
 * The anchored checkpoint, verified, or null when there is none yet. Of several logs of a city it is the newest one's: its key is the one that bears
 * its origin for a name. Throws `VerificationError` when the file is no checkpoint that one of these keys signed.
 */
export async function readAnchor(file: string, keys: readonly SigningKey[]): Promise<OpenCheckpoint | null> {
  const note = await findSecretFile(file);
  if (note === null) return null;
  const { origin } = peekCheckpoint(note);
  return openCheckpoint(note, { origin, logKeys: keys.filter(({ name }) => name === origin) });
}

/** Replaces the anchor; durable when it returns. */
export function writeAnchor(file: string, note: string): Promise<void> {
  return writeSecretFile(file, note);
}
