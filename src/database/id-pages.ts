/** Goes through many ids without holding all of them at once. */
import type { Pool } from 'pg';
import type { Uuid } from '../kernel/ids.js';

const beforeAll = '00000000-0000-0000-0000-000000000000';
const atOnce = 1000;

/**
 * Page by page, none of them empty.
 * @param text finds column `id`: those above $1 in their order, at most $2
 */
export async function* idPages(pool: Pool, text: string): AsyncGenerator<Uuid[]> {
  for (let last: Uuid | undefined = beforeAll; last !== undefined;) {
    const { rows }: { rows: { id: Uuid }[] } = await pool.query<{ id: Uuid }>(text, [last, atOnce]);
    if (rows.length > 0) yield rows.map(({ id }) => id);
    last = rows.length === atOnce ? rows.at(-1)!.id : undefined;
  }
}
