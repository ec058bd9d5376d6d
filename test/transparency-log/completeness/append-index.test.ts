/** The index as the database computes and appends it: held against the verifier's own computation, and appended once whoever asks. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { openPool } from '../../../src/database/pool.js';
import { sha256, utf8 } from '../../../src/kernel/bytes.js';
import { checkLog } from '../../../src/transparency-log/check-log.js';
import { verifyIndexProof } from '../../../src/transparency-log/completeness/index-proof.js';
import { readIndexProofs, readRanges } from '../../../src/transparency-log/completeness/index-store.js';
import { lastNight } from '../../../src/transparency-log/completeness/nightly.js';
import { aFreshCity, type FreshCity } from '../../setup/fresh-database.js';
import { aProvision, minute, opening, publish, readerOf, trust } from '../a-log.js';
import { formatEntry } from '../entry-writer.js';

let city: FreshCity;
let admin: Pool;
let app: Pool;

beforeAll(async () => {
  city = await aFreshCity();
  admin = openPool({ url: city.adminUrl, size: 2, applicationName: 'test superuser' });
  app = openPool({ url: city.appUrl, size: 8, applicationName: 'test app' });
});
afterAll(async () => {
  await app.end();
  await admin.end();
  await city.drop();
});

/** A log of each test's own. */
beforeEach(async () => {
  await admin.query(`TRUNCATE azukari.log_entry, azukari.index_range, azukari.index_leaf, azukari.index_tile, azukari.city, azukari.city_log CASCADE;
    INSERT INTO azukari.city_log (base, origin) VALUES (0, 'city.example/log/2026');
    UPDATE azukari.log_state SET size = 0; UPDATE azukari.signer_state SET frozen_at = NULL, freeze_reason = NULL;
    ALTER TABLE azukari.log_entry DROP CONSTRAINT IF EXISTS leaf_hash_is_of_the_entry`);
});

const append = async (lines: readonly string[]): Promise<void> => {
  await admin.query('SELECT azukari.write_entries(azukari.lock_log(), $1)', [lines]);
};
const appendIndex = async (unlessSince: Date | null = null, pool = app) =>
  (await pool.query<{ entry: number | null }>('SELECT azukari.append_index($1) AS entry', [unlessSince])).rows[0]!
    .entry;
const appendRollup = async () =>
  (await app.query<{ entry: number | null }>('SELECT azukari.append_rollup() AS entry')).rows[0]!.entry;

async function log(): Promise<string[]> {
  return (await admin.query<{ entry: string }>('SELECT entry FROM azukari.log_entry ORDER BY idx')).rows.map(
    ({ entry }) => entry,
  );
}

/** As an auditor finds it, but for the times: the test dates its entries as it likes, the database by the clock. */
async function findings(): Promise<string[]> {
  const { findings: all } = await checkLog(readerOf(publish(await log())), trust);
  return all.filter(({ code }) => !code.startsWith('time-')).map(({ code, place }) => `${code} at ${place}`);
}

/** Provisions with these tags, of which two bytes differ. */
const provisions = (tags: readonly number[], at = minute(1)) =>
  tags.map((number) =>
    formatEntry({ ...aProvision(1, at), tag: number.toString(16).padStart(4, '0').padEnd(64, '5') }),
  );
const tagBytes = (number: number) => Buffer.from(number.toString(16).padStart(4, '0').padEnd(64, '5'), 'hex');

test.each([0, 1, 2, 3, 255, 256, 257, 511, 513, 1000])(
  'with %i tags, root, leaves and tiles are those that the verifier computes, and every tag is proved or denied',
  async (count) => {
    const tags = Array.from({ length: count }, (_, position) => ((position * 7919) % 4096) * 2 + 1);
    await append([...opening(), ...provisions([...tags, ...tags.slice(0, 3)])]);
    expect(await appendIndex()).toBe(5 + count + Math.min(count, 3));
    expect(await findings()).toEqual([]);

    const [range] = await readRanges(app, 0);
    expect(range).toMatchObject({ from: 0, to: 5 + count + Math.min(count, 3), n: count });
    const wanted = [
      ...new Set([
        ...tags.slice(0, 40),
        ...tags.slice(-3),
        0,
        4096,
        60_000,
        ...tags.slice(0, 20).map((tag) => tag + 1),
      ]),
    ];
    const proofs = await readIndexProofs(app, range!, wanted.map(tagBytes));
    for (const [position, tag] of wanted.entries()) {
      const indices = [...tags, ...tags.slice(0, 3)].flatMap((other, place) => (other === tag ? [5 + place] : []));
      expect(verifyIndexProof(tagBytes(tag), proofs[position]!, range!)).toEqual({ ok: true, indices });
    }
  },
);

test('indexes of a log that grows follow one another, whatever is in it', async () => {
  await append(opening());
  const stretches = fc.array(fc.array(fc.nat(30), { maxLength: 20 }), { minLength: 1, maxLength: 6 });
  for (const tags of fc.sample(stretches, { numRuns: 5, seed: 7 }).flat()) {
    await append(provisions(tags.length > 0 ? tags : [1]));
    await appendIndex();
  }
  expect(await findings()).toEqual([]);
});

test('of many who ask at once for the index of this night one appends it; asked again it is not due', async () => {
  await append([...opening(), ...provisions([1, 2])]);
  await admin.query(
    `INSERT INTO azukari.city (name_ja, name_en, municipality_code, operator_kind, board_mode, policy, demo, founded_at)
    VALUES ('x', 'x', '990019', 'city', 'binding', $1, true, '2026-11-01')`,
    ['0'.repeat(64)],
  );
  const night = new Date('2026-11-02T18:00:00Z');
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => appendIndex(night)));
  expect(outcomes.filter((entry) => entry !== null)).toEqual([7]);
  expect(await appendIndex(night)).toBeNull();
  // Asked without a condition, each that finds something new appends it, and never the same.
  await Promise.all(Array.from({ length: 6 }, () => appendIndex()));
  expect(await findings()).toEqual([]);
  expect((await log()).filter((line) => line.includes('"t":"index"'))).toHaveLength(7);
});

/** What the clock of the database says when nobody leaps. */
const fromNow = (ms: number) => new Date(Date.now() + ms);
const hourMs = 3_600_000;

test('a clock that once was ten years ahead does not end the indexes, though entries bear its time until it is reached', async () => {
  await append([...opening(), ...provisions([1, 2])]);
  expect(await appendIndex(fromNow(-hourMs))).toBe(7);
  // Both written while the clock stood ten years further: an entry, and the index of that night.
  await append(provisions([3], '2036-11-26T00:00Z'));
  expect(await appendIndex()).toBe(9);
  await admin.query(
    `UPDATE azukari.index_range SET appended_at = appended_at + interval '10 years' WHERE entry_idx = 9`,
  );
  await append(provisions([4], '2036-11-26T00:00Z'));
  expect(await appendIndex(fromNow(-hourMs))).toBe(11);
  expect(await appendIndex(fromNow(-hourMs))).toBeNull();
  expect(JSON.parse((await log())[11]!)).toMatchObject({ t: 'index', at: '2036-11-26T00:00Z', from: 9, to: 11 });
  // A day later the next one is due.
  await admin.query(`UPDATE azukari.index_range SET appended_at = appended_at - interval '1 day'`);
  expect(await appendIndex(fromNow(-hourMs))).toBe(12);
});

test('a node whose clock is a day or a year ahead has one index a day appended, not one at every look', async () => {
  await append([...opening(), ...provisions([1, 2])]);
  for (const aheadMs of [24 * hourMs, 365 * 24 * hourMs]) {
    await admin.query(`UPDATE azukari.index_range SET appended_at = appended_at - interval '25 hours'`);
    expect(await appendIndex(fromNow(aheadMs))).not.toBeNull();
    expect(await appendIndex(fromNow(aheadMs))).toBeNull();
    expect(await appendIndex(fromNow(aheadMs))).toBeNull();
  }
});

test('a process that is killed while it appends leaves nothing behind, and the next one appends the same', async () => {
  await append([...opening(), ...provisions([1, 2])]);
  const dying = openPool({ url: city.appUrl, size: 1, applicationName: 'dying' });
  const client = await dying.connect();
  client.on('error', () => undefined);
  await client.query('BEGIN; SELECT azukari.append_index(NULL)');
  const waiting = appendIndex();
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dying'`);
  expect(await waiting).toBe(7);
  expect(await readRanges(app, 0)).toHaveLength(1);
  expect(await findings()).toEqual([]);
  client.release(true);
  await dying.end();
});

test('a month is rolled up once it is over and wholly indexed, beside its indexes', async () => {
  const december = minute(30 * 24 * 60);
  await append([...opening(), ...provisions([1, 2, 1])]);
  await appendIndex();
  await append(provisions([3, 1], december));
  await datedIndex(8, minute(2));
  expect(await appendRollup()).toBeNull();
  await appendIndex();
  expect(JSON.parse((await log())[11]!)).toMatchObject({ t: 'index', from: 8, to: 11 });
  await datedIndex(11, december);
  const rollup = await appendRollup();
  expect(JSON.parse((await log())[rollup!]!)).toMatchObject({ t: 'rollup', from: 0, to: 9, n: 2 });
  expect(await appendRollup()).toBeNull();
  expect(await findings()).toEqual([]);
});

/** The database dates its entries by the clock of the machine; this one is made to belong where it stands. */
async function datedIndex(index: number, at: string): Promise<void> {
  await admin.query(
    `UPDATE azukari.log_entry SET entry = regexp_replace(entry, '"at":"[^"]*"', '"at":"${at}"') WHERE idx = $1`,
    [index],
  );
}

test('indexes that stand in the log and not in the table, as after a restore, are taken up before the next is appended', async () => {
  await append([...opening(), ...provisions([1, 2, 1])]);
  await appendIndex();
  await append(provisions([4]));
  await appendIndex();
  const before = await readRanges(app, 0);
  await admin.query('DELETE FROM azukari.index_range; DELETE FROM azukari.index_leaf; DELETE FROM azukari.index_tile');
  await append(provisions([5]));
  expect(await appendIndex()).toBe(12);
  expect((await readRanges(app, 0)).slice(0, 2)).toEqual(before);
  expect(await readRanges(app, 0)).toHaveLength(3);
  expect(await findings()).toEqual([]);
});

test('beside an index in the log that does not follow from it none is appended', async () => {
  await append([...opening(), ...provisions([1, 2, 1])]);
  const root = sha256(utf8('wrong')).toString('base64');
  await append([formatEntry({ v: 1, t: 'index', at: minute(2), from: 0, to: 8, n: 2, root })]);
  await expect(appendIndex()).rejects.toThrow('the index at entry 8 does not follow from the log');
});

test('a frozen log is not indexed', async () => {
  await append(opening());
  await admin.query(`SELECT azukari.freeze_log('for a test')`);
  await expect(appendIndex()).rejects.toMatchObject({ code: 'AZ005' });
});

test.each([
  ['2026-11-26T17:59:59Z', '2026-11-25T18:00:00Z'],
  ['2026-11-26T18:00:00Z', '2026-11-26T18:00:00Z'],
  ['2026-11-27T02:00:00Z', '2026-11-26T18:00:00Z'],
])('at %s the last night was at three o’clock in Japan, %s', (now, night) => {
  expect(lastNight(new Date(now))).toEqual(new Date(night));
});
