/** A source hands records over: authorised ones are sealed and counted in the log, bad ones are told one by one, and nothing good is lost. */
import { randomUUID } from 'node:crypto';
import { depositBodyBytesMax } from '../../src/http/limits.js';
import { recordsOf } from '../setup/a-reader.js';
import { type DemoResident, must, type NewRecord, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { send, type Sent } from '../setup/plain-request.js';
import { individualNumber } from './sample-numbers.js';

let town: Town;
let resident: DemoResident;
beforeAll(async () => {
  town = await Town.open();
  resident = town.resident();
});
afterAll(() => closeSoundly(town));

const source = (id = 'minatono-steps') => town.demo.sources.find((one) => one.id === id)!;
const deposit = (records: readonly NewRecord[], headers: Record<string, string> = {}) =>
  town.deposit('minatono-steps', 'activity.steps', records, headers);
const outcomesOf = (answer: { json: Record<string, unknown> }) =>
  (answer.json.items as { outcome: string }[]).map(({ outcome }) => outcome);
const linkOf = (one = resident, id = 'minatono-steps') =>
  source(id).residents.find(({ login }) => login === one.login)!.resident;

test('each item is answered in its place, and the good ones are stored whatever the others are', async () => {
  const good = steps(resident, 4_001, '2026-04-01');
  const items = [
    good,
    { ...steps(resident, 4_002, '2026-04-01'), data: { header: {}, body: { step_count: 'many' } } },
    steps(resident, 4_003, '2026-04-01', good.recordId),
    steps(town.resident(1), 4_004, '2026-04-01'),
  ].map(({ resident: one, recordId, date, data }) => ({ resident: linkOf(one), recordId, date, data }));
  items.push(
    { ...items[0]!, resident: Buffer.alloc(32, 1).toString('base64url') },
    { ...items[0]!, resident: 'nobody' },
  );
  const lines = await town.linesOf(async () => {
    const headers = { authorization: `Bearer ${source().token}` };
    const answer = must(
      await town.http.ask(town.base, {
        method: 'POST',
        path: '/v1/deposits',
        headers,
        body: { category: 'activity.steps', items },
      }),
    );
    expect(outcomesOf(answer)).toEqual([
      'stored',
      'invalid',
      'duplicate',
      'stored',
      'not-authorised',
      'not-authorised',
    ]);
    // Where it is wrong, and not what was there.
    expect(JSON.stringify(answer.json.items)).not.toContain('many');
  });
  expect(lines).toMatchObject([{ t: 'deposit', source: 'minatono-steps', category: 'activity.steps', count: 2 }]);
  expect(lines[0]!.text).not.toContain(resident.id);
});

test('delivered again unchanged, a record is not stored again; changed, it takes the place of the first', async () => {
  const record = steps(resident, 4_100, '2026-04-02');
  expect(outcomesOf(must(await deposit([record])))).toEqual(['stored']);
  const lines = await town.linesOf(async () => {
    const again = must(await deposit([record]));
    expect(outcomesOf(again)).toEqual(['unchanged']);
    expect(again.json.logIndex).toBeNull();
  });
  expect(lines).toEqual([]);
  expect(outcomesOf(must(await deposit([steps(resident, 4_101, '2026-04-02', record.recordId)])))).toEqual([
    'superseded',
  ]);
  const program = await town.program();
  const { pairwiseId } = await town.give(resident, program);
  const records = recordsOf(
    must(await (await town.reader(program)).read(pairwiseId, { from: '2026-04-02', to: '2026-04-03' })),
  );
  expect(records.map(({ data }) => (data.body as { step_count: { value: number } }).step_count.value)).toEqual([4_101]);
});

test('the same delivery under one Idempotency-Key, five times at once, is one delivery', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const records = [steps(resident, 4_200, '2026-04-03')];
  const lines = await town.linesOf(async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => deposit(records, key)));
    expect(new Set(answers.map((answer) => must(answer).text)).size).toBe(1);
    expect((await deposit([steps(resident, 4_201, '2026-04-03')], key)).code).toBe('idempotency-key-reused');
  });
  expect(lines.map(({ t }) => t)).toEqual(['deposit']);
});

test('deliveries about the same residents in opposite orders, at once, all arrive', async () => {
  const people = [0, 1, 2, 3, 4, 5].map((number) => town.resident(number));
  const delivery = (round: number) => {
    const records = people.map((one, number) => steps(one, 5_000 + round * 10 + number, '2026-04-04'));
    return deposit(round % 2 ? records : records.toReversed());
  };
  const answers = await Promise.all(Array.from({ length: 8 }, (_, round) => delivery(round)));
  expect(answers.flatMap((answer) => outcomesOf(must(answer)))).toEqual(Array.from({ length: 48 }, () => 'stored'));
});

test('without the resident’s authorisation nothing is taken, from the moment it ends', async () => {
  const { rows } = await town.admin.query<{ id: string }>('SELECT id FROM azukari.resident WHERE login = $1', [
    town.resident(5).login,
  ]);
  expect(outcomesOf(must(await deposit([steps(town.resident(5), 4_300, '2026-04-05')])))).toEqual(['stored']);
  await town.city.service.pool.query(
    `SELECT azukari.end_deposit_authorisation($1, 'minatono-steps', 'activity.steps')`,
    [rows[0]!.id],
  );
  const lines = await town.linesOf(async () => {
    expect(outcomesOf(must(await deposit([steps(town.resident(5), 4_301, '2026-04-05')])))).toEqual(['not-authorised']);
  });
  expect(lines).toEqual([]);
});

test('what is stored is sealed: neither the count nor the source’s name for the record is in the database', async () => {
  const record = steps(resident, 987_654, '2026-04-06', 'a name of my own');
  must(await deposit([record]));
  const { rows } = await town.admin.query<{ row: string; sealed: Buffer }>(
    `SELECT r::text AS row, sealed FROM azukari.vault_record r WHERE on_date = '2026-04-06'`,
  );
  expect(rows).toHaveLength(1);
  for (const text of ['987654', 'a name of my own', 'step_count']) {
    expect(rows[0]!.row).not.toContain(text);
    expect(rows[0]!.sealed.includes(text)).toBe(false);
  }
});

test('a sealed record that was moved to another resident, or altered, is handed to nobody', async () => {
  const program = await town.program();
  const [victim, thief] = [town.resident(6), town.resident(7)];
  for (const [one, count] of [
    [victim, 6_001],
    [thief, 6_002],
  ] as const)
    must(await deposit([steps(one, count, '2026-04-07')]));
  const { pairwiseId } = await town.give(thief, program);
  const reader = await town.reader(program);
  const day = { from: '2026-04-07', to: '2026-04-08' };
  must(await reader.read(pairwiseId, day));
  await town.admin.query(
    `UPDATE azukari.vault_record t SET sealed = v.sealed FROM azukari.vault_record v WHERE v.on_date = '2026-04-07' AND t.on_date = '2026-04-07' AND v.resident_id = $1 AND t.resident_id = $2`,
    [victim.id, thief.id],
  );
  const moved = await reader.read(pairwiseId, day);
  expect([moved.status, moved.code]).toEqual([500, 'internal']);
  expect(moved.text).not.toMatch(/6001|6002|step_count/);
});

const canary = '山田花子 090-1234-5678';
const good = (changes: object = {}) => ({
  category: 'activity.steps',
  items: [
    { resident: linkOf(), recordId: 'x', date: '2026-05-01', data: steps(resident, 1, '2026-05-01').data, ...changes },
  ],
});

function asSource(body: unknown, headers: Sent['headers'] = {}): Sent {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return {
    method: 'POST',
    path: '/v1/deposits',
    headers: { authorization: `Bearer ${source().token}`, 'content-type': 'application/json', ...headers },
    body: text,
  };
}

type Case = [it: string, send: () => Sent, status: number, code: string];

const cases: Case[] = [
  ['JSON that breaks off', () => asSource(`{"category":"${canary}`), 400, 'malformed-json'],
  [
    'bytes that are not UTF-8',
    () => asSource(Buffer.from('{"category":"\xc3\x28"}', 'latin1')),
    400,
    'invalid-encoding',
  ],
  ['an unknown field', () => asSource({ ...good(), [canary]: 1 }), 400, 'unknown-field'],
  ['an unknown field of an item', () => asSource(good({ consent: true })), 400, 'unknown-field'],
  ['no items', () => asSource({ category: 'activity.steps', items: [] }), 400, 'invalid-request'],
  [
    'a thousand and one items',
    () => asSource({ category: 'activity.steps', items: Array.from({ length: 1001 }, () => good().items[0]) }),
    400,
    'invalid-request',
  ],
  ['an item without data', () => asSource(good({ data: undefined })), 400, 'invalid-request'],
  ['a record id that is a number', () => asSource(good({ recordId: 7 })), 400, 'wrong-type'],
  ['a day that is none', () => asSource(good({ date: '2026-02-30' })), 400, 'invalid-request'],
  ['a day of the year 0', () => asSource(good({ date: '0000-01-01' })), 400, 'invalid-request'],
  ['an unknown category', () => asSource({ ...good(), category: 'health.horoscope' }), 400, 'unknown-category'],
  ['a category that is a sentence', () => asSource({ ...good(), category: canary }), 400, 'unknown-category'],
  [
    'a category the source is not registered for',
    () => asSource({ ...good(), category: 'health.checkup' }),
    403,
    'forbidden',
  ],
  ['a delivery beyond the limit', () => asSource(`"${'x'.repeat(depositBodyBytesMax)}"`), 413, 'body-too-large'],
  ['a CSV', () => asSource('a,b', { 'content-type': 'text/csv' }), 415, 'unsupported-media-type'],
  [
    'an idempotency key of 201 characters',
    () => asSource(good(), { 'idempotency-key': 'x'.repeat(201) }),
    400,
    'invalid-request',
  ],
  ['no token', () => asSource(good(), { authorization: undefined }), 401, 'invalid-token'],
  [
    'a token nobody issued',
    () => asSource(good(), { authorization: `Bearer ${Buffer.alloc(32, 2).toString('base64url')}` }),
    401,
    'invalid-token',
  ],
  [
    'a token under another scheme',
    () => asSource(good(), { authorization: `DPoP ${source().token}` }),
    401,
    'invalid-token',
  ],
  [
    'a mirror’s token',
    () => asSource(good(), { authorization: `Bearer ${town.demo.log.mirrorToken}` }),
    401,
    'invalid-token',
  ],
  [
    'a session for a token',
    () => asSource(good(), { authorization: undefined, cookie: resident.session }),
    401,
    'invalid-token',
  ],
  ['a forged Host', () => asSource(good(), { host: 'azukari.evil.example' }), 421, 'misdirected-host'],
];

test.each(cases)('%s: nothing is stored and nothing repeated', async (_it, make, status, code) => {
  const [before, writtenBefore] = [await town.stored(), town.written.length];
  const got = await send(town.base, make());
  expect([got.status, got.code]).toEqual([status, code]);
  expect(await town.stored()).toEqual(before);
  for (const text of [got.text, ...town.written.slice(writtenBefore)]) {
    for (const secret of [canary, '山田', source().token, linkOf()]) expect(text).not.toContain(secret);
  }
});

test('a source that is suspended is nobody', async () => {
  await town.admin.query(`UPDATE azukari.source SET status = 'suspended' WHERE id = 'minatono-steps'`);
  expect((await deposit([steps(resident, 1, '2026-05-02')])).code).toBe('invalid-token');
  await town.admin.query(`UPDATE azukari.source SET status = 'active' WHERE id = 'minatono-steps'`);
  expect(outcomesOf(must(await deposit([steps(resident, 1, '2026-05-02')])))).toEqual(['stored']);
});

const aPurchase = (name: string) => ({
  ...{ id: randomUUID(), purchasedAt: '2026-05-03T10:00:00+09:00', store: { id: 's', name: '店' } },
  ...{ items: [{ name, quantity: 1, unitPriceYen: 100 }], totalYen: 100, currency: 'JPY' },
});

test('a number that may not be held is taken out before anything is stored, and the source is told where it stood', async () => {
  const program = await town.program('hamakaze-clinic', {
    items: [{ purpose: 'care.prevention', category: 'purchase.history', fields: ['items'] }],
  });
  const record = {
    resident,
    recordId: 'with a number',
    date: '2026-05-04',
    data: aPurchase(`書類 ${individualNumber}`),
  };
  const answer = must(await town.deposit('minatono-pharmacy', 'purchase.history', [record]));
  expect(answer.json.items).toMatchObject([{ outcome: 'stored', removed: [{ kind: 'individual-number' }] }]);
  expect(answer.text).not.toContain(individualNumber);
  const { pairwiseId } = await town.give(resident, program);
  const read = must(await (await town.reader(program)).read(pairwiseId, { from: '2026-05-04', to: '2026-05-05' }));
  expect(recordsOf(read)).toHaveLength(1);
  expect(read.text).not.toContain(individualNumber);
});

test('one source’s name for a resident means nothing to another', async () => {
  const items = [{ resident: linkOf(), recordId: 'x', date: '2026-05-03', data: aPurchase('茶') }];
  const headers = { authorization: `Bearer ${source('minatono-pharmacy').token}` };
  const answer = must(
    await town.http.ask(town.base, {
      method: 'POST',
      path: '/v1/deposits',
      headers,
      body: { category: 'purchase.history', items },
    }),
  );
  expect(outcomesOf(answer)).toEqual(['not-authorised']);
});
