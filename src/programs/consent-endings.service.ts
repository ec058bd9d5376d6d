/**
 * What the end of a program does to the consents to it: each becomes inapplicable in the transaction that ends the program, with an entry
 * whose opening only its resident can read. The openings are made here, before the database takes its locks (migrations/city/consent-changes.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseError, type Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';

/** The last three parameters of the functions that end a program: ids of consents, commitments, sealed details. */
export type Endings = readonly [ids: Uuid[], commitments: Buffer[], details: Buffer[]];

/** Nothing ends, so nothing is prepared. */
export const noEndings: Endings = [[], [], []];

/** Someone may consent between the preparation and the lock; so often in a row, nobody does. */
const attemptsMax = 8;

@Injectable()
export class ConsentEndings {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: ResidentKeysService,
  ) {}

  /** Runs `end` with the endings of all consents in force to the program; again when one was given meanwhile. */
  async whileEnding<T>(programId: string, end: (endings: Endings) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const endings = await this.prepare(programId, new Date());
      try {
        return await end(endings);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== 'AZ412') throw error;
        if (attempt === attemptsMax) throw new Mistake('unavailable', 'too many consents are being given; try again');
      }
    }
  }

  private async prepare(programId: string, now: Date): Promise<Endings> {
    const { rows } = await this.pool.query<{ resident_id: Uuid; id: Uuid }>(
      `SELECT resident_id, id FROM azukari.consent WHERE program_id = $1 AND state IN ('active', 'paused')`,
      [programId],
    );
    const keys = await this.keys.find(rows.map((row) => row.resident_id));
    const endings = rows.map(({ resident_id: residentId, id }) => {
      const own = keys.get(residentId);
      if (own === undefined) throw new Error('the keys of this resident are gone');
      return { id, ...commitToDetail(own, residentId, { consentId: id, inapplicable: true, at: now.toISOString() }) };
    });
    return [endings.map(({ id }) => id), endings.map((one) => one.commitment), endings.map((one) => one.sealed)];
  }
}
