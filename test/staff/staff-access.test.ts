/** What staff may and may not do, one mistake or attack after the other; also by whoever has taken over the service's own connection to the database. */
import { setTimeout as pause } from 'node:timers/promises';
import { openPool } from '../../src/database/pool.js';
import { cookieValue } from '../../src/http/session-cookie.js';
import { SessionsService } from '../../src/http/sessions.service.js';
import { dismissStaff } from '../../src/staff/staff-register.js';
import { StaffSweeper } from '../../src/staff/staff-sweeper.service.js';
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

const request = (resident: DemoResident) => ({
  ...{ resident: resident.login, categories: ['activity.steps'], reason: 'inquiry', explanation },
});

test.each<[string, Record<string, unknown>, number, string]>([
  ['a resident who is not known', { resident: 'nobody.here' }, 404, 'not-found'],
  ['a category that does not exist', { categories: ['tax.everything'] }, 400, 'unknown-category'],
  ['no category', { categories: [] }, 400, 'invalid-request'],
  ['a category twice', { categories: ['activity.steps', 'activity.steps'] }, 400, 'invalid-request'],
  ['a reason that the policy does not know', { reason: 'curiosity' }, 400, 'invalid-request'],
  ['an explanation that explains nothing', { explanation: 'short' }, 400, 'invalid-request'],
  ['a field that is not known', { urgent: true }, 400, 'unknown-field'],
  ['the name of a field instead of a list', { categories: 'activity.steps' }, 400, 'wrong-type'],
])('%s is refused with a code, and nothing is kept', async (_, change, status, code) => {
  const before = await town.stored();
  const answer = await staff.send(0, '', { ...request(town.resident(0)), ...change });
  expect([answer.status, answer.code]).toEqual([status, code]);
  expect(await town.stored()).toEqual(before);
});

test.each(['decision', 'look'])('a %s about what was never asked for is not found', async (act) => {
  const body = act === 'decision' ? { decision: 'approve' } : {};
  for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%00']) {
    expect((await staff.send(1, `/${id}/${act}`, body)).code).toMatch(/^(not-found|invalid-request)$/);
  }
});

test('what may not be held is not held in an explanation either', async () => {
  const number = '123456789018';
  const body = { ...request(town.resident(0)), explanation: `本人の個人番号は ${number} とのことです。` };
  must(await staff.send(0, '', body), 201);
  const [asked] = await staff.list();
  expect(asked!.explanation).not.toContain(number);
  expect(asked!.explanation).toContain('（削除）');
});

test('everybody of the staff sees that something was asked for and how it was decided; about whom, who asked, who decided, and who may decide', async () => {
  const resident = town.resident(1);
  const waiting = await staff.ask(0, resident);
  const shownTo = async (who: number, id: string) => (await staff.list(who)).find((one) => one.id === id);
  for (const who of [0, 1, 2]) {
    expect(await shownTo(who, waiting)).toMatchObject({ state: 'waiting', login: resident.login, explanation });
  }
  must(await staff.decide(1, waiting, 'approve'));
  const decided = { state: 'approved', askedBy: 'staff-kuroda', decidedBy: 'staff-nagai' };
  for (const who of [0, 1]) {
    expect(await shownTo(who, waiting)).toMatchObject({ ...decided, login: resident.login, explanation });
  }
  expect(await shownTo(2, waiting)).toMatchObject({ ...decided, login: null, explanation: null, categories: [] });
});

test('an explanation that is nothing but a number that may not be held explains nothing', async () => {
  for (const explanation of ['123456789018', '123456\u200b789018', '\u200b'.repeat(20)]) {
    expect((await staff.send(0, '', { ...request(town.resident(0)), explanation })).code).toBe('invalid-request');
  }
});

test('what cannot be read is not approved', async () => {
  const id = await staff.ask(0, town.resident(0));
  await changeRequest(
    id,
    `sealed_explanation = set_byte(sealed_explanation, 30, get_byte(sealed_explanation, 30) # 1)`,
  );
  expect((await staff.decide(1, id, 'approve')).code).toBe('conflict');
  must(await staff.decide(1, id, 'refuse'));
});

test('only current records of the categories that were asked for are shown', async () => {
  const resident = town.resident(1);
  const recordId = 'walk-2026-03-04';
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 1111, '2026-03-04', recordId)]));
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 2222, '2026-03-04', recordId)]));
  const id = await staff.approved(resident, ['activity.steps', 'profile.contact']);
  const { records } = must(await staff.look(0, id)).json as unknown as { records: { category: string }[] };
  expect(new Set(records.map(({ category }) => category))).toEqual(new Set(['activity.steps', 'profile.contact']));
  expect(JSON.stringify(records)).toContain('2222');
  expect(JSON.stringify(records)).not.toContain('1111');
});

test('what is deposited at the moment of a look is shown, or looked for again: what the entry says is what was there', async () => {
  const resident = town.resident(1);
  const id = await staff.approved(resident);
  const deposits = Array.from({ length: 6 }, (_, place) =>
    town.deposit('minatono-steps', 'activity.steps', [steps(resident, 5000 + place, '2026-04-04')]),
  );
  const looks = await Promise.all([staff.look(0, id), staff.look(0, id)]);
  await Promise.all(deposits);
  const uses = must(await town.http.ask(town.base, { path: '/v1/me/uses', headers: { cookie: resident.session } }));
  for (const { status, code, json } of looks) {
    if (code === 'conflict') continue;
    expect(status).toBe(200);
    const { place, records } = json as unknown as { place: { index: number }; records: { version: number }[] };
    const use = (uses.json.uses as { index: number; detail: { versions: Record<string, number> } }[]).find(
      ({ index }) => index === place.index,
    );
    const newest = Math.max(...records.map(({ version }) => version));
    expect(use!.detail.versions['activity.steps']).toBe(newest);
  }
});

test('a request approved at the very moment of a look: either it came too late for the look, or it is shown, or to be looked at again', async () => {
  const id = await staff.ask(0, town.resident(1));
  const before = await town.logSize();
  const [look] = await Promise.all([staff.look(0, id), staff.decide(1, id, 'approve')]);
  const written = { 200: ['staff'], 403: ['refusal'], 409: [] }[look.status];
  expect((await town.log(before)).map(({ t }) => t)).toEqual(written);
});

test('what is looked at twice stands in the log twice', async () => {
  const id = await staff.approved(town.resident(1));
  const lines = await town.linesOf(async () => {
    must(await staff.look(0, id));
    must(await staff.look(0, id));
  });
  expect(lines.filter(({ t }) => t === 'staff')).toHaveLength(2);
});

const changeRequest = (id: string, change: string) =>
  town.admin.query(`UPDATE azukari.staff_access SET ${change} WHERE id = $1`, [id]);

test.each([
  ['an hour later', `decided_at = decided_at - interval '61 minutes'`],
  ['while the clock is set back', `decided_at = decided_at + interval '1 minute'`],
])('what was approved is shown no more %s', async (_, change) => {
  const id = await staff.approved(town.resident(1));
  await changeRequest(id, change);
  const lines = await town.linesOf(async () => expect((await staff.look(0, id)).code).toBe('forbidden'));
  expect(lines).toMatchObject([{ t: 'refusal', reason: 'staff-access-not-approved' }]);
});

test('what nobody decides within a day is to be asked for again', async () => {
  const id = await staff.ask(0, town.resident(1));
  await changeRequest(id, `asked_at = asked_at - interval '25 hours'`);
  for (const decision of ['approve', 'refuse'] as const) {
    expect((await staff.decide(1, id, decision)).code).toBe('conflict');
  }
  expect((await staff.list()).find((one) => one.id === id)).toMatchObject({ state: 'lapsed' });
});

test('two who decide at once: one is heard, and the log says the same', async () => {
  const id = await staff.ask(0, town.resident(1));
  const lines = await town.linesOf(async () => {
    const answers = await Promise.all([staff.decide(1, id, 'approve'), staff.decide(2, id, 'refuse')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
  const { state } = (await staff.list()).find((one) => one.id === id)!;
  expect(lines.map(({ t }) => t)).toEqual(state === 'refused' ? ['refusal'] : []);
});

test('a look whose resident is erased meanwhile shows nothing, and nothing of the requests is left', async () => {
  const resident = town.resident(6);
  const id = await staff.approved(resident);
  const size = await town.logSize();
  const looking: Promise<{ code: string | undefined }>[] = [];
  await town.whileNobodyPublishes(async () => {
    looking.push(staff.look(0, id));
    while ((await town.logSize()) === size) await pause(5);
    const headers = { cookie: resident.session };
    const body = { confirm: 'erase-everything' };
    must(await town.http.ask(town.base, { method: 'POST', path: '/v1/me/erasure', headers, body }));
  });
  expect((await looking[0]!).code).toBe('not-found');
  const { rows } = await town.admin.query(
    'SELECT FROM azukari.staff_access WHERE resident_id = $1 UNION ALL SELECT FROM azukari.staff_look WHERE resident_id = $1',
    [resident.id],
  );
  expect(rows).toEqual([]);
  expect((await staff.list()).find((one) => one.id === id)).toBeUndefined();
});

test('requests are forgotten after a month; what the resident reads of them stays', async () => {
  const resident = town.resident(2);
  const id = await staff.approved(resident);
  must(await staff.look(0, id));
  await changeRequest(id, `asked_at = asked_at - interval '31 days', decided_at = decided_at - interval '31 days'`);
  expect(await town.city.service.app.get(StaffSweeper, { strict: false }).sweep()).toBe(1);
  expect((await town.admin.query('SELECT FROM azukari.staff_access WHERE id = $1', [id])).rowCount).toBe(0);
  const uses = must(await town.http.ask(town.base, { path: '/v1/me/uses', headers: { cookie: resident.session } }));
  expect((uses.json.uses as { detail: object }[])[0]!.detail).toMatchObject({ askedBy: 'staff-kuroda', explanation });
});

test('before a checkpoint covers the entry nothing is shown', async () => {
  const id = await staff.approved(town.resident(2));
  const looking: Promise<{ status: number }>[] = [];
  const size = await town.logSize();
  await town.whileNobodyPublishes(async () => {
    looking.push(staff.look(0, id));
    while ((await town.logSize()) === size) await pause(5);
    expect(await Promise.race([looking[0], pause(300, 'nothing yet')])).toBe('nothing yet');
  });
  expect((await looking[0]!).status).toBe(200);
});

describe('whoever leaves the staff', () => {
  let signer: ReturnType<typeof openPool>;
  beforeAll(() => {
    signer = openPool({ url: town.city.databases.signerUrl, size: 1, applicationName: 'operator' });
  });
  afterAll(() => signer.end());

  test('sees nothing more, and what they approved is approved no more', async () => {
    const resident = town.resident(4);
    const [waiting, byThem] = [await staff.ask(0, resident), await staff.ask(0, resident)];
    must(await staff.decide(2, byThem, 'approve'));
    await dismissStaff(signer, town.demo.staff[2]!.id);
    expect((await staff.decide(2, waiting, 'approve')).code).toBe('sign-in-required');
    // Nor with a session that they get afterwards.
    const again = await town.city.service.app
      .get(SessionsService, { strict: false })
      .create('staff', 'staff-hosokawa', 60);
    const headers = { cookie: cookieValue(again) };
    expect((await town.http.ask(town.base, { path: '/v1/staff/requests', headers })).code).toBe('sign-in-required');
    expect((await town.http.ask(town.base, { path: '/sign-in' })).text).not.toContain('staff:staff-hosokawa');
    expect((await staff.look(0, byThem)).code).toBe('forbidden');
    // Nor is it shown any more that the others could.
    expect((await staff.list()).find(({ id }) => id === byThem)).toMatchObject({ state: 'over' });
    // Their name stays in what they did.
    expect((await staff.list()).find(({ id }) => id === byThem)).toMatchObject({ decidedBy: 'staff-hosokawa' });
  });
});

test('a unit that would know the resident by an id that is not made from their key is named on their page', async () => {
  const resident = town.resident(5);
  const change = `UPDATE azukari.resident SET units_key = sha256(units_key) WHERE id = $1`;
  const { rows } = await town.admin.query('SELECT units_key FROM azukari.resident WHERE id = $1', [resident.id]);
  const foreign = async () =>
    must(await town.http.ask(town.base, { path: '/v1/me/completeness', headers: { cookie: resident.session } })).json
      .foreign;
  expect(await foreign()).toEqual([]);
  await town.admin.query(change, [resident.id]);
  expect(await foreign()).toEqual(['op:data-office', 'op:resident-desk']);
  await town.admin.query('UPDATE azukari.resident SET units_key = $2 WHERE id = $1', [
    ...[resident.id, (rows[0] as { units_key: Buffer }).units_key],
  ]);
});

test('whoever asks without end is told to wait: first for the others, then for a while', async () => {
  const resident = town.resident(5);
  const codes = new Set<string | undefined>();
  for (let attempt = 0; attempt < 100 && !codes.has('rate-limited'); attempt += 1) {
    codes.add((await staff.send(1, '', request(resident))).code);
  }
  expect([...codes]).toEqual([undefined, 'conflict', 'rate-limited']);
  const waiting = (await staff.list(0)).filter(
    ({ askedBy, state }) => askedBy === 'staff-nagai' && state === 'waiting',
  );
  expect(waiting).toHaveLength(20);
});
