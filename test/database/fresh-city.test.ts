/** The test bed itself: a copied city must be what a migrated one is, or every other test proves less than it says. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { cityMigrations } from '../../migrations/city/list.js';
import { keyMigrations } from '../../migrations/keys/list.js';
import { asAdmin, createDatabaseIfMissing, migrate, type MigrationClass } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { urlForDatabase } from '../../src/database/roles.js';
import { dumpSchema } from '../../src/database/schema-dump.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

let city: FreshCity;

beforeAll(async () => {
  city = await aFreshCity();
});

async function schemaOf(url: string): Promise<string> {
  const pool = openPool({ url, size: 1, applicationName: 'fresh city test' });
  try {
    return await dumpSchema(pool);
  } finally {
    await pool.end();
  }
}

test.each([
  ['city', cityMigrations, () => city.adminUrl],
  ['key store', keyMigrations, () => city.keysAdminUrl],
] as const)(
  'a copied %s database has the schema and the rights of one migrated in place',
  async (_kind, migrations, url) => {
    const name = `in_place_${randomBytes(6).toString('hex')}`;
    const adminUrl = urlForDatabase(url(), name);
    await createDatabaseIfMissing(url(), name);
    try {
      await migrate({ adminUrl, migrations: migrations as readonly MigrationClass[], lockName: 'fresh city test' });
      expect(await schemaOf(url())).toBe(await schemaOf(adminUrl));
    } finally {
      await asAdmin(city.adminUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    }
  },
);

test('each of its URLs signs in, and none does after it is dropped', async () => {
  const urls = [city.adminUrl, city.appUrl, city.signerUrl, city.auditorUrl, city.keysUrl, city.keysAdminUrl];
  const clients = urls.map((connectionString) => new Client({ connectionString }));
  for (const client of clients) {
    client.on('error', () => undefined);
    await client.connect();
  }
  await city.drop();
  await Promise.all(clients.map((client) => client.end()));
  for (const connectionString of urls) {
    await expect(new Client({ connectionString }).connect()).rejects.toMatchObject({ code: '3D000' });
  }
});
