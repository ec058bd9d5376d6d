/** What this service was told about where it keeps and how it signs its logs. Which logs there are, the database says. */
import type { KeyRing } from './keys/key-ring.js';
import type { WitnessSettings } from './witness/witness-settings.js';

export interface LogOptions {
  /** The private halves of the keys that sign checkpoints; which of them sign, each log itself says. */
  keys: KeyRing;
  /** The file that remembers the newest signed checkpoint, outside the database's backups. */
  anchorFile: string;
  /** Where the signer keeps what it signs as files, a directory for each log, as c2sp.org/tlog-tiles lays them out; best on another disk than the database. */
  tilesDirectory: string;
  /** Whether this process signs. Several may: only one of them publishes at a time. */
  runsSigner: boolean;
  /** Who is to cosign; without it this process asks nobody. */
  witnesses?: WitnessSettings | null;
  /** Whether this process has the log indexed at night. Several may: only one index is appended. */
  indexesAtNight?: boolean;
}

export const LOG_OPTIONS = Symbol('log options');
