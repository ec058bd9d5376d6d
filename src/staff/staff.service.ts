/** The operator's units and who works in them. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneStatement } from '../database/pool.js';

export interface Unit {
  /** `op:<unit>`, under which what its staff see stands in the log. */
  id: string;
  nameJa: string;
  nameEn: string;
}

export interface StaffMember {
  id: string;
  unitId: string;
  nameJa: string;
  nameEn: string;
}

@Injectable()
export class StaffService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  /** Stands in the log. @throws DatabaseError for a code that does not begin with `op:`, or is taken */
  async registerUnit({ id, nameJa, nameEn }: Unit): Promise<void> {
    await this.call('register_unit($1, $2, $3)', [id, nameJa, nameEn]);
  }

  async appoint({ id, unitId, nameJa, nameEn }: StaffMember): Promise<void> {
    await this.call('appoint_staff($1, $2, $3, $4)', [id, unitId, nameJa, nameEn]);
  }

  /** From then on they see nothing, and what they allowed is allowed no more. @throws DatabaseError AZ404 where there is none */
  async dismiss(id: string): Promise<void> {
    await this.call('dismiss_staff($1)', [id]);
  }

  async units(): Promise<Unit[]> {
    const { rows } = await this.pool.query<Unit>({
      name: 'units',
      text: 'SELECT id, name_ja AS "nameJa", name_en AS "nameEn" FROM azukari.unit ORDER BY id COLLATE "C"',
    });
    return rows;
  }

  /** Also those who have left: their names stand in what they did. */
  async everybody(): Promise<StaffMember[]> {
    const { rows } = await this.pool.query<StaffMember>({
      name: 'staff',
      text: `SELECT id, unit_id AS "unitId", name_ja AS "nameJa", name_en AS "nameEn" FROM azukari.staff_member
             ORDER BY id COLLATE "C"`,
    });
    return rows;
  }

  /** Null where nobody of the staff has this code, any more or ever. */
  async find(id: string): Promise<StaffMember | null> {
    const { rows } = await this.pool.query<StaffMember>({
      name: 'member of staff',
      text: `SELECT id, unit_id AS "unitId", name_ja AS "nameJa", name_en AS "nameEn" FROM azukari.staff_member
             WHERE id = $1 AND left_at IS NULL`,
      values: [id],
    });
    return rows[0] ?? null;
  }

  private async call(call: string, values: readonly string[]): Promise<void> {
    await inOneStatement(this.pool, { text: `SELECT azukari.${call}`, values: [...values] });
  }
}
