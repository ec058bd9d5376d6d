/** Who may read the entries themselves: the board, and mirrors, each with a token of its own that ends. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { sha256, utf8 } from '../kernel/bytes.js';
import { newSecret } from '../kernel/ids.js';

@Injectable()
export class MirrorsService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  /** A bearer token for a mirror, which is not kept here and cannot be read again. */
  async issue(mirror: string, lifetimeSeconds: number): Promise<string> {
    const token = newSecret();
    await this.pool.query(
      `INSERT INTO azukari.mirror_token (sha256, mirror, expires_at) VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))`,
      [sha256(utf8(token)), mirror, lifetimeSeconds],
    );
    return token;
  }

  async isMirror(token: string): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'find mirror',
      text: 'SELECT FROM azukari.mirror_token WHERE sha256 = $1 AND expires_at > clock_timestamp()',
      values: [sha256(utf8(token))],
    });
    return rowCount === 1;
  }
}
