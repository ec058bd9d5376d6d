/**
 * What the README says of other servers: DATABASE_URL may name a PostgreSQL 15, and a role there that is no superuser is enough. The whole job,
 * from a deposit to the verification of the log, over HTTP on such a server; and a second start on what the first has left.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { asAdmin } from '../../src/database/migrate.js';
import { tour } from '../../src/demo/tour.js';
import { Progress } from '../../src/progress.js';
import { serve, type Served } from '../../src/serve.js';
import { aPostgres15, findPostgres15, type Postgres15 } from '../setup/a-postgres-15.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const bin = findPostgres15();
const reason = bin === null ? ` (not run: no package of it for ${process.platform}-${process.arch})` : '';
const onPostgres15 = bin === null ? test.skip : test;

let server: Postgres15 | undefined;
let directory: string;
let served: Served | undefined;

beforeAll(async () => {
  if (bin === null) return;
  directory = await aTemporaryDirectory();
  await mkdir(join(directory, 'city'), { mode: 0o700 });
  server = await aPostgres15(bin);
});
afterAll(async () => {
  await served?.stop();
  await server?.stop();
  if (bin !== null) await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<Served> {
  const config = readConfig({
    ...{ DATABASE_URL: server!.databaseUrl, AZUKARI_DIRECTORY: join(directory, 'city'), PORT: '0' },
    ...{ AZUKARI_DEMO: '1', AZUKARI_DEMO_RESIDENTS: '10' },
  });
  served = await serve(config, new Progress({ write: () => undefined }));
  return served;
}

async function takeTour({ demo }: Served): Promise<string[]> {
  const results: string[] = [];
  await tour(demo!, ({ result }) => results.push(result));
  return results;
}

onPostgres15(`on PostgreSQL 15, by roles that are no superusers, the whole job is done${reason}`, async () => {
  const results = await takeTour(await start());
  expect(results).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\d+ records; receipt verified at index \d+$/),
      'withdrawn',
      'refused: consent-withdrawn',
      expect.stringMatching(/^\d+ entries, every hash recomputed, nothing missing$/),
    ]),
  );
  const { rows } = await asAdmin(server!.databaseUrl, (client) =>
    client.query<{ version: string; mighty: string[] }>(
      `SELECT current_setting('server_version_num')::integer / 10000 AS version, ARRAY(SELECT DISTINCT usename::text FROM pg_stat_activity
         JOIN pg_roles ON rolname = usename WHERE datname LIKE 'minatono%' AND rolsuper) AS mighty`,
    ),
  );
  expect(rows).toEqual([{ version: 15, mighty: [] }]);
});

onPostgres15(`started again there, the service takes up the same city and its log${reason}`, async () => {
  const { log } = served!.demo!;
  await served!.stop();
  const again = await start();
  expect(again.service.isFounding).toBe(false);
  expect(again.demo!.log).toMatchObject({ origin: log.origin, vkey: log.vkey });
  expect((await takeTour(again)).at(-1)).toMatch(/nothing missing$/);
});
