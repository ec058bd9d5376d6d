/** Promise 10: The product has no private door for the operator: staff access needs two people and a reason, and the resident sees it. */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { verifyResidentReceipt } from '../../src/transparency-log/receipt.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { trustIn } from '../setup/a-log-reader.js';
import { explanation, Staff } from '../setup/a-staff.js';
import { type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let staff: Staff;
beforeAll(async () => {
  town = await Town.open();
  staff = new Staff(town);
});
afterAll(() => closeSoundly(town));

const get = (path: string, cookie: string) => town.http.ask(town.base, { path, headers: { cookie } });

interface Look {
  records: { category: string; date: string; data: unknown }[];
  entry: string;
}

interface Use {
  index: number;
  entry: { t: string; recipient: string; reason?: string };
  detail: Record<string, unknown>;
}

async function usesOf({ session }: DemoResident): Promise<Use[]> {
  return must(await get('/v1/me/uses', session)).json.uses as Use[];
}

test('what one asked for and another approved is shown, after the log has said so under the unit, and the resident reads who and why', async () => {
  const resident = town.resident(0);
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 4321, '2026-02-03')]));
  const id = await staff.approved(resident);
  const before = await town.logSize();
  const { records, entry } = must(await staff.look(0, id)).json as unknown as Look;
  expect(records.some(({ data }) => JSON.stringify(data).includes('4321'))).toBe(true);
  expect(new Set(records.map(({ category }) => category))).toEqual(new Set(['activity.steps']));
  const [line] = (await town.log(before)).filter(({ t }) => t === 'staff');
  expect(line).toMatchObject({ text: entry, recipient: 'op:resident-desk', categories: ['activity.steps'] });
  expect(line).toMatchObject({ reason: 'inquiry' });
  // Neither the resident, nor who of the staff, nor what they wrote stands in it.
  for (const secret of [resident.id, resident.login, 'staff-', explanation]) expect(entry).not.toContain(secret);
  const [use] = await usesOf(resident);
  expect(use).toMatchObject({
    index: line!.index,
    entry: { t: 'staff', recipient: 'op:resident-desk', reason: 'inquiry' },
    detail: { askedBy: 'staff-kuroda', approvedBy: 'staff-nagai', explanation },
  });
  const receipt = must(await get(`/v1/me/uses/${use!.index}/receipt`, resident.session)).json;
  expect(verifyResidentReceipt(receipt, trustIn(town.demo.log))).toMatchObject({ ok: true, entry: { t: 'staff' } });
  const { pairwiseId } = use!.detail as { pairwiseId: string };
  expect(tagOf(decodePairwiseId(pairwiseId)!, String(line!.at))).toBe(line!.tag);
});

test('the public count and the resident’s page say so', async () => {
  const resident = town.resident(1);
  const id = await staff.approved(resident);
  must(await staff.look(0, id));
  const page = (await get('/my/uses?lang=ja', resident.session)).text;
  for (const words of ['職員による閲覧', 'みなと野市 データ相談窓口', '黒田 千夏', '永井 拓海', explanation]) {
    expect(page).toContain(words);
  }
  const front = (await get('/?lang=en', '')).text;
  expect(front).toMatch(/Staff access<\/dt><dd><span class="counts-value">[1-9]/);
});

test.each<[string, number, (id: string) => Promise<unknown>]>([
  ['to who asked, before anybody else has approved it', 0, async () => undefined],
  ['to who asked, once it was refused', 0, async (id) => must(await staff.decide(1, id, 'refuse'))],
  ['to who approved it', 2, async (id) => must(await staff.decide(2, id, 'approve'))],
])('nothing is shown %s; that they tried stands in the log, and the resident sees it', async (_, who, change) => {
  const resident = town.resident(2);
  const id = await staff.ask(0, resident);
  await change(id);
  const lines = await town.linesOf(async () => expect((await staff.look(who, id)).code).toBe('forbidden'));
  const { unit, id: triedBy } = town.demo.staff[who]!;
  expect(lines).toMatchObject([{ t: 'refusal', recipient: unit, reason: 'staff-access-not-approved' }]);
  const [use] = await usesOf(resident);
  expect(use).toMatchObject({ index: lines[0]!.index, detail: { triedBy } });
  const { pairwiseId } = use!.detail as { pairwiseId: string };
  expect(tagOf(decodePairwiseId(pairwiseId)!, String(lines[0]!.at))).toBe(lines[0]!.tag);
  expect((await get('/my/uses?lang=ja', resident.session)).text).toContain('開こうとしました');
});

test('nobody approves what they asked for themselves, and nobody decides twice', async () => {
  const id = await staff.ask(0, town.resident(2));
  expect((await staff.decide(0, id, 'approve')).code).toBe('forbidden');
  must(await staff.decide(1, id, 'approve'));
  expect((await staff.decide(2, id, 'refuse')).code).toBe('conflict');
  expect((await staff.decide(2, id, 'approve')).code).toBe('conflict');
});

test('a refusal stands in the log under the unit, and the resident sees who asked', async () => {
  const resident = town.resident(3);
  const id = await staff.ask(0, resident);
  const [line] = await town.linesOf(async () => must(await staff.decide(1, id, 'refuse')));
  expect(line).toMatchObject({ t: 'refusal', recipient: 'op:resident-desk', reason: 'staff-access-refused' });
  const [use] = await usesOf(resident);
  expect(use).toMatchObject({ index: line!.index, detail: { askedBy: 'staff-kuroda', refusedBy: 'staff-nagai' } });
  expect((await get('/my/uses?lang=en', resident.session)).text).toContain(
    'another member of staff did not approve it',
  );
});

test('the list of what staff saw is complete, also for a unit that never asked, and the check at home proves it', async () => {
  const home = await AtHome.of(town);
  const resident = town.resident(4);
  must(await staff.look(0, await staff.approved(resident)));
  await home.indexed();
  expect(await home.claimed(resident)).toMatchObject({ isProved: true, unlisted: [], foreign: [] });
  const file = await home.completenessFile(resident);
  const verdict = await home.verifyFile(resident, file, { log: true });
  expect(verdict).toMatchObject({ exitCode: 0 });
  for (const unit of ['op:resident-desk', 'op:data-office']) expect(verdict.printed).toContain(unit);
});

test('an operator who leaves a look out of what the resident is shown is found out', async () => {
  const home = await AtHome.of(town);
  const resident = town.resident(5);
  must(await staff.look(0, await staff.approved(resident)));
  const [use] = await usesOf(resident);
  await town.admin.query('DELETE FROM azukari.entry_detail WHERE resident_id = $1 AND idx = $2', [
    ...[resident.id, use!.index],
  ]);
  await home.indexed();
  expect(await home.claimed(resident)).toMatchObject({ unlisted: [{ log: null, index: use!.index }] });
});

test('no resident, board member or stranger gets in by the staff’s door', async () => {
  const id = await staff.approved(town.resident(2));
  for (const [cookie, code] of [
    [town.resident(2).session, 'forbidden'],
    [town.demo.board[0]!.session, 'forbidden'],
    ['', 'sign-in-required'],
  ] as const) {
    const path = `/v1/staff/requests/${id}/look`;
    const answer = await town.http.ask(town.base, { method: 'POST', path, headers: { cookie }, body: {} });
    expect(answer.code).toBe(code);
  }
});
