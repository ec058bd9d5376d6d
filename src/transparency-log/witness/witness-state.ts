/**
 * What a witness remembers: of each log the largest checkpoint it has cosigned, one row, and whose memory it is. It is made once, together
 * with the key, and never again: a witness that forgot could be led to cosign a second history, so one without its memory does not start.
 * SQLite with a rollback journal and `synchronous = EXTRA`: a row that was written survives the power failing.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lockDirectory } from '../../database/directory-lock.js';

export interface Witnessed {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** The checkpoint with the log's signatures and the witness's own. */
  readonly note: string;
  /** Of the witness's signature: seconds since the epoch. */
  readonly timestamp: number;
}

/** Why a witness cannot start: one sentence. */
export class WitnessStartError extends Error {
  override readonly name = 'WitnessStartError';
}

const fileName = 'witness.sqlite';
const pragmas = 'PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA trusted_schema = OFF';

export class WitnessState {
  private constructor(
    private readonly database: DatabaseSync,
    private readonly release: () => void,
  ) {}

  /** Makes the memory of a new witness. @throws WitnessStartError when the directory holds one already. */
  static create(directory: string, vkey: string): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = lockDirectory(directory);
    try {
      const file = join(directory, fileName);
      if (existsSync(file)) throw new WitnessStartError(`${directory} is the memory of a witness already`);
      const database = new DatabaseSync(file);
      database.exec(`${pragmas};
        BEGIN;
        CREATE TABLE witness (vkey TEXT NOT NULL) STRICT;
        CREATE TABLE log (
          origin TEXT PRIMARY KEY,
          size INTEGER NOT NULL CHECK (size >= 0),
          root BLOB NOT NULL CHECK (length(root) = 32),
          timestamp INTEGER NOT NULL CHECK (timestamp > 0),
          note TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER a_log_never_shrinks BEFORE UPDATE ON log
          WHEN new.origin <> old.origin OR new.size < old.size OR (new.size = old.size AND new.root <> old.root)
          BEGIN SELECT RAISE(ABORT, 'a witnessed log never shrinks'); END;
        CREATE TRIGGER a_log_is_never_forgotten BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'a witnessed log is kept'); END;`);
      database.prepare('INSERT INTO witness (vkey) VALUES (?)').run(vkey);
      database.exec('COMMIT');
      database.close();
    } finally {
      lock.release();
    }
  }

  /**
   * Opens the memory that belongs to this key, for this process alone.
   * @throws WitnessStartError when there is none, when it is another witness's, or damaged; `DatabaseStartError` when another process has it.
   */
  static open(directory: string, vkey: string): WitnessState {
    const file = join(directory, fileName);
    if (!existsSync(file)) {
      throw new WitnessStartError(
        `${directory} is not the memory of a witness; one that has lost its memory must not go on: make a new key with it (azukari witness keygen)`,
      );
    }
    const lock = lockDirectory(directory);
    try {
      return new WitnessState(openFile(file, vkey), () => lock.release());
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  find(origin: string): Witnessed | null {
    const row = this.database.prepare('SELECT size, root, note, timestamp FROM log WHERE origin = ?').get(origin) as
      (Omit<Witnessed, 'root'> & { root: Uint8Array }) | undefined;
    return row ? { ...row, root: Buffer.from(row.root) } : null;
  }

  origins(): string[] {
    const rows = this.database.prepare('SELECT origin FROM log ORDER BY origin').all() as { origin: string }[];
    return rows.map(({ origin }) => origin);
  }

  /** Remembers; durable when it returns. Throws, and nothing has changed, when it cannot, or when the log would shrink. */
  remember(origin: string, { size, root, note, timestamp }: Witnessed): void {
    this.database
      .prepare(
        `INSERT INTO log (origin, size, root, note, timestamp) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note, timestamp = excluded.timestamp`,
      )
      .run(origin, size, root, note, timestamp);
  }

  close(): void {
    this.database.close();
    this.release();
  }
}

function openFile(file: string, vkey: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec(pragmas);
    const health = database.prepare('PRAGMA integrity_check').get() as { integrity_check: string };
    if (health.integrity_check !== 'ok') throw new WitnessStartError(`${file} is damaged: ${health.integrity_check}`);
    const owner = database.prepare('SELECT vkey FROM witness').get() as { vkey: string } | undefined;
    if (owner?.vkey !== vkey) throw new WitnessStartError(`${file} is the memory of another witness than this key's`);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof WitnessStartError) throw error;
    throw new WitnessStartError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
