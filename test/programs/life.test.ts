/** The life of a program: drafted by its recipient, checked by machine, decided by the board, suspended and resumed; each step once and in the log. */
import { randomUUID } from 'node:crypto';
import { tourApplication } from '../../src/demo/tour-application.js';
import { hashCanonicalJson } from '../../src/kernel/canonical-json.js';
import type { Application } from '../../src/programs/application.js';
import type { Answer } from '../setup/http-client.js';
import { type ARecipient } from '../setup/a-recipient.js';
import { because, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let clinic: ARecipient;
let token: string;

beforeAll(async () => {
  town = await Town.open();
  clinic = town.recipient('hamakaze-clinic');
  token = await clinic.token(town.base, 'application');
});
afterAll(() => closeSoundly(town));

function applicationWith(terms: Partial<Application['terms']> = {}, words: Partial<Application> = {}): Application {
  const own = tourApplication();
  return { ...own, ...words, terms: { ...own.terms, ...terms } };
}

const ask = (method: string, path: string, body?: object): Promise<Answer> =>
  clinic.ask(town.base, token, method, `/v1/programs${path}`, body);
const look = (path: string): Promise<Answer> => town.http.ask(town.base, { path: `/v1/programs${path}` });

async function draft(application = applicationWith()): Promise<string> {
  return must(await ask('POST', '', application), 201).json.id as string;
}

async function inReview(): Promise<string> {
  const id = await draft();
  must(await ask('POST', `/${id}/submission`));
  return id;
}

const statusOf = async (id: string) =>
  (
    await town.admin.query<{ status: string }>('SELECT status FROM azukari.program WHERE id = $1 ORDER BY version', [
      id,
    ])
  ).rows.map(({ status }) => status);

test('from draft to active: each step is an entry, and the decision’s digest is that of the record', async () => {
  const lines = await town.linesOf(async () => {
    const id = await inReview();
    expect(must(await town.board(`programs/${id}/decision`, { decision: 'approve' })).json).toMatchObject({
      id,
      version: 1,
      status: 'active',
    });
    const { decisions } = must(await look(`/${id}`)).json as { decisions: object[] };
    expect(decisions).toMatchObject([{ version: 1, decision: 'approve', reason: because.reason }]);
    const { rows } = await town.admin.query<{ record: unknown; terms: unknown }>(
      `SELECT d.record, p.application -> 'terms' AS terms FROM azukari.program_decision d JOIN azukari.program p ON p.id = d.program_id WHERE p.id = $1`,
      [id],
    );
    expect(decisions).toMatchObject([{ record: hashCanonicalJson(rows[0]!.record).toString('hex') }]);
    const log = await town.log();
    expect(log.at(-1)).toMatchObject({
      decision: hashCanonicalJson(rows[0]!.record).toString('hex'),
      terms: hashCanonicalJson(rows[0]!.terms).toString('hex'),
    });
  });
  expect(lines.map(({ t, status }) => `${t} ${String(status)}`)).toEqual(
    ['submitted', 'in_review', 'approved', 'active'].map((status) => `program ${status}`),
  );
});

test('a draft is its recipient’s own: nobody else reads, changes or submits it', async () => {
  const id = await draft();
  const other = town.recipient('minatono-university');
  const otherToken = await other.token(town.base, 'application');
  const byOther = (method: string, path: string, body?: object) =>
    other.ask(town.base, otherToken, method, `/v1/programs${path}`, body);
  const missing = await byOther('POST', '/p-nowhere/submission');
  expect((await byOther('POST', `/${id}/submission`)).text).toBe(missing.text);
  expect((await byOther('PUT', `/${id}`, applicationWith())).code).toBe('not-found');
  expect((await look(`/${id}`)).code).toBe('not-found');
  expect((await look('')).text).not.toContain(id);
  expect(await statusOf(id)).toEqual(['draft']);
});

test('a draft is replaced as often as its recipient likes, and leaves no entry; what is submitted is no longer changed', async () => {
  const lines = await town.linesOf(async () => {
    const id = await draft();
    const title = { ja: '歩く会', en: 'Walking together' };
    expect(must(await ask('PUT', `/${id}`, applicationWith({}, { title }))).json).toMatchObject({
      id,
      version: 1,
      status: 'draft',
      title,
    });
    expect(await statusOf(id)).toEqual(['draft']);
  });
  expect(lines).toEqual([]);
  for (const id of [await inReview(), (await town.program()).id]) {
    expect((await ask('PUT', `/${id}`, applicationWith())).code).toBe('conflict');
    expect((await ask('POST', `/${id}/submission`)).code).toBe('conflict');
  }
});

test('what the machine checks find keeps a draft from the board, and is told with its place', async () => {
  const id = await draft(
    applicationWith(
      { retentionDays: 36_000 },
      { explanation: { ja: '歩数などを見ます。', en: 'We look at steps etc.' } },
    ),
  );
  const answer = await ask('POST', `/${id}/submission`);
  expect([answer.status, answer.code]).toEqual([422, 'unacceptable-program']);
  const codes = (answer.json.findings as { code: string; path: string }[]).map(({ code, path }) => `${code} ${path}`);
  expect(codes).toEqual(
    expect.arrayContaining(['retention-too-long terms.retentionDays', 'vague-word explanation.ja']),
  );
  expect(await statusOf(id)).toEqual(['draft']);
});

test('the policy keeps a forbidden use from the board', async () => {
  const shop = town.recipient('isobe-mart');
  const shopToken = await shop.token(town.base, 'application');
  const application = applicationWith({
    items: [{ purpose: 'retail.personalised-offer', category: 'health.checkup', fields: ['results'] }],
  });
  const { id } = must(await shop.ask(town.base, shopToken, 'POST', '/v1/programs', application), 201).json;
  const answer = await shop.ask(town.base, shopToken, 'POST', `/v1/programs/${String(id)}/submission`);
  expect(answer.code).toBe('unacceptable-program');
});

test('returned, a program gets its next version, and the first stays as it was', async () => {
  const id = await inReview();
  must(await town.board(`programs/${id}/decision`, { decision: 'return' }));
  expect(must(await ask('PUT', `/${id}`, applicationWith({ retentionDays: 30 }))).json).toMatchObject({
    id,
    version: 2,
    status: 'draft',
  });
  must(await ask('POST', `/${id}/submission`));
  must(await town.board(`programs/${id}/decision`, { decision: 'approve' }));
  expect(await statusOf(id)).toEqual(['returned', 'active']);
  const lines = (await town.log()).filter(({ program }) => program === id);
  expect(lines.map(({ version, status }) => `${String(version)} ${String(status)}`)).toEqual([
    '1 submitted',
    '1 in_review',
    '1 returned',
    '2 submitted',
    '2 in_review',
    '2 approved',
    '2 active',
  ]);
  expect(lines[0]!.terms).not.toBe(lines[3]!.terms);
});

test.each([
  ['a draft', () => draft(), 'approve'],
  ['one decided before', async () => (await town.program()).id, 'refuse'],
  [
    'one refused',
    async () => {
      const id = await inReview();
      must(await town.board(`programs/${id}/decision`, { decision: 'refuse' }));
      return id;
    },
    'approve',
  ],
])('the board decides on what is in review, not on %s', async (_what, make, decision) => {
  const id = await make();
  const before = await town.stored();
  expect((await town.board(`programs/${id}/decision`, { decision })).code).toBe('conflict');
  expect(await town.stored()).toEqual(before);
});

test('of two members who decide at once, one decides', async () => {
  const id = await inReview();
  const headers = (number: number) => ({ cookie: town.demo.board[number]!.session });
  const lines = await town.linesOf(async () => {
    const answers = await Promise.all(
      (['approve', 'refuse'] as const).map((decision, number) =>
        town.http.ask(town.base, {
          method: 'POST',
          path: `/v1/programs/${id}/decision`,
          headers: headers(number),
          body: { decision, ...because },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
  expect([['approved', 'active'], ['refused']]).toContainEqual(lines.map(({ status }) => status));
  const { rows } = await town.admin.query('SELECT FROM azukari.program_decision WHERE program_id = $1', [id]);
  expect(rows).toHaveLength(1);
});

test('a member with an interest in the recipient is recused', async () => {
  const member = town.demo.board[1]!;
  await town.admin.query(`UPDATE azukari.board_member SET interests = '{hamakaze-clinic}' WHERE id = $1`, [member.id]);
  const id = await inReview();
  const answer = await town.http.ask(town.base, {
    method: 'POST',
    path: `/v1/programs/${id}/decision`,
    headers: { cookie: member.session },
    body: { decision: 'approve', ...because },
  });
  expect([answer.status, answer.code]).toEqual([403, 'forbidden']);
  expect(await statusOf(id)).toEqual(['in_review']);
});

test('suspended twice is suspended once; resumed it is as before; what was never active is neither', async () => {
  const { id } = await town.program();
  const lines = await town.linesOf(async () => {
    for (const step of ['suspension', 'suspension', 'resumption', 'resumption'])
      must(await town.board(`programs/${id}/${step}`));
  });
  expect(lines.map(({ status }) => status)).toEqual(['suspended', 'active']);
  const waiting = await inReview();
  for (const step of ['suspension', 'resumption'])
    expect((await town.board(`programs/${waiting}/${step}`)).code).toBe('conflict');
  expect((await town.board('programs/p-nowhere/suspension')).code).toBe('not-found');
});

test('a suspended recipient hands in nothing; its drafts wait', async () => {
  const id = await draft();
  must(await town.board('recipients/hamakaze-clinic/suspension'));
  expect((await ask('POST', `/${id}/submission`)).code).toBe('conflict');
  must(await town.board('recipients/hamakaze-clinic/resumption'));
  must(await ask('POST', `/${id}/submission`));
});

test('an application sent again under one Idempotency-Key is one draft', async () => {
  const path = '/v1/programs';
  const key = randomUUID();
  const post = (application: Application) =>
    town.http.ask(town.base, {
      method: 'POST',
      path,
      headers: { authorization: `DPoP ${token}`, dpop: clinic.proof('POST', path, token), 'idempotency-key': key },
      body: application,
    });
  const application = applicationWith();
  const answers = await Promise.all([post(application), post(application), post(application)]);
  const ids = new Set(answers.map((answer) => must(answer, 201).json.id));
  expect(ids.size).toBe(1);
  expect((await post(applicationWith({ periodDays: 30 }))).code).toBe('idempotency-key-reused');
});
