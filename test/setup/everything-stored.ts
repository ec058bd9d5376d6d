/** Every row of every table of the city's database as text, but the log's own: to look for what must not be there. */
import type { Pool } from 'pg';

/** @param but tables that are left out. */
export async function everythingStored(admin: Pool, but: readonly string[]): Promise<string> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('azukari', 'statutory') AND tablename <> ALL ($1::text[]) ORDER BY 1`,
    [but],
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await admin.query<{ text: string | null }>(
      `SELECT string_agg(t::text, E'\\n') AS text FROM ${name} t`,
    );
    texts.push(rows[0]!.text ?? '');
  }
  return texts.join('\n');
}
