/** Staff at their pages: one asks, another approves, the first looks; each step by the forms that stand on the page, in both languages. */
import { explanation } from '../setup/a-staff.js';
import { Town } from '../setup/a-town.js';
import { filled, formOf, textOf, Visitor } from './a-visitor.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

const staff = (who: number) => new Visitor(town.base, town.demo.staff[who]!.session);
const idOf = (html: string) => /aria-labelledby="request-([0-9a-f-]{36})"/.exec(html)![1]!;

async function ask(who: number, answers: Record<string, string | readonly string[]>) {
  const visitor = staff(who);
  const { html } = await visitor.open('/staff?lang=ja');
  return visitor.send(filled(formOf(html, '/staff'), answers));
}

const complete = () => ({
  ...{ resident: town.resident(0).login, category: ['activity.steps', 'health.checkup'] },
  ...{ reason: 'data-error', explanation },
});

test('what one asks for another approves on the page, and then it is shown, record by record, with the entry that says so', async () => {
  expect(await ask(0, complete())).toMatchObject({ status: 303, location: '/staff' });
  const own = (await staff(0).open('/staff?lang=ja')).html;
  const id = idOf(own);
  expect(textOf(own)).toContain('ほかの職員の承認を待っています。');
  expect(own).not.toContain(`/staff/${id}/decision`);
  const other = staff(1);
  const { html } = await other.open('/staff?lang=ja');
  expect(textOf(html)).toContain(explanation);
  await other.send(filled(formOf(html, `/${id}/decision`), { decision: 'approve' }));
  const asker = staff(0);
  const approved = (await asker.open('/staff?lang=ja')).html;
  const shown = await asker.send(formOf(approved, `/${id}/look`));
  expect(shown.status).toBe(200);
  expect(shown.headers.get('cache-control')).toContain('no-store');
  const places = ['id="category-activity.steps"', 'id="category-health.checkup"', 'あなたがこのデータを見たことは'];
  expect(places.filter((words) => !shown.html.includes(words))).toEqual([]);
  const english = await asker.open('/staff?lang=en');
  expect(textOf(english.html)).toContain('Approved (can be looked at)');
});

test.each<[string, Record<string, string | readonly string[]>, string]>([
  ['a name that nobody signs in with', { resident: 'nobody.here' }, 'このサインイン名の住民は登録されていません。'],
  ['no category', { category: [] }, 'データ区分と理由を選び'],
  ['no reason', { reason: '' }, 'データ区分と理由を選び'],
  ['hardly an explanation', { explanation: '短い' }, 'データ区分と理由を選び'],
])('%s is told beside what was written, and nothing is lost', async (_, change, words) => {
  const answer = await ask(0, { ...complete(), ...change });
  expect(answer.status).toBe(422);
  expect(textOf(answer.html)).toContain(words);
  expect(answer.html).toContain(change.explanation === undefined ? explanation : '短い');
});

test('who decides on a request that was decided meanwhile is told so', async () => {
  await ask(0, complete());
  const [one, other] = [staff(1), staff(2)];
  const [{ html }, second] = await Promise.all([one.open('/staff?lang=en'), other.open('/staff?lang=en')]);
  const decision = `/${idOf(html)}/decision`;
  await one.send(filled(formOf(html, decision), { decision: 'refuse' }));
  const answer = await other.send(filled(formOf(second.html, decision), { decision: 'approve' }));
  expect([answer.status, textOf(answer.html)]).toEqual([422, expect.stringContaining('decided already')]);
});

test('a look without the page’s own token, or from elsewhere, shows nothing', async () => {
  await ask(0, complete());
  const other = staff(1);
  const { html } = await other.open('/staff?lang=en');
  const id = idOf(html);
  await other.send(filled(formOf(html, `/${id}/decision`), { decision: 'approve' }));
  const asker = staff(0);
  const form = formOf((await asker.open('/staff?lang=en')).html, `/${id}/look`);
  const lines = await town.linesOf(async () => {
    expect((await asker.send(filled(form, { csrf: undefined }))).status).toBe(403);
    expect((await asker.send(form, { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect(await asker.open(`/staff/${id}/look`)).toMatchObject({ status: 303, location: '/staff' });
  });
  expect(lines).toEqual([]);
});

test('signing in as staff leads to the staff’s page', async () => {
  const visitor = new Visitor(town.base);
  const { html } = await visitor.open('/sign-in?lang=ja');
  expect(textOf(html)).toContain('運営主体の職員');
  const answer = await visitor.send(filled(formOf(html, '/sign-in'), { login: 'staff:staff-nagai' }));
  expect(answer).toMatchObject({ status: 303, location: '/staff' });
  const { html: home } = await visitor.open('/?lang=ja');
  expect(textOf(home)).toContain('永井 拓海 さん（職員）');
});
