/** What a recipient or a board member may send to the programs that cannot be taken: its own code each, nothing stored, nothing repeated. */
import { tourApplication } from '../../src/demo/tour-application.js';
import type { ARecipient } from '../setup/a-recipient.js';
import { because, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { send, type Sent } from '../setup/plain-request.js';

let town: Town;
let clinic: ARecipient;
let token: string;
let waiting: string;

beforeAll(async () => {
  town = await Town.open();
  clinic = town.recipient('hamakaze-clinic');
  token = await clinic.token(town.base, 'application');
  waiting = (await town.application('hamakaze-clinic')).id;
});
afterAll(() => closeSoundly(town));

const canary = '山田花子 090-1234-5678';

function application(body: unknown, headers: Sent['headers'] = {}, method = 'POST', path = '/v1/programs'): Sent {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const credentials = { authorization: `DPoP ${token}`, dpop: clinic.proof(method, path, token) };
  return { method, path, headers: { ...credentials, 'content-type': 'application/json', ...headers }, body: text };
}

const words = (changes: object) => () => application({ ...tourApplication(), ...changes });
const terms = (changes: object) => () =>
  application({ ...tourApplication(), terms: { ...tourApplication().terms, ...changes } });
const item = (changes: object) => terms({ items: [{ ...tourApplication().terms.items[0]!, ...changes }] });
const decision =
  (body: object, headers: Sent['headers'] = {}) =>
  () => ({
    ...{ method: 'POST', path: `/v1/programs/${waiting}/decision`, body: JSON.stringify(body) },
    headers: { cookie: town.demo.board[0]!.session, 'content-type': 'application/json', ...headers },
  });
const approve = { decision: 'approve', ...because };

type Case = [it: string, send: () => Sent, status: number, code: string];

const applications: Case[] = [
  ['JSON that breaks off', () => application(`{"title":"${canary}`), 400, 'malformed-json'],
  [
    'bytes that are not UTF-8',
    () => application(Buffer.from('{"title":"\xc3\x28"}', 'latin1')),
    400,
    'invalid-encoding',
  ],
  ['an unknown field', words({ [canary]: 1 }), 400, 'unknown-field'],
  ['a recipient of its own choosing', words({ recipient: 'minatono-university' }), 400, 'unknown-field'],
  ['a status of its own choosing', words({ status: 'active' }), 400, 'unknown-field'],
  ['no title', words({ title: undefined }), 400, 'missing-field'],
  ['a title in one language', words({ title: { ja: canary } }), 400, 'missing-field'],
  ['a title that is a number', words({ title: 1 }), 400, 'wrong-type'],
  ['an empty title', words({ title: { ja: ' ', en: ' ' } }), 400, 'invalid-request'],
  ['a title of 5,000 characters', words({ title: { ja: '長'.repeat(5_000), en: 'x' } }), 400, 'invalid-request'],
  [
    'a title that turns the direction of what follows',
    words({ title: { ja: '歩く\u202e会', en: 'Walk' } }),
    400,
    'invalid-request',
  ],
  ['a title with a control character', words({ title: { ja: '歩く\u0007会', en: 'Walk' } }), 400, 'invalid-request'],
  ['no items', terms({ items: [] }), 400, 'invalid-request'],
  ['an unknown purpose', item({ purpose: 'care.fortune-telling' }), 400, 'unknown-purpose'],
  ['an unknown category', item({ category: 'health.horoscope' }), 400, 'unknown-category'],
  ['a category that closes a string', item({ category: 'x","t":"start' }), 400, 'invalid-request'],
  [
    'the same item twice',
    terms({ items: [tourApplication().terms.items[0], tourApplication().terms.items[0]] }),
    400,
    'invalid-request',
  ],
  ['an end before the start', terms({ startsOn: '2026-12-31', endsOn: '2026-01-01' }), 400, 'invalid-request'],
  ['an end on the day of the start', terms({ startsOn: '2026-12-31', endsOn: '2026-12-31' }), 400, 'invalid-request'],
  ['a day that is none', terms({ endsOn: '2026-02-30' }), 400, 'invalid-request'],
  ['a day of the year 0', terms({ startsOn: '0000-01-01' }), 400, 'invalid-request'],
  ['a country of three letters', terms({ region: 'JPN' }), 400, 'invalid-request'],
  ['a frequency of none', terms({ frequency: { count: 0, per: 'day' } }), 400, 'invalid-request'],
  ['a frequency for ever', terms({ frequency: { count: 1, per: 'century' } }), 400, 'invalid-request'],
  ['half a day of keeping', terms({ retentionDays: 0.5 }), 400, 'wrong-type'],
  ['a body beyond the limit', () => application(`"${'x'.repeat(1024 * 1024)}"`), 413, 'body-too-large'],
  [
    'a form',
    () => application('title=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported-media-type',
  ],
  [
    'an idempotency key with a space',
    () => application(tourApplication(), { 'idempotency-key': 'a b' }),
    400,
    'invalid-request',
  ],
  ['no access token', () => application(tourApplication(), { authorization: undefined }), 401, 'invalid-token'],
  [
    'a session for an access token',
    () =>
      application(tourApplication(), { authorization: undefined, dpop: undefined, cookie: town.resident().session }),
    401,
    'invalid-token',
  ],
  [
    'a proof for another method',
    () => application(tourApplication(), { dpop: clinic.proof('GET', '/v1/programs', token) }),
    401,
    'invalid-dpop-proof',
  ],
  ['a forged Host', () => application(tourApplication(), { host: 'azukari.evil.example' }), 421, 'misdirected-host'],
  ['a program nobody has', () => application(tourApplication(), {}, 'PUT', '/v1/programs/p-nowhere'), 404, 'not-found'],
  [
    'another recipient’s program',
    () => application(tourApplication(), {}, 'PUT', `/v1/programs/${town.demoProgram('walking-and-health').id}`),
    404,
    'not-found',
  ],
  [
    'another recipient’s submission',
    () => application('', {}, 'POST', `/v1/programs/${town.demoProgram('walking-and-health').id}/submission`),
    404,
    'not-found',
  ],
];

const decisions: Case[] = [
  ['no reason', decision({ decision: 'approve' }), 400, 'missing-field'],
  ['a reason in one language', decision({ decision: 'approve', reason: { ja: canary } }), 400, 'missing-field'],
  ['an empty reason', decision({ decision: 'approve', reason: { ja: ' ', en: '' } }), 400, 'invalid-request'],
  ['a decision that is none', decision({ ...approve, decision: 'perhaps' }), 400, 'invalid-request'],
  ['a decision in another’s name', decision({ ...approve, memberId: 'board-udagawa' }), 400, 'unknown-field'],
  ['nobody’s decision', decision(approve, { cookie: undefined }), 401, 'sign-in-required'],
  [
    'a resident’s decision',
    () => ({
      ...decision(approve)(),
      headers: { cookie: town.resident().session, 'content-type': 'application/json' },
    }),
    403,
    'forbidden',
  ],
  ['a decision from another site’s page', decision(approve, { origin: 'https://evil.example' }), 403, 'csrf'],
  [
    'a decision as a form',
    () => ({
      ...decision(approve, { 'content-type': 'application/x-www-form-urlencoded' })(),
      body: 'decision=approve',
    }),
    415,
    'unsupported-media-type',
  ],
  [
    'a decision on a program nobody has',
    () => ({ ...decision(approve)(), path: '/v1/programs/p-nowhere/decision' }),
    404,
    'not-found',
  ],
  [
    'a decision by GET',
    () => ({ path: `/v1/programs/${waiting}/decision`, headers: { cookie: town.demo.board[0]!.session } }),
    405,
    'method-not-allowed',
  ],
  [
    'a suspension without a reason',
    () => ({ ...decision({})(), path: `/v1/programs/${waiting}/suspension` }),
    400,
    'missing-field',
  ],
  [
    'a suspension of a recipient nobody knows',
    () => ({ ...decision(because)(), path: '/v1/recipients/nobody/suspension' }),
    404,
    'not-found',
  ],
  [
    'a suspension by a resident',
    () => ({
      ...decision(because, { cookie: town.resident().session })(),
      path: '/v1/recipients/hamakaze-clinic/suspension',
    }),
    403,
    'forbidden',
  ],
];

test.each([...applications, ...decisions])(
  '%s: nothing is stored and nothing repeated',
  async (_it, make, status, code) => {
    const [before, writtenBefore] = [await town.stored(), town.written.length];
    const got = await send(town.base, make());
    expect([got.status, got.code]).toEqual([status, code]);
    expect(await town.stored()).toEqual(before);
    for (const text of [got.text, ...town.written.slice(writtenBefore)]) {
      for (const secret of [canary, '山田', token, town.demo.board[0]!.session.split('=')[1]!])
        expect(text).not.toContain(secret);
    }
  },
);

test('after all of that an application and a decision still work', async () => {
  expect((await send(town.base, application(tourApplication()))).status).toBe(201);
  must(await town.board(`programs/${waiting}/decision`, { decision: 'approve' }));
});
