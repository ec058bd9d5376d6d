/**
 * Hears the notifications of a channel of the database (LISTEN). They are hints and no more: any role may notify, and what is notified while the connection is
 * lost is not heard, so whoever listens looks for himself, and also without a notification.
 */
import type { Pool, PoolClient } from 'pg';

const againAfterMs = 1_000;

export class Listener {
  private client: PoolClient | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private connecting: Promise<void> = Promise.resolve();

  /** @param channel a name in lower case. A connection of the pool is kept as long as it listens. */
  constructor(
    private readonly pool: Pool,
    private readonly channel: string,
    private readonly onNotification: () => void,
  ) {}

  start(): void {
    this.connecting = this.connect();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.connecting;
    this.drop();
  }

  private async connect(): Promise<void> {
    try {
      const client = await this.pool.connect();
      this.client = client;
      client.on('notification', this.onNotification);
      client.once('end', () => {
        if (this.client === client) this.again();
      });
      await client.query(`LISTEN ${this.channel}`);
      // What was notified before is not notified again.
      this.onNotification();
    } catch {
      this.again();
    }
  }

  private again(): void {
    this.drop();
    if (this.isStopped || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.connecting = this.connect();
    }, againAfterMs);
  }

  /** It is not handed on: it would go on listening. */
  private drop(): void {
    const { client } = this;
    this.client = null;
    if (client === null) return;
    client.off('notification', this.onNotification);
    client.release(true);
  }
}
