/** The schema can be distributed by resident (design section 11): from the catalogue, so that a table or a constraint that is added later has to be thought about here. */
import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import {
  constraintsThatGo,
  distributed,
  local,
  namesResidentsElsewhere,
  reference,
  triggersThatGo,
} from './citus-layout.js';

let city: FreshCity;
let pool: Pool;

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.adminUrl, size: 1, applicationName: 'layout test' });
});

afterAll(async () => {
  await pool.end();
  await city.drop();
});

async function column(text: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(text);
  return rows.map(({ name }) => name);
}

/** As in the layout: without a schema where it is the city's own. */
const tableName = (relation: string) => `replace(${relation}::regclass::text, 'azukari.', '')`;

interface Key {
  table: string;
  name: string;
  isPrimary: boolean;
  columns: string[];
}

/** Primary keys, and everything else that is to be unique, under its constraint's or index's name. */
async function uniqueKeys(): Promise<Key[]> {
  const { rows } = await pool.query<Key>(`
    SELECT ${tableName('i.indrelid')} AS table, c.relname AS name, i.indisprimary AS "isPrimary",
      (SELECT array_agg(a.attname::text ORDER BY k.ord) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, ord)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indisunique AND c.relnamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace) ORDER BY 1, 2`);
  return rows;
}

interface ForeignKey {
  name: string;
  from: string;
  to: string;
  fromColumns: string[];
  toColumns: string[];
}

async function foreignKeys(): Promise<ForeignKey[]> {
  const columns = (relation: string, numbers: string) =>
    `(SELECT array_agg(a.attname::text ORDER BY k.ord) FROM unnest(${numbers}) WITH ORDINALITY AS k (attnum, ord)
      JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.attnum)`;
  const { rows } = await pool.query<ForeignKey>(`
    SELECT conname AS name, ${tableName('conrelid')} AS from, ${tableName('confrelid')} AS to,
      ${columns('conrelid', 'conkey')} AS "fromColumns", ${columns('confrelid', 'confkey')} AS "toColumns"
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'azukari'::regnamespace ORDER BY 1`);
  return rows;
}

test('every table has its place', async () => {
  const tables = await column(
    `SELECT ${tableName('oid')} AS name FROM pg_class WHERE relkind IN ('r', 'p')
     AND relnamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace)`,
  );
  expect([...Object.keys(distributed), ...reference, ...local].toSorted()).toEqual(tables.toSorted());
});

test('every table with a resident is distributed by the resident, but for the two that are written before and beside that', async () => {
  const tables = await column(`
    SELECT DISTINCT ${tableName('attrelid')} AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attname = 'resident_id' AND c.relkind IN ('r', 'p') AND c.relnamespace IN ('azukari'::regnamespace, 'statutory'::regnamespace)`);
  const own = Object.keys(distributed).filter((table) => table !== 'resident');
  expect(tables.toSorted()).toEqual([...own, ...Object.keys(namesResidentsElsewhere)].toSorted());
});

test('the resident is first in the primary key of every distributed table, and in everything that is to be unique in it', async () => {
  const own = (await uniqueKeys()).filter(({ table }) => table in distributed);
  const primary = own.filter(({ isPrimary }) => isPrimary);
  expect(primary.map(({ table, columns }) => [table, columns[0]])).toEqual(Object.entries(distributed).toSorted());
  const split = own.filter(({ table, columns }) => !columns.includes(distributed[table]!));
  expect(split.map(({ name }) => name)).toEqual(['resident_login_key', 'staff_access_by_id']);
  expect(split.filter(({ name }) => !(name in constraintsThatGo))).toEqual([]);
});

test('a foreign key stays on one machine, or is one of those that go', async () => {
  const crossing = (await foreignKeys()).filter(({ from, to, fromColumns, toColumns }) => {
    const [own, other] = [distributed[from], distributed[to]];
    if (own === undefined) return other !== undefined;
    if (other === undefined) return !reference.includes(to);
    const position = fromColumns.indexOf(own);
    return position < 0 || toColumns[position] !== other;
  });
  const gone = Object.keys(constraintsThatGo).filter((name) => name.endsWith('_fkey'));
  expect(crossing.map(({ name }) => name)).toEqual(gone.toSorted());
});

test('nothing fires on a row that lies on another machine, but for what has to go', async () => {
  expect(
    await column(`SELECT tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT tgisinternal AND c.relnamespace = 'azukari'::regnamespace`),
  ).toEqual(Object.keys(triggersThatGo));
});

test('docs/growth.md tells the place of every table', async () => {
  const text = await readFile(new URL('../../../docs/growth.md', import.meta.url), 'utf8');
  const rowOf = (place: string) => text.split('\n').find((line) => line.startsWith(`| ${place} |`)) ?? '';
  const named = (place: string) => [...rowOf(place).matchAll(/`([a-z_.]+)`/g)].map((match) => match[1]!).toSorted();
  expect(named('distributed')).toEqual(Object.keys(distributed).toSorted());
  expect(named('reference')).toEqual(reference.toSorted());
  expect(named('coordinator')).toEqual(local.toSorted());
  for (const name of Object.keys({ ...constraintsThatGo, ...triggersThatGo })) expect(text).toContain(`\`${name}\``);
});
