/**
 * The journal of withdrawals: one line each, outside the database and its backups, durable before a withdrawal is answered. Whoever restores
 * an old backup finds in it which consents must not come back to life; no command replays it yet.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../database/secret-file.js';
import { Batcher } from '../kernel/batcher.js';
import type { Uuid } from '../kernel/ids.js';

export interface WithdrawalLine {
  residentId: Uuid;
  consentId: Uuid;
  /** `purpose/category`, when not all of the consent was withdrawn. */
  items?: readonly string[];
  /** ISO 8601, UTC: the database's time of the withdrawal. */
  at: string;
}

const newline = 0x0a;

export const WITHDRAWAL_JOURNAL = Symbol('withdrawal journal');

export class WithdrawalJournal {
  private readonly batcher: Batcher<WithdrawalLine, void>;

  private constructor(private readonly file: FileHandle) {
    this.batcher = new Batcher((lines) => this.write(lines), 1000);
  }

  static async open(directory: string): Promise<WithdrawalJournal> {
    const path = join(directory, 'withdrawals.ndjson');
    const file = await open(path, 'a+', 0o600);
    await syncDirectory(directory);
    // A line torn by a full disk or a loss of power ends here; the next one must not join it.
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    if (size > 0 && buffer[0] !== newline) await file.appendFile('\n');
    return new WithdrawalJournal(file);
  }

  /** Resolves when the line would survive a loss of power. Lines that arrive together share one fsync. */
  append(line: WithdrawalLine): Promise<void> {
    return this.batcher.submit(line);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async write(lines: readonly WithdrawalLine[]): Promise<void[]> {
    await this.file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await this.file.datasync();
    return lines.map(() => undefined);
  }
}
