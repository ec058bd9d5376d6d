/**
 * What the end of a program does to the consents to it: each becomes inapplicable in the transaction that ends the program, with an entry
 * whose opening only its resident can read. The openings are made here, before the database takes its locks (migrations/city/consent-changes.ts).
 */
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseError, type Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { commitToDetail } from '../residents/entry-detail.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';

/** The last three parameters of the functions that end a program: ids of consents, commitments, sealed details. */
export type Endings = readonly [ids: Uuid[], commitments: Buffer[], details: Buffer[]];

/** Nothing ends, so nothing is prepared. */
export const noEndings: Endings = [[], [], []];

/** The database's own limit: the log stands still while consents end (migrations/city/consent-changes.ts). */
const atOnceMax = 500;
/** Someone may consent between the preparation and the lock; so often in a row, nobody does. */
const attemptsMax = 8;

@Injectable()
export class ConsentEndings {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: ResidentKeysService,
  ) {}

  /**
   * Runs `end`, which ends the program's versions up to `version`, with the endings of the consents in force to them; again when one was given
   * meanwhile. Of more consents than end at once, the others follow in transactions of their own before this returns.
   */
  async whileEnding<T>(programId: string, version: number, end: (endings: Endings) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const endings = await this.prepare(programId, version, new Date());
      try {
        const ended = await end(endings);
        if (endings[0].length === atOnceMax) await this.endRest(programId, version);
        return ended;
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== 'AZ412') throw error;
        if (attempt === attemptsMax) throw new Mistake('unavailable', 'too many consents are being given; try again');
      }
    }
  }

  /** Ends what a stop in the middle has left in force. Returns how many. */
  async sweep(): Promise<number> {
    const { rows } = await this.pool.query<{ id: string; version: number }>(
      `SELECT p.id, max(p.version) AS version FROM azukari.program p WHERE p.status = 'retired' AND EXISTS (
         SELECT FROM azukari.consent c WHERE c.program_id = p.id AND c.program_version = p.version AND c.state IN ('active', 'paused'))
       GROUP BY p.id`,
    );
    let ended = 0;
    for (const { id, version } of rows) ended += await this.endRest(id, version);
    return ended;
  }

  private async endRest(programId: string, version: number): Promise<number> {
    for (let ended = 0; ;) {
      const endings = await this.prepare(programId, version, new Date());
      if (endings[0].length === 0) return ended;
      const { rows } = await inOneStatement<{ count: number }>(this.pool, {
        text: 'SELECT azukari.end_consents_of_ended($1, $2, $3, $4) AS count',
        values: [programId, ...endings],
      });
      ended += rows[0]!.count;
    }
  }

  private async prepare(programId: string, version: number, now: Date): Promise<Endings> {
    const { rows } = await this.pool.query<{ resident_id: Uuid; id: Uuid }>(
      `SELECT resident_id, id FROM azukari.consent WHERE program_id = $1 AND program_version <= $2 AND state IN ('active', 'paused') LIMIT $3`,
      [programId, version, atOnceMax],
    );
    const keys = await this.keys.find(rows.map((row) => row.resident_id));
    const endings = rows.flatMap(({ resident_id: residentId, id }) => {
      const own = keys.get(residentId);
      // Erased since: the consent went before the keys.
      if (own === undefined) return [];
      return { id, ...commitToDetail(own, residentId, { consentId: id, inapplicable: true, at: now.toISOString() }) };
    });
    return [endings.map(({ id }) => id), endings.map((one) => one.commitment), endings.map((one) => one.sealed)];
  }
}
