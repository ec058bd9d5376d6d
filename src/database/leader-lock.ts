/**
 * Of several processes one leads: an advisory lock that one connection holds and that dies with it, however the process ends. Who does not get
 * it stands by and asks again.
 */
import type { Pool, PoolClient } from 'pg';

export class LeaderLock {
  private client: PoolClient | null = null;
  private isLost = false;

  /** @param name of what is led, one for all processes. */
  constructor(
    private readonly pool: Pool,
    private readonly name: string,
  ) {}

  /** Whether this process leads, as far as it knows. */
  get isHeld(): boolean {
    return this.client !== null && !this.isLost;
  }

  /** Gives up what it held and asks anew. False when another one leads. */
  async take(): Promise<boolean> {
    this.resign();
    const client = await this.pool.connect();
    try {
      const text = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS leads';
      const { rows } = await client.query<{ leads: boolean }>(text, [this.name]);
      if (!rows[0]!.leads) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    [this.client, this.isLost] = [client, false];
    client.on('error', () => {
      if (this.client === client) this.isLost = true;
    });
    return true;
  }

  /** Gives the connection back to be thrown away, and the lock with it. Kept, it would be one of the pool's few for ever. */
  resign(): void {
    this.client?.release(true);
    this.client = null;
  }
}
