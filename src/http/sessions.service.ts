/** Starts, finds and ends sessions. The database's clock decides when one is over, so all nodes agree. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';
import { sha256, utf8 } from '../kernel/bytes.js';
import { newSecret } from '../kernel/ids.js';
import { csrfTokenFor, isSessionSecret, type Session, type SubjectKind } from './session.js';

interface Row {
  subject_kind: SubjectKind;
  subject_id: string;
  expires_at: Date;
}

@Injectable()
export class SessionsService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  /** Returns the session's secret, which is not kept here and cannot be read again. */
  async create(kind: SubjectKind, subjectId: string, lifetimeSeconds: number): Promise<string> {
    const secret = newSecret();
    await inOneStatement(this.pool, {
      name: 'create-session',
      text: `INSERT INTO azukari.session (sha256, subject_kind, subject_id, expires_at)
             VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))`,
      values: [sha256(utf8(secret)), kind, subjectId, lifetimeSeconds],
    });
    return secret;
  }

  /** The session in force that `secret` belongs to, or null; of staff only while they are. */
  async find(secret: string): Promise<Session | null> {
    if (!isSessionSecret(secret)) return null;
    const known = Buffer.from(sha256(utf8(secret)));
    const { rows } = await this.pool.query<Row>({
      name: 'find-session',
      text: `SELECT subject_kind, subject_id, expires_at FROM azukari.session
              WHERE sha256 = $1 AND expires_at > clock_timestamp() AND (subject_kind <> 'staff'
                OR EXISTS (SELECT FROM azukari.staff_member m WHERE m.id = subject_id AND m.left_at IS NULL))`,
      values: [known],
    });
    const row = rows[0];
    if (row === undefined) return null;
    const { subject_kind: kind, subject_id: id, expires_at: expiresAt } = row;
    return { kind, id, sha256: known, expiresAt, csrfToken: csrfTokenFor(secret) };
  }

  /** Nothing happens where there is no such session. */
  async end(secret: string): Promise<void> {
    await inOneStatement(this.pool, {
      name: 'end-session',
      text: 'DELETE FROM azukari.session WHERE sha256 = $1',
      values: [sha256(utf8(secret))],
    });
  }

  /** Removes sessions that are over, at most `rowsMax`; returns how many. */
  async sweep(rowsMax: number): Promise<number> {
    const { rowCount } = await this.pool.query({
      name: 'sweep-sessions',
      text: `DELETE FROM azukari.session WHERE sha256 IN (
               SELECT sha256 FROM azukari.session WHERE expires_at <= clock_timestamp() LIMIT $1)`,
      values: [rowsMax],
    });
    return rowCount ?? 0;
  }
}
