/** Migrations: however many nodes start at once, each migration runs once, and a failed one leaves nothing behind. */
import { randomBytes } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asAdmin, createDatabaseIfMissing, migrate } from '../../src/database/migrate.js';
import { urlForDatabase } from '../../src/database/roles.js';
import { requireTestCluster } from '../setup/test-cluster.js';

class First0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE run (name text)');
    await runner.query("INSERT INTO run VALUES ('first')");
    await runner.query('SELECT pg_sleep(0.05)');
  }
  async down(): Promise<void> {}
}

class Second0000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("INSERT INTO run VALUES ('second')");
  }
  async down(): Promise<void> {}
}

class Broken0000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("INSERT INTO run VALUES ('broken')");
    await runner.query('SELECT 1 / 0');
  }
  async down(): Promise<void> {}
}

const admin = requireTestCluster().adminUrl;
const made: string[] = [];

async function anEmptyDatabase(): Promise<string> {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  await createDatabaseIfMissing(admin, name);
  made.push(name);
  return urlForDatabase(admin, name);
}

afterAll(() =>
  asAdmin(admin, async (client) => {
    for (const name of made) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }),
);

const runs = async (url: string) =>
  (await asAdmin(url, (client) => client.query('SELECT name FROM run'))).rows.map((row: { name: string }) => row.name);

test('eight nodes that start at once run each migration once, and each of them finds it done', async () => {
  const adminUrl = await anEmptyDatabase();
  const migrations = [First0000000000001, Second0000000000002];
  const eight = Array.from({ length: 8 }, () => migrate({ adminUrl, migrations, lockName: 'test' }));
  const ran = await Promise.all(eight);
  expect(ran.filter((names) => names.length > 0)).toEqual([['First0000000000001', 'Second0000000000002']]);
  expect(await runs(adminUrl)).toEqual(['first', 'second']);
});

test('a later start runs what is new and nothing else', async () => {
  const adminUrl = await anEmptyDatabase();
  expect(await migrate({ adminUrl, migrations: [First0000000000001], lockName: 'test' })).toEqual([
    'First0000000000001',
  ]);
  const both = [First0000000000001, Second0000000000002];
  expect(await migrate({ adminUrl, migrations: both, lockName: 'test' })).toEqual(['Second0000000000002']);
  expect(await migrate({ adminUrl, migrations: both, lockName: 'test' })).toEqual([]);
});

test('a database of another edition is refused in one sentence, and nothing of it is touched', async () => {
  const adminUrl = await anEmptyDatabase();
  const first = { adminUrl, migrations: [First0000000000001], lockName: 'test' };
  await migrate({ ...first, edition: 2 });
  expect(await migrate({ ...first, edition: 2 })).toEqual([]);
  const both = { ...first, migrations: [First0000000000001, Second0000000000002] };
  await expect(migrate({ ...both, edition: 3 })).rejects.toMatchObject({ code: 'other-version' });
  expect(await runs(adminUrl)).toEqual(['first']);
});

test('a database from before there were editions is of another one', async () => {
  const adminUrl = await anEmptyDatabase();
  const first = { adminUrl, migrations: [First0000000000001], lockName: 'test' };
  await migrate(first);
  await expect(migrate({ ...first, edition: 2 })).rejects.toMatchObject({ code: 'other-version' });
});

test('a migration that fails leaves nothing of itself, keeps those before it, and holds no lock', async () => {
  const adminUrl = await anEmptyDatabase();
  const migrations = [First0000000000001, Second0000000000002, Broken0000000000003];
  await expect(migrate({ adminUrl, migrations, lockName: 'test' })).rejects.toThrow('division by zero');
  expect(await runs(adminUrl)).toEqual(['first', 'second']);
  await expect(migrate({ adminUrl, migrations, lockName: 'test', waitMs: 1000 })).rejects.toThrow('division by zero');
});

test('waiting for another node that does not finish has an end', async () => {
  const adminUrl = await anEmptyDatabase();
  await asAdmin(adminUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtextextended('test', 0))");
    await expect(migrate({ adminUrl, migrations: [], lockName: 'test', waitMs: 100 })).rejects.toThrow('lock timeout');
    await expect(migrate({ adminUrl, migrations: [], lockName: 'another', waitMs: 100 })).resolves.toEqual([]);
  });
});

test('of eight who make one database, one makes it and all find it', async () => {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  made.push(name);
  const results = await Promise.all(Array.from({ length: 8 }, () => createDatabaseIfMissing(admin, name)));
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await createDatabaseIfMissing(admin, name)).toBe(false);
  await asAdmin(urlForDatabase(admin, name), (client) => client.query('SELECT 1'));
});

test('a database belongs to the owner it was made for', async () => {
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  made.push(name);
  await createDatabaseIfMissing(admin, name, 'pg_monitor');
  const { rows } = await asAdmin(admin, (client) =>
    client.query('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [name]),
  );
  expect(rows).toEqual([{ owner: 'pg_monitor' }]);
});
