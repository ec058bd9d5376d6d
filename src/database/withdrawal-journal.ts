/**
 * The journal of what has been stopped: withdrawals first of all, suspensions of programs and recipients, and erasures.
 * One line each (and empty ones between), outside the database and its backups, durable before the act is answered. A service reads it before it serves: whatever a
 * restored database has forgotten of it is done again, so that nothing ended comes back to life.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Batcher } from '../kernel/batcher.js';
import type { Uuid } from '../kernel/ids.js';
import { DatabaseStartError } from './database-start-error.js';
import { syncDirectory } from './durable-file.js';
import { OutcomeUnknown } from './pool.js';

/** A line without a kind is a withdrawal: the first version knew no other. */
export interface WithdrawalLine {
  kind?: 'withdrawal';
  residentId: Uuid;
  consentId: Uuid;
  /** `purpose/category`, when not all of the consent was withdrawn. */
  items?: readonly string[];
  /** ISO 8601, UTC: the database's time of the withdrawal. */
  at: string;
}

/** Of several lines about one program or recipient the one with the largest index counts; without one (an older version) the last. */
export interface StatusLine {
  kind: 'program' | 'recipient';
  id: string;
  status: 'active' | 'suspended' | 'retired' | 'removed';
  /** Of the change's entry in the log. */
  index?: number;
  /** Written by a start that stopped it again. The log was restored: its indexes begin anew here, and no line before counts. */
  again?: true;
  at: string;
}

/** A resident was erased: a backup that is put back, of the database or of the key store, has it done again. */
export interface ErasureLine {
  kind: 'erasure';
  residentId: Uuid;
  at: string;
}

export type JournalLine = WithdrawalLine | StatusLine | ErasureLine;

export const WITHDRAWAL_JOURNAL = Symbol('withdrawal journal');

export class WithdrawalJournal {
  private readonly batcher: Batcher<JournalLine, void>;

  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
  ) {
    this.batcher = new Batcher((lines) => this.write(lines), 1000);
  }

  static async open(directory: string): Promise<WithdrawalJournal> {
    const path = join(directory, 'withdrawals.ndjson');
    const file = await open(path, 'a', 0o600);
    await syncDirectory(directory);
    return new WithdrawalJournal(file, path);
  }

  /**
   * Resolves when the line would survive a loss of power. Lines that arrive together share one fsync.
   * @throws OutcomeUnknown where the disk is full or fails: what the line tells of is done, and may be forgotten again; doing it again is safe
   */
  append(line: JournalLine): Promise<void> {
    return this.batcher.submit(line);
  }

  /**
   * Every line, oldest first. A line that was torn was never answered, and is passed over.
   * @throws DatabaseStartError `damaged-directory` at a kind of line that a later version wrote
   */
  async *lines(): AsyncGenerator<JournalLine> {
    await using file = await open(this.path, 'r');
    for await (const text of file.readLines({ encoding: 'utf8', autoClose: false })) {
      const line = parse(text);
      if (line === null) continue;
      if (!['withdrawal', 'program', 'recipient', 'erasure', undefined].includes(line.kind)) {
        const sentence = `${this.path} has lines that this version does not understand (${String(line.kind)}); use the version that wrote them`;
        throw new DatabaseStartError('damaged-directory', sentence);
      }
      yield line;
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async write(lines: readonly JournalLine[]): Promise<void[]> {
    // A full disk or a loss of power may have torn the line before, of this process or of another node's: the empty line keeps this one apart.
    const text = Buffer.from(`\n${lines.map((line) => `${JSON.stringify(line)}\n`).join('')}`);
    try {
      // All of it at once, for another node's line may come in between. A piece is followed by the whole, or by why there is no room for it.
      while ((await this.file.write(text)).bytesWritten < text.length);
      await this.file.datasync();
    } catch (cause) {
      throw new OutcomeUnknown('what was stopped could not be written to the journal', cause);
    }
    return lines.map(() => undefined);
  }
}

function parse(text: string): JournalLine | null {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return null;
  }
}
