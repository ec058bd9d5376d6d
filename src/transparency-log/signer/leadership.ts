/**
 * Of several signers one leads: it holds an advisory lock that dies with its connection. The compare-and-swap on the published row holds
 * even without it; the lock spares the others the work.
 */
import type { Pool, PoolClient } from 'pg';

export class Leadership {
  /** The connection that holds the leader's lock, while this process leads. */
  private lead: PoolClient | null = null;

  constructor(private readonly pool: Pool) {}

  get isHeld(): boolean {
    return this.lead !== null;
  }

  /** Tries to become the leader. False when another one leads, or when the log is frozen and nobody may. */
  async take(): Promise<boolean> {
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ leads: boolean }>(`
        SELECT frozen_at IS NULL AND pg_try_advisory_lock(hashtextextended('azukari signer', 0)) AS leads FROM azukari.signer_state`);
      if (!rows[0]!.leads) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.lead = client;
    client.on('error', () => {
      if (this.lead === client) this.resign();
    });
    return true;
  }

  /** Gives the connection back to be thrown away, and the leader's lock with it. Kept, it would be one of the pool's few for ever. */
  resign(): void {
    this.lead?.release(true);
    this.lead = null;
  }
}
