/** A resident's answers: giving some or all, refusing, withdrawing, answering anew; each once, each in the log, each with its receipt. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsentExpiry } from '../../src/consents/expiry.service.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import type { Answer } from '../setup/http-client.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
const steps = { purpose: 'care.prevention', category: 'activity.steps' };
const vitals = { purpose: 'care.prevention', category: 'health.vitals' };
const twoItems = {
  items: [
    { ...steps, fields: ['steps', 'time'] },
    { ...vitals, fields: ['blood-pressure', 'time'] },
  ],
};

beforeAll(async () => {
  town = await Town.open();
});
beforeEach(async () => {
  program = await town.program('hamakaze-clinic', twoItems);
});
afterAll(() => closeSoundly(town));

const as = (resident: DemoResident, path: string, language?: string): Promise<Answer> =>
  town.http.ask(town.base, {
    path: `/v1/consents${path}${language ? `?language=${language}` : ''}`,
    headers: { cookie: resident.session },
  });
const give = (items: object[] = [steps], more: object = {}) => ({
  program: program.id,
  decision: 'give',
  items,
  ...more,
});

async function consentsOf(resident: DemoResident) {
  const all = must(await as(resident, '')).json.consents as {
    id: string;
    program: string;
    state: string;
    items: object[];
    logIndex: number;
    endLogIndex: number | null;
  }[];
  return all.filter((consent) => consent.program === program.id);
}

test('giving is one active consent to exactly the items named, and one entry under the recipient’s tag', async () => {
  const resident = town.resident();
  const lines = await town.linesOf(async () => {
    const given = must(await town.answer(resident, give([vitals])), 201).json;
    expect(given).toMatchObject({ state: 'active', pairwiseId: expect.stringMatching(/^[\w-]{43}$/) as string });
    expect(await consentsOf(resident)).toMatchObject([
      { id: given.id, state: 'active', items: [vitals], logIndex: given.logIndex },
    ]);
  });
  const { pairwiseId } = (
    await town.admin.query<{ pairwiseId: Buffer }>(
      `SELECT pairwise_id AS "pairwiseId" FROM azukari.pairwise WHERE recipient_id = $1 AND resident_id = $2`,
      [program.recipient, resident.id],
    )
  ).rows[0]!;
  expect(lines).toMatchObject([
    {
      t: 'consent',
      state: 'active',
      recipient: program.recipient,
      program: program.id,
      version: 1,
      tag: tagOf(pairwiseId, lines[0]!.at as string),
    },
  ]);
});

test('refusing is recorded for the resident alone: the recipient’s name and tag are not on it', async () => {
  const resident = town.resident(1);
  const lines = await town.linesOf(async () => {
    expect(
      must(await town.answer(resident, { program: program.id, decision: 'refuse', items: [steps] }), 201).json,
    ).toMatchObject({ state: 'refused', pairwiseId: null });
  });
  expect(await consentsOf(resident)).toMatchObject([{ state: 'refused', items: [] }]);
  const { rows } = await town.admin.query<{ own: Buffer }>(
    `SELECT pairwise_id AS own FROM azukari.pairwise WHERE recipient_id = 'self' AND resident_id = $1`,
    [resident.id],
  );
  expect(lines).toMatchObject([
    { t: 'consent', state: 'refused', recipient: 'self', tag: tagOf(rows[0]!.own, lines[0]!.at as string) },
  ]);
});

test.each([
  ['no items', { items: [] }, 'unacceptable-items'],
  ['items left out', { items: undefined }, 'unacceptable-items'],
  ['no decision', { decision: undefined }, 'missing-field'],
])('nothing is consented to by saying nothing: %s', async (_what, change, code) => {
  const lines = await town.linesOf(async () => {
    expect((await town.answer(town.resident(), { ...give(), ...change })).code).toBe(code);
  });
  expect(lines).toEqual([]);
  expect((await consentsOf(town.resident())).filter(({ state }) => state === 'active')).toEqual([]);
});

test('withdrawing is one request with nothing in it; twice is once; the journal has it before the answer', async () => {
  const resident = town.resident();
  const { consentId, pairwiseId } = await town.give(resident, program);
  const answers: Answer[] = [];
  const lines = await town.linesOf(async () => {
    answers.push(must(await town.withdraw(resident, consentId)), must(await town.withdraw(resident, consentId)));
    const bare = await town.http.ask(town.base, {
      method: 'POST',
      path: `/v1/consents/${consentId}/withdrawal`,
      headers: { cookie: resident.session },
    });
    answers.push(must(bare));
  });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(lines).toMatchObject([
    { t: 'consent', state: 'withdrawn', tag: tagOf(decodePairwiseId(pairwiseId)!, lines[0]!.at as string) },
  ]);
  const journal = await readFile(join(town.city.directories.journalDirectory, 'withdrawals.ndjson'), 'utf8');
  expect(journal).toContain(`"consentId":"${consentId}"`);
  expect(await consentsOf(resident)).toMatchObject([{ state: 'withdrawn', endLogIndex: lines[0]!.index }]);
});

test('of ten withdrawals at once each is answered alike, and one stands in the log', async () => {
  const resident = town.resident();
  const { consentId } = await town.give(resident, program);
  const lines = await town.linesOf(async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => town.withdraw(resident, consentId)));
    expect(new Set(answers.map((answer) => must(answer).text)).size).toBe(1);
  });
  expect(lines.map(({ state }) => state)).toEqual(['withdrawn']);
});

test('a new answer takes the place of the old one in one step: at no time are there two, or none in between', async () => {
  const resident = town.resident();
  const first = await town.give(resident, program);
  const reader = await town.reader({ ...program, categories: ['activity.steps'] });
  const lines = await town.linesOf(async () => {
    const reads = Promise.all(Array.from({ length: 12 }, () => reader.outcome(first.pairwiseId)));
    await town.give(resident, program, [steps]);
    // What was granted under the old consent falls with it; what is asked afterwards stands.
    for (const outcome of await reads) expect([200, 'no-consent']).toContain(outcome);
    expect(await reader.outcome(first.pairwiseId)).toBe(200);
  });
  const [superseded, active] = lines.filter(({ t }) => t === 'consent');
  expect([superseded!.state, active!.state, active!.index - superseded!.index]).toEqual(['superseded', 'active', 1]);
  expect((await consentsOf(resident)).map(({ state, items }) => [state, items])).toEqual([
    ['active', [steps]],
    ['superseded', [steps, vitals]],
  ]);
  // The item left out is withdrawn with it.
  expect(await (await town.reader({ ...program, categories: ['health.vitals'] })).outcome(first.pairwiseId)).toBe(
    'no-consent',
  );
});

test('a superseded consent cannot be withdrawn any more, and withdrawing the new one ends everything', async () => {
  const resident = town.resident();
  const [first, second] = [await town.give(resident, program), await town.give(resident, program, [steps])];
  expect((await town.withdraw(resident, first.consentId)).code).toBe('conflict');
  must(await town.withdraw(resident, second.consentId));
  expect(await (await town.reader({ ...program, categories: ['activity.steps'] })).outcome(first.pairwiseId)).toBe(
    'consent-withdrawn',
  );
});

test('a consent in force is withdrawn, not refused', async () => {
  await town.give(town.resident(), program);
  expect((await town.answer(town.resident(), { program: program.id, decision: 'refuse' })).code).toBe('conflict');
  expect((await consentsOf(town.resident())).map(({ state }) => state)).toEqual(['active']);
});

test('the same answer sent again under one Idempotency-Key is one answer; another answer under it is refused', async () => {
  const resident = town.resident();
  const key = { 'idempotency-key': randomUUID() };
  const lines = await town.linesOf(async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => town.answer(resident, give(), key)));
    expect(new Set(answers.map((answer) => must(answer, 201).text)).size).toBe(1);
    expect((await town.answer(resident, give([vitals]), key)).code).toBe('idempotency-key-reused');
    // A key is its resident's own.
    expect((await town.answer(town.resident(1), give(), key)).status).toBe(201);
  });
  expect(lines.map(({ state }) => state)).toEqual(['active', 'active']);
});

test('what was shown is kept: the hash of the very notice, and an answer to an older one is a conflict', async () => {
  const resident = town.resident(5);
  const notice = must(await as(resident, `/notices/${program.id}`, 'en')).json as {
    sha256: string;
    version: number;
    language: string;
  };
  expect(notice.language).toBe('en');
  const japanese = must(await as(resident, `/notices/${program.id}`, 'ja')).json as { sha256: string };
  expect(japanese.sha256).not.toBe(notice.sha256);
  const lines = await town.linesOf(async () => {
    // Shown in one language, answered as if in the other; and a notice nobody was shown.
    for (const noticeSha256 of [japanese.sha256, '0'.repeat(64)]) {
      expect((await town.answer(resident, give([steps], { language: 'en', noticeSha256 }))).code).toBe('conflict');
    }
  });
  expect(lines).toEqual([]);
  const { id: consentId } = must(
    await town.answer(resident, give([steps], { language: 'en', noticeSha256: notice.sha256 })),
    201,
  ).json;
  const { rows } = await town.admin.query(
    `SELECT encode(notice_sha256, 'hex') AS sha256, notice_locale AS locale FROM azukari.consent WHERE id = $1`,
    [consentId],
  );
  expect(rows).toEqual([{ sha256: notice.sha256, locale: 'en' }]);
});

test('another resident’s consent is not there: not to read, not its receipt, not to withdraw', async () => {
  const { consentId } = await town.give(town.resident(2), program);
  const stranger = town.resident(3);
  const missing = await as(stranger, `/${randomUUID()}`);
  for (const path of [`/${consentId}`, `/${consentId}/receipt`]) {
    expect((await as(stranger, path)).text).toBe(missing.text);
  }
  const lines = await town.linesOf(async () =>
    expect((await town.withdraw(stranger, consentId)).code).toBe('not-found'),
  );
  expect(lines).toEqual([]);
  expect((await consentsOf(town.resident(2))).map(({ state }) => state)).toEqual(['active']);
  expect(await consentsOf(stranger)).toEqual([]);
});

test('who is below the program’s minimum age is not consenting: the policy says so, and so does the database', async () => {
  for (const minor of [town.minor(17), town.minor(9)]) {
    const answer = await town.answer(minor, give());
    expect([answer.status, answer.code]).toEqual([403, 'policy-forbids']);
    expect(answer.json.reasons).toMatchObject([{ rule: 'below-the-minimum-age' }]);
  }
  const values = [
    town.minor(17).id,
    randomUUID(),
    program.id,
    1,
    'active',
    ['care.prevention/activity.steps'],
    new Date(Date.now() + 86_400_000),
  ];
  const bytes = Buffer.alloc(32, 8);
  await expect(
    town.city.service.pool.query(
      `SELECT azukari.give_consent($1, $2, $3, $4, $5, $6, $7, $8, 'ja', 'consent/1', 'x', $8, $8, $8, $8)`,
      [...values, bytes],
    ),
  ).rejects.toMatchObject({ code: 'AZ422' });
  const openToYoung = await town.program('hamakaze-clinic', { minimumAge: 16 });
  expect((await town.give(town.minor(17), openToYoung)).pairwiseId).toHaveLength(43);
  expect((await town.answer(town.minor(9), { program: openToYoung.id, decision: 'give', items: [steps] })).code).toBe(
    'policy-forbids',
  );
});

test('a consent whose time is over is marked and logged once, and was refused at the door before that', async () => {
  const resident = town.resident(4);
  const { consentId, pairwiseId } = await town.give(resident, program);
  const reader = await town.reader({ ...program, categories: ['activity.steps'] });
  await town.admin.query(
    `UPDATE azukari.consent SET given_at = given_at - interval '1 day', ends_at = clock_timestamp() WHERE id = $1`,
    [consentId],
  );
  expect(await reader.outcome(pairwiseId)).toBe('consent-expired');
  const expiry = town.city.service.app.get(ConsentExpiry);
  const lines = await town.linesOf(async () => {
    await Promise.all([expiry.sweep(), expiry.sweep()]);
  });
  expect(lines).toMatchObject([
    { t: 'consent', state: 'expired', tag: tagOf(decodePairwiseId(pairwiseId)!, lines[0]!.at as string) },
  ]);
  expect(await reader.outcome(pairwiseId)).toBe('consent-expired');
  expect(await consentsOf(resident)).toMatchObject([{ state: 'expired' }]);
});
