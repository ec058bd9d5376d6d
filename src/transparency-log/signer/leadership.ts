/**
 * Of several signers one leads: it holds an advisory lock that dies with its connection, and on its own machine the directory of its anchor,
 * so that one whose connection broke in the middle of a step cannot put an old anchor over a newer one. The compare-and-swap on the published
 * row holds even without both.
 */
import { dirname } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { type DirectoryLock, lockDirectory } from '../../database/directory-lock.js';

export class Leadership {
  private held: { client: PoolClient; directory: DirectoryLock } | null = null;
  private isLost = false;

  constructor(
    private readonly pool: Pool,
    private readonly anchorFile: string,
  ) {}

  /** Whether this process leads, as far as it knows. */
  get isHeld(): boolean {
    return this.held !== null && !this.isLost;
  }

  /** Tries to become the leader. False when another one leads, or when the log is frozen and nobody may. Call it between two steps. */
  async take(): Promise<boolean> {
    this.resign();
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ leads: boolean }>(`
        SELECT frozen_at IS NULL AND pg_try_advisory_lock(hashtextextended('azukari signer', 0)) AS leads FROM azukari.signer_state`);
      const directory = rows[0]!.leads ? this.takeDirectory() : null;
      if (directory === null) {
        client.release(rows[0]!.leads);
        return false;
      }
      this.held = { client, directory };
      this.isLost = false;
      client.on('error', () => (this.isLost = true));
      return true;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Gives the connection back to be thrown away, and the lock with it. Kept, it would be one of the pool's few for ever. */
  resign(): void {
    this.held?.client.release(true);
    this.held?.directory.release();
    this.held = null;
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
