/** The operator's units and who works in them. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import type { StaffMember, Unit } from './staff-register.js';

@Injectable()
export class StaffService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

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
}
