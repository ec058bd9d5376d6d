/**
 * Every resident's two independent keys: K_id names the resident to recipients, the data key seals records and details
 * (design section 6). They lie wrapped in the key store, which is another database; here they are kept unwrapped in memory, bounded.
 */
import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { KEYS_POOL } from '../database/connections.js';
import { idPages } from '../database/id-pages.js';
import { inOneStatement } from '../database/pool.js';
import { Batcher } from '../kernel/batcher.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { KEY_PROVIDER, type KeyProvider } from '../database/key-provider.js';
import { type KeyBytes, KeyCache, keysOf, type ResidentKeys } from './key-cache.js';

export type { ResidentKeys } from './key-cache.js';

interface KeyRow {
  resident_id: Uuid;
  epoch: number;
  identifier_key_wrapped: Buffer;
  data_key_wrapped: Buffer;
}

/** A read of somebody whose keys are not here asks the key store. */
const cachedMax = 200_000;
const batchMax = 256;
const firstEpoch = 1;

@Injectable()
export class ResidentKeysService {
  private readonly cache = new KeyCache(cachedMax);
  /** In a large city most who read at once read of different residents, and none of them may be known yet. */
  private readonly finding = new Batcher((ids: Uuid[]) => this.findEach(ids), batchMax, 2);

  constructor(
    @Inject(KEYS_POOL) private readonly pool: Pool,
    @Inject(KEY_PROVIDER) private readonly provider: KeyProvider,
  ) {}

  /** Makes and stores keys for residents that have none yet, in one statement. */
  async create(residentIds: readonly Uuid[]): Promise<Map<Uuid, ResidentKeys>> {
    const rows = await Promise.all(
      residentIds.map(async (id) => {
        const [identifier, data] = [randomBytes(32), randomBytes(32)];
        return {
          id,
          keys: { identifier, data, epoch: firstEpoch },
          identifier: await this.provider.wrap(identifier, ['identifier', id, String(firstEpoch)]),
          data: await this.provider.wrap(data, ['data', id, String(firstEpoch)]),
        };
      }),
    );
    await this.pool.query(
      `INSERT INTO azukari_keys.resident_key (resident_id, epoch, identifier_key_wrapped, data_key_wrapped)
       SELECT id, $2, identifier, data FROM unnest($1::uuid[], $3::bytea[], $4::bytea[]) AS made (id, identifier, data)`,
      [residentIds, firstEpoch, rows.map((row) => row.identifier), rows.map((row) => row.data)],
    );
    return new Map(rows.map((row) => [row.id, this.remember(row.id, row.keys)]));
  }

  /**
   * The keys of one resident.
   * @throws Mistake `unavailable` when there are none. They are destroyed after everything else, so whoever asks again finds no such resident
   */
  async require(residentId: Uuid): Promise<ResidentKeys> {
    const keys = await this.findOne(residentId);
    if (keys === undefined) throw new Mistake('unavailable', 'the keys of this resident are gone');
    return keys;
  }

  /** For who asks for one resident among many who do; undefined where there are none. */
  async findOne(residentId: Uuid): Promise<ResidentKeys | undefined> {
    return this.cache.get(residentId) ?? this.finding.submit(residentId);
  }

  /** The keys of those residents who have some. */
  async find(residentIds: readonly Uuid[]): Promise<Map<Uuid, ResidentKeys>> {
    const found = new Map<Uuid, ResidentKeys>();
    const missing: Uuid[] = [];
    for (const id of new Set(residentIds)) {
      const keys = this.cache.get(id);
      if (keys === undefined) missing.push(id);
      else found.set(id, keys);
    }
    if (missing.length > 0) {
      const { rows } = await this.pool.query<KeyRow>({
        name: 'find resident keys',
        text: 'SELECT resident_id, epoch, identifier_key_wrapped, data_key_wrapped FROM azukari_keys.resident_key WHERE resident_id = ANY ($1::uuid[])',
        values: [missing],
      });
      for (const row of rows) found.set(row.resident_id, this.remember(row.resident_id, await this.unwrap(row)));
    }
    return found;
  }

  /**
   * Destroys the keys of residents, and with them all that they seal, wherever a copy of it may lie. Each stands on the list of tombstones
   * afterwards. Doing it twice changes nothing. Other nodes forget what they have in memory when they are told to (`forget`).
   * @returns of how many there were any
   */
  async destroy(residentIds: readonly Uuid[]): Promise<number> {
    const { rowCount } = await inOneStatement(this.pool, {
      text: `WITH buried AS (
          INSERT INTO azukari_keys.tombstone (resident_id) SELECT id FROM unnest($1::uuid[]) AS id ON CONFLICT DO NOTHING)
        DELETE FROM azukari_keys.resident_key WHERE resident_id = ANY ($1::uuid[])`,
      values: [residentIds],
    });
    this.forget(residentIds);
    return rowCount ?? 0;
  }

  /** Whose keys were destroyed, as the list of tombstones says, page by page. */
  destroyed(): AsyncGenerator<Uuid[]> {
    const text =
      'SELECT resident_id AS id FROM azukari_keys.tombstone WHERE resident_id > $1 ORDER BY resident_id LIMIT $2';
    return idPages(this.pool, text);
  }

  /** Nothing of these keys stays in the memory of this process. */
  forget(residentIds: readonly Uuid[]): void {
    for (const id of residentIds) this.cache.forget(id);
  }

  private async findEach(residentIds: readonly Uuid[]): Promise<(ResidentKeys | undefined)[]> {
    const found = await this.find(residentIds);
    return residentIds.map((id) => found.get(id));
  }

  private async unwrap({ resident_id, epoch, identifier_key_wrapped, data_key_wrapped }: KeyRow): Promise<KeyBytes> {
    const open = (wrapped: Buffer, name: string) => this.provider.unwrap(wrapped, [name, resident_id, String(epoch)]);
    return {
      identifier: await open(identifier_key_wrapped, 'identifier'),
      data: await open(data_key_wrapped, 'data'),
      epoch,
    };
  }

  private remember(residentId: Uuid, bytes: KeyBytes): ResidentKeys {
    this.cache.set(residentId, bytes);
    return keysOf(bytes);
  }
}
