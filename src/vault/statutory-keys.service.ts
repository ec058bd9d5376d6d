/**
 * The record of third-party provision (APPI article 29) outlives an erasure. What was provided to whom, for what and when, stands in the log entry
 * for good, and names nobody; whose it was is sealed here, under a key of its own: one a month, kept in the key store until the last record of that
 * month has been kept for three years. Here is only the way in, and the end; the way out is a door of its own.
 */
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { KEYS_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { secretKey, utf8 } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';
import { bind, seal, type SealingKey } from '../kernel/sealed-box.js';
import { KEY_PROVIDER, type KeyProvider } from '../database/key-provider.js';

export interface RecordedResident {
  id: string;
  name: string;
}

const keepYears = 3;

@Injectable()
export class StatutoryKeysService {
  private readonly keys = new Map<string, Promise<SealingKey>>();

  constructor(
    @Inject(KEYS_POOL) private readonly pool: Pool,
    @Inject(KEY_PROVIDER) private readonly provider: KeyProvider,
  ) {}

  /**
   * Seals whose data was provided under the key of this month. The box opens for this entry alone, so none can be put to another.
   * @param period `YYYY-MM`, UTC
   * @param commitment the entry's, 32 bytes
   */
  async seal({ id, name }: RecordedResident, period: string, commitment: Buffer): Promise<Buffer> {
    const key = await this.keyOf(period);
    return seal(
      key,
      utf8(toCanonicalJson({ id, name })),
      bind('azukari/statutory/v2', period, commitment.toString('hex')),
    );
  }

  /** Destroys keys whose last record has been kept long enough. Returns of how many months. */
  async destroyDue(): Promise<number> {
    const { rows } = await inOneStatement<{ period: string }>(this.pool, {
      text: `DELETE FROM azukari_keys.statutory_key
        WHERE keep_until < (clock_timestamp() AT TIME ZONE interval '9 hours')::date RETURNING period`,
    });
    for (const { period } of rows) this.keys.delete(period);
    return rows.length;
  }

  private keyOf(period: string): Promise<SealingKey> {
    let key = this.keys.get(period);
    if (key === undefined) {
      key = this.findOrMake(period);
      key.catch(() => this.keys.delete(period));
      this.keys.set(period, key);
    }
    return key;
  }

  /** Two nodes may both make one: the first to be stored counts. */
  private async findOrMake(period: string): Promise<SealingKey> {
    const made = await this.provider.wrap(randomBytes(32), ['statutory', period]);
    await this.pool.query(
      // A record may be written a little after it was sealed: a month on top of the last day of the month.
      `INSERT INTO azukari_keys.statutory_key (period, key_wrapped, keep_until)
       VALUES ($1, $2, ($1 || '-01')::date + make_interval(years => $3, months => 2)) ON CONFLICT DO NOTHING`,
      [period, made, keepYears],
    );
    const { rows } = await this.pool.query<{ key_wrapped: Buffer }>(
      'SELECT key_wrapped FROM azukari_keys.statutory_key WHERE period = $1',
      [period],
    );
    return { secret: secretKey(await this.provider.unwrap(rows[0]!.key_wrapped, ['statutory', period])), epoch: 1 };
  }
}
