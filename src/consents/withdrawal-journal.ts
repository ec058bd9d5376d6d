/**
 * The journal of withdrawals: one line each, outside the database and its backups, durable before a withdrawal is answered. After a restore
 * it is replayed before anything is served, so that an old backup cannot bring a withdrawn consent back to life.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Batcher } from '../kernel/batcher.js';
import type { Uuid } from '../kernel/ids.js';

export interface WithdrawalLine {
  residentId: Uuid;
  consentId: Uuid;
  /** ISO 8601, UTC: the database's time of the withdrawal. */
  at: string;
}

export const WITHDRAWAL_JOURNAL = Symbol('withdrawal journal');

export class WithdrawalJournal {
  private readonly batcher: Batcher<WithdrawalLine, void>;

  private constructor(private readonly file: FileHandle) {
    this.batcher = new Batcher((lines) => this.write(lines), 1000);
  }

  static async open(directory: string): Promise<WithdrawalJournal> {
    return new WithdrawalJournal(await open(join(directory, 'withdrawals.ndjson'), 'a', 0o600));
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
