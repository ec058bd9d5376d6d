/** The schema is a golden file: a change of a table, a function or a right is read in review, or it fails here. */
import { readFile, writeFile } from 'node:fs/promises';
import { openPool } from '../../src/database/pool.js';
import { dumpSchema } from '../../src/database/schema-dump.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

let city: FreshCity;

beforeAll(async () => {
  city = await aFreshCity();
});

afterAll(() => city.drop());

async function schemaOf(url: string): Promise<string> {
  const pool = openPool({ url, size: 1, applicationName: 'schema test' });
  try {
    return await dumpSchema(pool);
  } finally {
    await pool.end();
  }
}

test.each([
  ['city', 'schema.txt', () => city.adminUrl],
  ['key store', 'schema-keys.txt', () => city.keysAdminUrl],
])('the schema of the %s database is the golden one', async (_database, file, url) => {
  const golden = new URL(`../../../test/golden/${file}`, import.meta.url);
  const schema = await schemaOf(url());
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, schema);
  expect(schema).toBe(await readFile(golden, 'utf8'));
});

test('a right given away, a column added and a function changed all show in the dump', async () => {
  const pool = openPool({ url: city.adminUrl, size: 1, applicationName: 'schema test' });
  try {
    const before = await dumpSchema(pool);
    await pool.query(`
      CREATE TABLE public.probe (id integer PRIMARY KEY);
      CREATE FUNCTION public.probe() RETURNS integer LANGUAGE sql SECURITY DEFINER RETURN 1`);
    const made = await dumpSchema(pool);
    expect(made).toContain('table public.probe owner postgres\n  column id integer not null\n');
    expect(made).toMatch(/function public\.probe\(\)\n {2}returns integer\n {2}SECURITY DEFINER, volatile, /);
    expect(made).toMatch(/function public\.probe\(\)\n(.*\n){3} {2}grant PUBLIC: EXECUTE\n/);
    await pool.query(`
      GRANT SELECT ON public.probe TO PUBLIC;
      ALTER TABLE public.probe ADD note text DEFAULT 'x';
      CREATE OR REPLACE FUNCTION public.probe() RETURNS integer LANGUAGE sql SECURITY DEFINER RETURN 2`);
    const changed = await dumpSchema(pool);
    expect(changed).toContain("  column note text default 'x'::text\n");
    expect(changed).toContain('  grant PUBLIC: SELECT\n');
    const hashOf = (dump: string) =>
      /function public\.probe\(\)\n(?:.*\n){2} {2}definition sha256 (\w+)/.exec(dump)?.[1];
    expect(hashOf(changed)).not.toBe(hashOf(made));
    await pool.query('DROP TABLE public.probe; DROP FUNCTION public.probe()');
    expect(await dumpSchema(pool)).toBe(before);
  } finally {
    await pool.end();
  }
});
