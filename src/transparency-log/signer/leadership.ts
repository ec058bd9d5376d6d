/**
 * Of several signers one leads: it holds an advisory lock that dies with its connection, and on its own machine the directory of its anchor,
 * so that one whose connection broke in the middle of a step cannot put an old anchor over a newer one. The compare-and-swap on the published
 * row holds even without both.
 */
import { dirname } from 'node:path';
import type { Pool } from 'pg';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { type DirectoryLock, lockDirectory } from '../../database/directory-lock.js';
import { LeaderLock } from '../../database/leader-lock.js';

export class Leadership {
  private readonly lock: LeaderLock;
  private directory: DirectoryLock | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly anchorFile: string,
  ) {
    this.lock = new LeaderLock(pool, 'azukari signer');
  }

  /** Whether this process leads, as far as it knows. */
  get isHeld(): boolean {
    return this.lock.isHeld;
  }

  /** Tries to become the leader. False when another one leads, or when the log is frozen and nobody may. Call it between two steps. */
  async take(): Promise<boolean> {
    this.resign();
    const { rows } = await this.pool.query<{ isFrozen: boolean }>(
      'SELECT frozen_at IS NOT NULL AS "isFrozen" FROM azukari.signer_state',
    );
    if (rows[0]!.isFrozen || !(await this.lock.take())) return false;
    try {
      this.directory = this.takeDirectory();
      return this.directory !== null;
    } finally {
      if (this.directory === null) this.lock.resign();
    }
  }

  resign(): void {
    this.lock.resign();
    this.directory?.release();
    this.directory = null;
  }

  private takeDirectory(): DirectoryLock | null {
    try {
      return lockDirectory(dirname(this.anchorFile));
    } catch (error) {
      if (error instanceof DatabaseStartError && error.code === 'another-service') return null;
      throw error;
    }
  }
}
