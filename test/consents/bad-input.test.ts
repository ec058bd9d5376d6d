/** What a resident's browser, or somebody in its place, may send to the consents: each mistake its own code, nothing changed, nothing repeated. */
import { randomUUID } from 'node:crypto';
import { cookieValue } from '../../src/http/session-cookie.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { send, type Sent } from '../setup/plain-request.js';

let town: Town;
let program: AProgram;
let consentId: string;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  ({ consentId } = await town.give(town.resident(), program));
});
afterAll(() => closeSoundly(town));

const canary = '山田花子 090-1234-5678';

function answer(body: unknown, headers: Sent['headers'] = {}): Sent {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return {
    method: 'POST',
    path: '/v1/consents',
    headers: { cookie: town.resident().session, 'content-type': 'application/json', ...headers },
    body: text,
  };
}

const good = (changes: object = {}) => ({ program: program.id, decision: 'give', items: program.items, ...changes });
const withdrawal =
  (id: () => string, changes: Partial<Sent> = {}) =>
  () => ({ ...answer('{}'), path: `/v1/consents/${id()}/withdrawal`, ...changes });

type Case = [it: string, send: () => Sent, status: number, code: string];

const cases: Case[] = [
  ['JSON that breaks off', () => answer(`{"program":"${canary}`), 400, 'malformed-json'],
  ['bytes that are not UTF-8', () => answer(Buffer.from('{"program":"\xc3\x28"}', 'latin1')), 400, 'invalid-encoding'],
  ['half a surrogate pair', () => answer('{"program":"\\ud83d"}'), 400, 'invalid-encoding'],
  ['a field twice', () => answer('{"program":"a","program":"b","decision":"give"}'), 400, 'invalid-request'],
  ['an unknown field', () => answer(good({ [canary]: true })), 400, 'unknown-field'],
  ['a field that would choose for everybody', () => answer(good({ residentId: randomUUID() })), 400, 'unknown-field'],
  ['no decision', () => answer(good({ decision: undefined })), 400, 'missing-field'],
  ['a decision that is none', () => answer(good({ decision: canary })), 400, 'invalid-request'],
  ['a decision of the wrong type', () => answer(good({ decision: true })), 400, 'invalid-request'],
  ['a program of the wrong type', () => answer(good({ program: 7 })), 400, 'wrong-type'],
  ['items of the wrong type', () => answer(good({ items: 'all' })), 400, 'wrong-type'],
  [
    'an item with a field too many',
    () => answer(good({ items: [{ ...program.items[0], until: '2999-01-01' }] })),
    400,
    'unknown-field',
  ],
  ['an end of one’s own', () => answer(good({ until: '9999-12-31' })), 400, 'unknown-field'],
  [
    'sixty-one items',
    () => answer(good({ items: Array.from({ length: 61 }, () => program.items[0]) })),
    400,
    'invalid-request',
  ],
  [
    'an unknown purpose',
    () => answer(good({ items: [{ purpose: 'care.fortune-telling', category: 'activity.steps' }] })),
    400,
    'unknown-purpose',
  ],
  [
    'an unknown category',
    () => answer(good({ items: [{ purpose: 'care.prevention', category: canary }] })),
    400,
    'unknown-category',
  ],
  [
    'a code with a separator in it',
    () => answer(good({ items: [{ purpose: 'care.prevention/activity.steps', category: 'activity.steps' }] })),
    400,
    'unknown-purpose',
  ],
  [
    'an item that is not the program’s',
    () => answer(good({ items: [{ purpose: 'care.prevention', category: 'health.checkup' }] })),
    422,
    'unacceptable-items',
  ],
  ['a program nobody has', () => answer(good({ program: 'p-nowhere' })), 404, 'not-found'],
  ['a program that is a sentence', () => answer(good({ program: canary })), 404, 'not-found'],
  ['a notice hash of the wrong form', () => answer(good({ noticeSha256: 'x' })), 400, 'invalid-request'],
  ['a language nobody speaks here', () => answer(good({ language: 'tlh' })), 400, 'invalid-request'],
  [
    'an idempotency key of 201 characters',
    () => answer(good(), { 'idempotency-key': 'x'.repeat(201) }),
    400,
    'invalid-request',
  ],
  ['two idempotency keys', () => answer(good(), { 'idempotency-key': ['a', 'b'] }), 400, 'invalid-request'],
  ['a body beyond the limit', () => answer(`"${'x'.repeat(1024 * 1024)}"`), 413, 'body-too-large'],
  ['plain text', () => answer(good(), { 'content-type': 'text/plain' }), 415, 'unsupported-media-type'],
  [
    'a form',
    () => answer('program=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported-media-type',
  ],
  ['another site’s page', () => answer(good(), { origin: 'https://evil.example' }), 403, 'csrf'],
  ['a sandboxed page', () => answer(good(), { origin: 'null' }), 403, 'csrf'],
  ['a request another site made', () => answer(good(), { 'sec-fetch-site': 'cross-site' }), 403, 'csrf'],
  ['no session', () => answer(good(), { cookie: undefined }), 401, 'sign-in-required'],
  [
    'a session nobody opened',
    () => answer(good(), { cookie: cookieValue(Buffer.alloc(32, 6).toString('base64url')) }),
    401,
    'sign-in-required',
  ],
  ['a board member’s session', () => answer(good(), { cookie: town.demo.board[0]!.session }), 403, 'forbidden'],
  [
    'two sessions',
    () => answer(good(), { cookie: `${town.resident().session}; ${town.resident(1).session}` }),
    400,
    'invalid-request',
  ],
  [
    'an access token beside the session',
    () => answer(good(), { authorization: `DPoP ${Buffer.alloc(32).toString('base64url')}` }),
    400,
    'invalid-request',
  ],
  ['a forged Host', () => answer(good(), { host: 'azukari.evil.example' }), 421, 'misdirected-host'],
  ['withdrawing what nobody gave', withdrawal(() => randomUUID()), 404, 'not-found'],
  ['withdrawing something that is no id', withdrawal(() => encodeURIComponent(canary)), 404, 'not-found'],
  [
    'withdrawing with an unknown field',
    withdrawal(() => consentId, { body: JSON.stringify({ all: true }) }),
    400,
    'unknown-field',
  ],
  [
    'withdrawing with a reason of 501 characters',
    withdrawal(() => consentId, { body: JSON.stringify({ reason: '長'.repeat(501) }) }),
    400,
    'invalid-request',
  ],
  [
    'withdrawing by GET',
    () => ({ path: `/v1/consents/${consentId}/withdrawal`, headers: { cookie: town.resident().session } }),
    405,
    'method-not-allowed',
  ],
  [
    'deleting a consent',
    () => ({ ...answer('{}'), method: 'DELETE', path: `/v1/consents/${consentId}` }),
    405,
    'method-not-allowed',
  ],
  [
    'the notice of a program nobody has',
    () => ({ path: '/v1/consents/notices/p-nowhere', headers: { cookie: town.resident().session } }),
    404,
    'not-found',
  ],
];

test.each(cases)('%s: nothing changes and nothing is repeated', async (_it, make, status, code) => {
  const [before, writtenBefore] = [await town.stored(), town.written.length];
  const got = await send(town.base, make());
  expect([got.status, got.code]).toEqual([status, code]);
  expect(await town.stored()).toEqual(before);
  for (const text of [got.text, ...town.written.slice(writtenBefore)]) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain('山田');
    expect(text).not.toContain(town.resident().name);
    expect(text).not.toContain(town.resident().session.split('=')[1]!);
  }
});

test('an expired session is no session', async () => {
  await town.admin.query(
    `UPDATE azukari.session SET created_at = created_at - interval '1 year', expires_at = clock_timestamp() WHERE subject_id = $1`,
    [town.resident(7).id],
  );
  const got = await send(town.base, answer(good(), { cookie: town.resident(7).session }));
  expect([got.status, got.code]).toEqual([401, 'sign-in-required']);
});

test('after all of that the good answer still works', async () => {
  expect(must(await town.answer(town.resident(1), good()), 201).json.state).toBe('active');
});
