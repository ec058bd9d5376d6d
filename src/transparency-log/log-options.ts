/** What this service was told about its log at founding. */
import type { SigningKey } from './note-key.js';

export interface LogOptions {
  /** Independent of any address: `<city>.azukari.example/log/<year>`. */
  origin: string;
  /** The key that signs checkpoints; its public half is what verifiers pin. */
  signingKey: SigningKey;
  /** The file that remembers the newest signed checkpoint, outside the database's backups. */
  anchorFile: string;
  /** Whether this process signs. Several may: only one of them publishes at a time. */
  runsSigner: boolean;
  /** Whether this process has the log indexed at night. Several may: only one index is appended. */
  indexesAtNight?: boolean;
}

export const LOG_OPTIONS = Symbol('log options');
