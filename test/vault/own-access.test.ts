/** A resident looks at their own data, and takes it out: each time the log says so first, under their own tag, and nobody else gets it. */
import { setTimeout as pause } from 'node:timers/promises';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { openPool } from '../../src/database/pool.js';
import { type Receipt, verifyResidentReceipt, verifyReceipt } from '../../src/transparency-log/receipt.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { trustIn } from '../setup/a-log-reader.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let home: AtHome;
let program: AProgram;

beforeAll(async () => {
  town = await Town.open();
  home = await AtHome.of(town);
  program = await town.program();
});
afterAll(() => closeSoundly(town));

const post = ({ session }: DemoResident, path: string, body: object, base = town.base) =>
  town.http.ask(base, { method: 'POST', path: `/v1/me/${path}`, headers: { cookie: session }, body });
const look = (resident: DemoResident, category = 'activity.steps', base = town.base) =>
  post(resident, 'access', { category }, base);

interface Seen {
  place: { index: number };
  records: {
    category: string;
    date: string;
    supersededBy: number | null;
    data: Record<string, unknown>;
    sourceId: string;
  }[];
  receipt: Receipt;
}

test('a resident sees what was deposited about them, and the log has said so before, under their own tag', async () => {
  const resident = town.resident(0);
  const { pairwiseId: recipientsId } = await town.give(resident, program);
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 7654, '2026-02-03')]));
  const before = await town.logSize();
  const { records, receipt } = must(await look(resident)).json as unknown as Seen;
  expect(records).toContainEqual(
    expect.objectContaining({
      ...{ category: 'activity.steps', date: '2026-02-03', sourceId: 'minatono-steps', supersededBy: null },
      data: expect.objectContaining({ body: expect.objectContaining({ step_count: { value: 7654, unit: 'steps' } }) }),
    }),
  );
  const lines = (await town.log()).slice(before);
  const [entry] = lines.filter(({ t }) => t === 'access');
  expect(entry).toMatchObject({ recipient: 'self', text: receipt.entry });
  // Nothing of what was seen stands in it, nor anything that a recipient knows.
  expect(Object.keys(JSON.parse(receipt.entry) as object)).toEqual(['v', 't', 'at', 'recipient', 'tag', 'commitment']);
  const { at, tag } = JSON.parse(receipt.entry) as { at: string; tag: string };
  const { pairwiseId } = JSON.parse(receipt.detail) as { pairwiseId: string };
  expect(tagOf(decodePairwiseId(pairwiseId)!, at)).toBe(tag);
  expect(pairwiseId).not.toBe(recipientsId);
  const trust = trustIn(town.demo.log);
  expect(verifyResidentReceipt(receipt, trust)).toMatchObject({ ok: true, entry: { t: 'access' } });
  // It is no proof of a provision.
  expect(verifyReceipt(receipt, trust)).toMatchObject({ ok: false, finding: { code: 'not-a-provision' } });
});

test('an export has every category, and what was replaced since', async () => {
  const resident = town.resident(1);
  const recordId = 'walk-2026-02-04';
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 1111, '2026-02-04', recordId)]));
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 2222, '2026-02-04', recordId)]));
  const { records, receipt } = must(await post(resident, 'export', {})).json as unknown as Seen;
  const { rows } = await town.admin.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM azukari.vault_record WHERE resident_id = $1',
    [resident.id],
  );
  expect(records).toHaveLength(rows[0]!.count);
  expect(new Set(records.map(({ category }) => category)).size).toBeGreaterThan(1);
  expect((JSON.parse(receipt.entry) as { t: string }).t).toBe('export');
  const looked = must(await look(resident)).json as unknown as Seen;
  expect(
    looked.records.every(({ category, supersededBy }) => category === 'activity.steps' && supersededBy === null),
  ).toBe(true);
});

test.each([
  ['a category of which nothing is kept', { category: 'tax.certificate' }, 'not-found'],
  ['no category', {}, 'missing-field'],
  ['two categories', { category: ['activity.steps'] }, 'wrong-type'],
  ['somebody else', { category: 'activity.steps', resident: 'x' }, 'unknown-field'],
])('%s is not looked at, and leaves no entry', async (_, body, code) => {
  const lines = await town.linesOf(async () => expect((await post(town.resident(2), 'access', body)).code).toBe(code));
  expect(lines).toEqual([]);
});

test('without a session of a resident nothing is shown', async () => {
  const board = { ...town.resident(0), session: town.demo.board[0]!.session };
  expect((await look(board)).code).toBe('forbidden');
  expect((await look({ ...town.resident(0), session: '' })).code).toBe('sign-in-required');
});

test('own accesses are in the list that is complete, and the check at home finds them', async () => {
  const resident = town.resident(3);
  must(await look(resident));
  must(await post(resident, 'export', {}));
  const uses = must(
    await town.http.ask(town.base, { path: '/v1/me/uses', headers: { cookie: resident.session } }),
  ).json;
  expect((uses.uses as { entry: { t: string } }[]).slice(0, 2).map(({ entry }) => entry.t)).toEqual([
    'export',
    'access',
  ]);
  await home.indexed();
  expect(await home.claimed(resident)).toMatchObject({ isProved: true, unlisted: [] });
  expect(await home.verifyFile(resident, await home.completenessFile(resident), { log: true })).toMatchObject({
    ...{ exitCode: 0, printed: expect.stringContaining('self') as string },
  });
});

test('whoever is erased between asking and reading gets nothing', async () => {
  const resident = town.resident(6);
  const size = await town.logSize();
  const asked: Promise<{ code: string | undefined }>[] = [];
  await town.whileNobodyPublishes(async () => {
    asked.push(look(resident));
    while ((await town.logSize()) === size) await pause(5);
    must(await post(resident, 'erasure', { confirm: 'erase-everything' }));
  });
  expect((await asked[0]!).code).toBe('sign-in-required');
});

test('many records come in pages, each once, and newest first', async () => {
  const resident = town.resident(7);
  const days = Array.from({ length: 28 }, (_, day) => `2025-01-${String(day + 1).padStart(2, '0')}`);
  const records = days.flatMap((day) => Array.from({ length: 20 }, (_, walk) => steps(resident, 100 + walk, day)));
  must(await town.deposit('minatono-steps', 'activity.steps', records));
  const seen = (must(await look(resident)).json as unknown as Seen).records.map(({ date }) => date);
  const { rows } = await town.admin.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM azukari.vault_record
     WHERE resident_id = $1 AND category = 'activity.steps' AND superseded_version IS NULL`,
    [resident.id],
  );
  expect(seen.length).toBeGreaterThan(560);
  expect(seen).toHaveLength(rows[0]!.count);
  expect(seen).toEqual(seen.toSorted().reverse());
});

test('whoever exports again and again is asked to wait, and that leaves no entry', async () => {
  const resident = town.resident(2);
  while ((await post(resident, 'export', {})).status === 200);
  const lines = await town.linesOf(async () => {
    expect((await post(resident, 'export', {})).code).toBe('rate-limited');
  });
  expect(lines).toEqual([]);
  must(await look(resident));
});

test('a record that does not open is said to be there, and the others are read', async () => {
  const resident = town.resident(3);
  await town.admin.query(
    `UPDATE azukari.vault_record SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1)
     WHERE (resident_id, id) = (SELECT resident_id, id FROM azukari.vault_record WHERE resident_id = $1 AND category = 'activity.steps'
       AND superseded_version IS NULL ORDER BY id LIMIT 1)`,
    [resident.id],
  );
  const { records } = must(await look(resident)).json as unknown as Seen;
  expect(records.filter(({ data }) => data === undefined)).toHaveLength(1);
  expect(records.length).toBeGreaterThan(1);
});

describe('whoever has taken over the service’s connection', () => {
  let pool: ReturnType<typeof openPool>;
  beforeAll(() => {
    pool = openPool({ url: town.city.databases.appUrl, size: 2, applicationName: 'captured' });
  });
  afterAll(() => pool.end());

  const sessionOf = async ({ id }: DemoResident) => {
    const { rows } = await town.admin.query<{ sha256: Buffer }>(
      'SELECT sha256 FROM azukari.session WHERE subject_id = $1',
      [id],
    );
    return rows[0]!.sha256;
  };
  const append = async (session: Buffer) => {
    const text = `SELECT idx FROM azukari.append_own_access($1, '{activity.steps}', '{9999}', false, sha256('x'), 'sealed')`;
    return (await pool.query<{ idx: number }>(text, [session])).rows[0]!.idx;
  };
  const redeem = (session: Buffer, idx: number) =>
    pool.query('SELECT * FROM azukari.redeem_own_access($1, $2, NULL, NULL)', [session, idx]);

  test('gets nothing before a checkpoint covers the entry, nor of an entry that is none', async () => {
    const session = await sessionOf(town.resident(4));
    await town.whileNobodyPublishes(async () => {
      await expect(redeem(session, await append(session))).rejects.toMatchObject({ code: 'AZ005' });
    });
    await expect(redeem(session, 0)).rejects.toMatchObject({ code: 'AZ005' });
  });

  test('gets nothing with another session than the one that asked, or with none', async () => {
    const [own, other] = [await sessionOf(town.resident(4)), await sessionOf(town.resident(5))];
    const idx = await append(own);
    await town.untilPublished(idx + 1);
    await expect(redeem(other, idx)).rejects.toMatchObject({ code: 'AZ005' });
    await expect(redeem(Buffer.alloc(32), idx)).rejects.toMatchObject({ code: 'AZ403' });
    await expect(append(Buffer.alloc(32))).rejects.toMatchObject({ code: 'AZ403' });
    expect((await redeem(own, idx)).rowCount).toBeGreaterThan(0);
  });

  test.each([
    ['a minute later', `granted_at = granted_at - interval '61 seconds'`],
    ['while the clock is set back', `granted_at = granted_at + interval '61 seconds'`],
  ])('gets nothing %s', async (_, change) => {
    const session = await sessionOf(town.resident(4));
    const idx = await append(session);
    await town.untilPublished(idx + 1);
    await town.admin.query(`UPDATE azukari.own_access SET ${change} WHERE entry_idx = $1`, [idx]);
    await expect(redeem(session, idx)).rejects.toMatchObject({ code: 'AZ005' });
  });

  test('gets nothing while the log is frozen, nor while the gate is shut', async () => {
    const session = await sessionOf(town.resident(4));
    const idx = await append(session);
    await town.untilPublished(idx + 1);
    const holder = await town.admin.connect();
    try {
      for (const [shut, code] of [
        [`UPDATE azukari.signer_state SET frozen_at = clock_timestamp(), freeze_reason = 'a test'`, 'AZ005'],
        [`UPDATE azukari.gate_state SET run = 'another'`, 'AZ007'],
      ] as const) {
        await holder.query('BEGIN');
        await holder.query(shut);
        await holder.query('SET LOCAL ROLE azukari_app');
        await expect(
          holder.query('SELECT * FROM azukari.redeem_own_access($1, $2, NULL, NULL)', [session, idx]),
        ).rejects.toMatchObject({ code });
        await holder.query('ROLLBACK');
      }
    } finally {
      holder.release();
    }
  });

  test('can pretend that a resident is signed in, and the resident sees it in the list that is complete', async () => {
    const resident = town.resident(5);
    const forged = Buffer.alloc(32, 5);
    await pool.query(
      `INSERT INTO azukari.session (sha256, subject_kind, subject_id, expires_at)
       VALUES ($1, 'resident', $2, clock_timestamp() + interval '1 hour')`,
      [forged, resident.id],
    );
    const idx = await append(forged);
    await town.untilPublished(idx + 1);
    expect((await redeem(forged, idx)).rowCount).toBeGreaterThan(0);
    const { json } = must(
      await town.http.ask(town.base, { path: '/v1/me/uses', headers: { cookie: resident.session } }),
    );
    expect((json.uses as { index: number; entry: { t: string } }[])[0]).toMatchObject({
      index: idx,
      entry: { t: 'access' },
    });
  });
});
