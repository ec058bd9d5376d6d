/** A resident looks at their own data, and takes it out: each time the log says so first, under their own tag, and nobody else gets it. */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { openPool } from '../../src/database/pool.js';
import { type Receipt, verifyOwnReceipt, verifyReceipt } from '../../src/transparency-log/receipt.js';
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
  expect(verifyOwnReceipt(receipt, trust)).toMatchObject({ ok: true, entry: { t: 'access' } });
  // It is no proof of a provision.
  expect(verifyReceipt(receipt, trust)).toMatchObject({ ok: false, finding: { code: 'not-a-provision' } });
});

test('taking out gives every category, and what was replaced since', async () => {
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

describe('whoever has taken over the service’s connection', () => {
  const asApp = async <T>(work: (pool: ReturnType<typeof openPool>) => Promise<T>): Promise<T> => {
    const pool = openPool({ url: town.city.databases.appUrl, size: 2, applicationName: 'captured' });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  };
  const append = `SELECT idx FROM azukari.append_own_access($1, '{activity.steps}', '{9}', false, sha256('x'), 'sealed')`;
  const sessionOf = async ({ id }: DemoResident) => {
    const { rows } = await town.admin.query<{ sha256: Buffer }>(
      'SELECT sha256 FROM azukari.session WHERE subject_id = $1',
      [id],
    );
    return rows[0]!.sha256;
  };

  test.each([
    ['before a checkpoint covers its entry', 'AZ005', (idx: number) => idx + 1_000_000],
    ['of an entry that is none', 'AZ404', () => 0],
  ])('gets nothing %s', async (_, code, of) => {
    await asApp(async (pool) => {
      const session = await sessionOf(town.resident(4));
      const { rows } = await pool.query<{ idx: number }>(append, [session]);
      await expect(
        pool.query('SELECT * FROM azukari.redeem_own_access($1, $2)', [session, of(rows[0]!.idx)]),
      ).rejects.toMatchObject({ code });
    });
  });

  test('gets nothing with another session than the one that asked, or with none', async () => {
    await asApp(async (pool) => {
      const [own, other] = [await sessionOf(town.resident(4)), await sessionOf(town.resident(5))];
      const { rows } = await pool.query<{ idx: number }>(append, [own]);
      await town.untilPublished(rows[0]!.idx + 1);
      const redeem = (session: Buffer) =>
        pool.query('SELECT * FROM azukari.redeem_own_access($1, $2)', [session, rows[0]!.idx]);
      await expect(redeem(other)).rejects.toMatchObject({ code: 'AZ404' });
      await expect(redeem(Buffer.alloc(32))).rejects.toMatchObject({ code: 'AZ403' });
      await expect(pool.query(append, [Buffer.alloc(32)])).rejects.toMatchObject({ code: 'AZ403' });
      expect((await redeem(own)).rowCount).toBeGreaterThan(0);
      // Once.
      await expect(redeem(own)).rejects.toMatchObject({ code: 'AZ404' });
    });
  });
});
