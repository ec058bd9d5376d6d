/** Keys of residents lie wrapped in the key store, each bound to its resident and its use. */
import { join } from 'node:path';
import type { Pool } from 'pg';
import { FileKeyProvider } from '../../src/database/key-provider.js';
import { openPool } from '../../src/database/pool.js';
import { newUuid } from '../../src/kernel/ids.js';
import { UnsealError } from '../../src/kernel/sealed-box.js';
import { ageBandAt, ageBandOf } from '../../src/residents/age-band.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let city: FreshCity;
let pool: Pool;
let admin: Pool;
let directory: string;

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.keysUrl, size: 2, applicationName: 'keys test' });
  admin = openPool({ url: city.keysAdminUrl, size: 1, applicationName: 'keys test admin' });
  directory = await aTemporaryDirectory();
});
afterAll(async () => {
  await pool.end();
  await admin.end();
  await city.drop();
});

const aService = async () => new ResidentKeysService(pool, await FileKeyProvider.open(join(directory, 'kek')));

test('keys once made are found again by another node, and are independent of each other', async () => {
  const id = newUuid();
  const made = (await (await aService()).create([id])).get(id)!;
  const found = await (await aService()).require(id);
  expect(found.identifierKey.equals(made.identifierKey)).toBe(true);
  expect(found.dataKey.secret.equals(made.dataKey.secret)).toBe(true);
  expect(made.identifierKey.equals(made.dataKey.secret)).toBe(false);
});

test('what lies in the key store is not the key', async () => {
  const id = newUuid();
  const { identifierKey } = (await (await aService()).create([id])).get(id)!;
  const { rows } = await admin.query('SELECT * FROM azukari_keys.resident_key WHERE resident_id = $1', [id]);
  const wrapped = (rows[0] as { identifier_key_wrapped: Buffer }).identifier_key_wrapped;
  expect(wrapped.length).toBeGreaterThan(32);
  expect(wrapped.includes(identifierKey.export())).toBe(false);
});

test('wrapped keys of two residents, or of two uses, cannot be swapped', async () => {
  const [left, right] = [newUuid(), newUuid()];
  await (await aService()).create([left, right]);
  await admin.query(
    `UPDATE azukari_keys.resident_key k SET data_key_wrapped = other.data_key_wrapped FROM azukari_keys.resident_key other
     WHERE k.resident_id = $1 AND other.resident_id = $2`,
    [left, right],
  );
  await expect((await aService()).require(left)).rejects.toThrow(UnsealError);
  await admin.query(
    'UPDATE azukari_keys.resident_key SET identifier_key_wrapped = data_key_wrapped WHERE resident_id = $1',
    [right],
  );
  await expect((await aService()).require(right)).rejects.toThrow(UnsealError);
});

test('with another key-encryption key nothing opens', async () => {
  const id = newUuid();
  await (await aService()).create([id]);
  const stranger = new ResidentKeysService(pool, await FileKeyProvider.open(join(directory, 'other-kek')));
  await expect(stranger.require(id)).rejects.toThrow(UnsealError);
});

test('the role of the city’s database cannot sign in to the key store', async () => {
  const url = new URL(city.appUrl);
  url.pathname = new URL(city.keysUrl).pathname;
  const foreign = openPool({ url: url.href, size: 1, applicationName: 'keys test' });
  await expect(foreign.query('SELECT 1')).rejects.toMatchObject({ code: '42501' });
  await foreign.end();
});

test.each([
  ['2010-11-22', 'child', '2026-11-22'],
  ['2010-11-21', 'young', '2028-11-21'],
  ['2008-11-22', 'young', '2026-11-22'],
  ['2008-11-21', 'adult', null],
  ['1950-02-28', 'adult', null],
])('who was born on %s is %s on 2026-11-21, until %s', (birthDate, ageBand, ageBandUntil) => {
  expect(ageBandOf(birthDate, '2026-11-21')).toEqual({ ageBand, ageBandUntil });
});

test.each([
  ['2010-11-22', '2026-11-21T14:59:59Z', 'child'],
  ['2010-11-22', '2026-11-21T15:00:00Z', 'young'],
  ['2010-11-22', '2028-11-21T14:59:59Z', 'young'],
  ['2010-11-22', '2028-11-21T15:00:00Z', 'adult'],
  ['2008-11-22', '2030-01-01T00:00:00Z', 'adult'],
])(
  'who was born on %s and registered on 2026-11-20 is at %s %s, though nobody wrote it down',
  (birthDate, now, band) => {
    expect(ageBandAt(ageBandOf(birthDate, '2026-11-20'), new Date(now))).toBe(band);
  },
);
