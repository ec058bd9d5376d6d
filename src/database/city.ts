/** The city this service runs for, as it was founded. */
import type { Pool } from 'pg';

export interface City {
  nameJa: string;
  nameEn: string;
  municipalityCode: string;
  operatorKind: 'city' | 'private';
  boardMode: 'binding' | 'advisory';
  /** Of the log that is open. */
  logOrigin: string;
  /** Hex SHA-256 of the policy folder in force. */
  policy: string;
  /** A demo city stays one: the database remembers. */
  demo: boolean;
  foundedAt: Date;
  /** Null while a demo city is being founded. */
  foundingCompletedAt: Date | null;
}

/** Null before the founding. */
export async function findCity(pool: Pool): Promise<City | null> {
  const { rows } = await pool.query<City>(`
    SELECT name_ja AS "nameJa", name_en AS "nameEn", municipality_code AS "municipalityCode", operator_kind AS "operatorKind",
      board_mode AS "boardMode", (SELECT origin FROM azukari.city_log WHERE size IS NULL) AS "logOrigin", policy, demo,
      founded_at AS "foundedAt", founding_completed_at AS "foundingCompletedAt" FROM azukari.city`);
  return rows[0] ?? null;
}

export type NewCity = Omit<City, 'policy' | 'foundedAt' | 'foundingCompletedAt'>;

/** Founds the city: its log begins with this. @param policy the digest of the policy folder. @param logVkey the log's first public key. */
export async function foundCity(pool: Pool, city: NewCity, policy: string, logVkey: string): Promise<void> {
  await pool.query('SELECT azukari.found_city($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...[city.nameJa, city.nameEn, city.municipalityCode, city.operatorKind],
    ...[city.boardMode, city.logOrigin, policy, logVkey, city.demo],
  ]);
}

/** From here on the city is in use and is never thrown away. */
export async function completeFounding(pool: Pool): Promise<void> {
  await pool.query('SELECT azukari.complete_founding()');
}

/** Tells the gate which categories of the policy in force are sensitive: with witnesses, they wait for a quorum. It can only add. */
export async function weighPolicy(pool: Pool, policy: string, sensitive: readonly string[]): Promise<void> {
  await pool.query('SELECT azukari.weigh_policy($1, $2::text[])', [policy, sensitive]);
}

/** Makes the policy folder the one in force; a change stands in the log. Returns whether it was one. */
export async function adoptPolicy(pool: Pool, policy: string): Promise<boolean> {
  const { rows } = await pool.query<{ changed: boolean }>('SELECT azukari.adopt_policy($1) AS changed', [policy]);
  return rows[0]!.changed;
}
