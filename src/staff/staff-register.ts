/**
 * Who the operator's staff are. Written by the operator's own command (`azukari staff`) on the signer's connection: whoever has only the service's
 * own can neither register a unit nor appoint anybody.
 */
import type { Pool } from 'pg';
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

/** Stands in the log. @throws DatabaseError for a code that is none of a unit, or is taken */
export async function registerUnit(signer: Pool, { id, nameJa, nameEn }: Unit): Promise<void> {
  await call(signer, 'register_unit($1, $2, $3)', [id, nameJa, nameEn]);
}

/** @throws DatabaseError for a code that is taken, and a unit that is not known */
export async function appointStaff(signer: Pool, { id, unitId, nameJa, nameEn }: StaffMember): Promise<void> {
  await call(signer, 'appoint_staff($1, $2, $3, $4)', [id, unitId, nameJa, nameEn]);
}

/** From then on they see nothing, and what they approved is approved no more. @throws DatabaseError AZ404 where there is none */
export async function dismissStaff(signer: Pool, id: string): Promise<void> {
  await call(signer, 'dismiss_staff($1)', [id]);
}

async function call(signer: Pool, call: string, values: readonly string[]): Promise<void> {
  await inOneStatement(signer, { text: `SELECT azukari.${call}`, values: [...values] });
}
