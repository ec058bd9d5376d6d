/**
 * What reaches the door and is not as it should be: each kind gets its own code, stores and loses nothing, and is repeated nowhere. Only a
 * refusal at the door itself leaves an entry, as it must.
 */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { aProof, encodePart, type ProofOf, seconds } from '../tokens/a-client.js';
import { bodyBytesMax } from '../../src/http/limits.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import type { Reader } from '../setup/a-reader.js';
import { closeSoundly } from '../setup/check-log.js';
import { type Got, send, type Sent } from '../setup/plain-request.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;
let goodPath: string;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  ({ pairwiseId } = await town.give(town.resident(), program));
  reader = await town.reader(program);
  goodPath = reader.pathOf(pairwiseId);
});
afterAll(() => closeSoundly(town));

/** A text that must not come back, nor stand in any log. */
const canary = '山田花子';
const canaryInUrl = encodeURIComponent(canary);

/** A fresh proof by the key the token is bound to, of something else where a test says so. */
function proof({
  path = goodPath,
  method = 'GET',
  accessToken = reader.token,
  ...changes
}: Partial<ProofOf> & { path?: string } = {}): string {
  const url = town.demo.issuer + path.split('?')[0]!;
  return aProof(reader.recipient['proofKeys'], { method, url, accessToken, ...changes });
}

/** A request that would be answered with data, but for what `changes` make of it. */
function read(changes: Partial<Sent> = {}): Sent {
  const { path = goodPath, method = 'GET', headers = {}, ...rest } = changes;
  return {
    path,
    method,
    headers: { authorization: `DPoP ${reader.token}`, dpop: proof({ path, method }), ...headers },
    ...rest,
  };
}

const withToken = (token: string, changes: Partial<ProofOf> = {}) =>
  read({ headers: { authorization: `DPoP ${token}`, dpop: proof({ accessToken: token, ...changes }) } });

/** A token of this reader's that was made to be otherwise behind the service's back. */
async function aTokenWith(change: string): Promise<Sent> {
  const other = await town
    .recipient(program.recipient)
    .token(town.base, { program: program.id, purpose: program.purpose, categories: program.categories });
  await town.admin.query(
    `UPDATE azukari.access_token SET jkt = (SELECT jkt FROM azukari.access_token WHERE sha256 = sha256($2::bytea)), ${change} WHERE sha256 = sha256($1::bytea)`,
    [other, reader.token],
  );
  return withToken(other);
}

const claims = () => ({
  sub: 'hamakaze-clinic',
  aud: `${town.demo.issuer}/v1`,
  iss: town.demo.issuer,
  exp: seconds(300),
  jti: randomUUID(),
});

type Case = [it: string, send: () => Sent | Promise<Sent>, status: number, code: string];

const credentials: Case[] = [
  ['no credentials', () => ({ path: goodPath }), 401, 'invalid-token'],
  [
    'a token under the Bearer scheme',
    () => read({ headers: { authorization: `Bearer ${reader.token}` } }),
    401,
    'invalid-token',
  ],
  ['a token nobody issued', () => withToken(Buffer.alloc(32, 3).toString('base64url')), 401, 'invalid-token'],
  [
    'an unsigned JWT for a token',
    () => withToken(`${encodePart({ alg: 'none', typ: 'at+jwt' })}.${encodePart(claims())}.`),
    401,
    'invalid-token',
  ],
  [
    'a forged JWT for a token',
    async () =>
      withToken(
        await new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
          .sign(Buffer.from(town.demo.log.vkey)),
      ),
    401,
    'invalid-token',
  ],
  ['a revoked token', () => aTokenWith('revoked_at = clock_timestamp()'), 401, 'invalid-token'],
  [
    'an expired token',
    () =>
      aTokenWith(`issued_at = issued_at - interval '5 minutes', expires_at = clock_timestamp() - interval '1 second'`),
    401,
    'token-expired',
  ],
  [
    'a token for another audience',
    () => aTokenWith(`audience = 'https://elsewhere.example/v1'`),
    401,
    'wrong-audience',
  ],
  [
    'a token for applications',
    async () => {
      const token = await reader.recipient.token(town.base, 'application');
      return withToken(token);
    },
    403,
    'insufficient-scope',
  ],
  ['no proof', () => read({ headers: { dpop: undefined } }), 401, 'invalid-dpop-proof'],
  [
    'a proof for another address',
    () => read({ headers: { dpop: proof({ path: reader.pathOf(Buffer.alloc(32).toString('base64url')) }) } }),
    401,
    'invalid-dpop-proof',
  ],
  [
    'a proof for another host',
    () =>
      read({ headers: { dpop: proof({ payload: { htu: `https://elsewhere.example${goodPath.split('?')[0]}` } }) } }),
    401,
    'invalid-dpop-proof',
  ],
  [
    'a proof for another method',
    () => read({ headers: { dpop: proof({ method: 'POST' }) } }),
    401,
    'invalid-dpop-proof',
  ],
  [
    'a proof for another token',
    () => read({ headers: { dpop: proof({ accessToken: Buffer.alloc(32, 4).toString('base64url') }) } }),
    401,
    'invalid-dpop-proof',
  ],
  [
    'a proof by another key',
    () => read({ headers: { dpop: town.recipient(program.recipient).proof('GET', goodPath, reader.token) } }),
    401,
    'invalid-dpop-proof',
  ],
  ['two proofs', () => read({ headers: { dpop: [proof(), proof()] } }), 401, 'invalid-dpop-proof'],
  [
    'a proof from an hour ago',
    () => read({ headers: { dpop: proof({ payload: { iat: seconds(-3600) } }) } }),
    401,
    'clock-skew',
  ],
  [
    'a proof from the future',
    () => read({ headers: { dpop: proof({ payload: { iat: seconds(600) } }) } }),
    401,
    'clock-skew',
  ],
  ['a session beside the token', () => read({ headers: { cookie: town.resident().session } }), 400, 'invalid-request'],
  [
    'two tokens',
    () => read({ headers: { authorization: [`DPoP ${reader.token}`, `DPoP ${reader.token}`] } }),
    400,
    'invalid-request',
  ],
  ['a forged Host', () => read({ headers: { host: 'azukari.evil.example' } }), 421, 'misdirected-host'],
];

const path =
  (query: string, name = () => pairwiseId) =>
  () =>
    read({ path: `/v1/residents/${name()}/records${query.replace('$', program.id)}` });

const addresses: Case[] = [
  ['a name too short', path('?program=$', () => pairwiseId.slice(1)), 400, 'invalid-request'],
  ['a name that is none', path('?program=$', () => canaryInUrl), 400, 'invalid-request'],
  // 43 characters hold 258 bits: the last two must be zero, or one person would have four names.
  [
    'a second spelling of a name',
    path('?program=$', () => Buffer.alloc(32).toString('base64url').slice(0, 42) + 'B'),
    400,
    'invalid-request',
  ],
  ['a zero byte in the address', path('?program=$', () => '%00'), 400, 'invalid-request'],
  ['bytes that are no UTF-8 in the address', path('?program=%ff'), 400, 'invalid-request'],
  ['no program', path(''), 400, 'missing-field'],
  ['an unknown field', path(`?program=$&colour=${canaryInUrl}`), 400, 'unknown-field'],
  ['a program twice', path('?program=$&program=$'), 400, 'wrong-type'],
  ['an unknown category', path('?program=$&category=health.horoscope'), 400, 'unknown-category'],
  ['a category that is a sentence', path(`?program=$&category=${canaryInUrl}`), 400, 'unknown-category'],
  ['a day that is none', path('?program=$&from=2026-02-30'), 400, 'invalid-request'],
  ['a day in words', path(`?program=$&from=${canaryInUrl}`), 400, 'invalid-request'],
  ['a day of the year 0, which the database does not know', path('?program=$&from=0000-01-01'), 400, 'invalid-request'],
  ['a window that ends before it starts', path('?program=$&from=2026-02-01&to=2026-01-01'), 400, 'invalid-request'],
  ['a category the token is not for', path('?program=$&category=health.checkup'), 403, 'insufficient-scope'],
  [
    'another program of its own',
    () => read({ path: goodPath.replace(program.id, town.demoProgram('checkup-follow-up').id) }),
    403,
    'insufficient-scope',
  ],
  [
    'another recipient’s program',
    () => read({ path: goodPath.replace(program.id, town.demoProgram('walking-and-health').id) }),
    403,
    'insufficient-scope',
  ],
  ['a program nobody has', () => read({ path: goodPath.replace(program.id, 'p-nowhere') }), 403, 'insufficient-scope'],
  [
    'a list of a thousand and one',
    () => read({ path: `/v1/programs/${program.id}/residents?limit=1001` }),
    400,
    'invalid-request',
  ],
  ['a list of none', () => read({ path: `/v1/programs/${program.id}/residents?limit=0` }), 400, 'invalid-request'],
  [
    'a list of a word',
    () => read({ path: `/v1/programs/${program.id}/residents?limit=${canaryInUrl}` }),
    400,
    'wrong-type',
  ],
  [
    'a list from a cursor that is none',
    () => read({ path: `/v1/programs/${program.id}/residents?cursor=${canaryInUrl}` }),
    400,
    'invalid-request',
  ],
  [
    'another recipient’s list',
    () => read({ path: `/v1/programs/${town.demoProgram('walking-and-health').id}/residents` }),
    403,
    'insufficient-scope',
  ],
];

const stream =
  (body: string | Buffer, headers: Sent['headers'] = {}) =>
  () =>
    read({ method: 'POST', path: '/v1/provisions', headers: { 'content-type': 'application/json', ...headers }, body });
const json = (more: object) => () => stream(JSON.stringify({ program: program.id, ...more }))();

const bodies: Case[] = [
  ['JSON that breaks off', stream(`{"program":"${canary}`), 400, 'malformed-json'],
  ['bytes that are not UTF-8', stream(Buffer.from('{"program":"\xc3\x28"}', 'latin1')), 400, 'invalid-encoding'],
  ['no program in a stream', stream('{}'), 400, 'missing-field'],
  ['two programs of one name', stream('{"program":"a","program":"b"}'), 400, 'invalid-request'],
  ['an unknown field in a stream', json({ [canary]: 1 }), 400, 'unknown-field'],
  ['a number for a program', stream('{"program":1}'), 400, 'wrong-type'],
  ['an unknown purpose', json({ purpose: 'care.fortune-telling' }), 400, 'unknown-purpose'],
  ['an unknown category in a stream', json({ categories: [canary] }), 400, 'unknown-category'],
  ['no categories', json({ categories: [] }), 400, 'invalid-request'],
  ['a purpose the token is not for', json({ purpose: 'research.mobility' }), 403, 'insufficient-scope'],
  ['a category the token is not for, in a stream', json({ categories: ['health.checkup'] }), 403, 'insufficient-scope'],
  [
    'another recipient’s program in a stream',
    () => stream(JSON.stringify({ program: town.demoProgram('walking-and-health').id }))(),
    403,
    'insufficient-scope',
  ],
  ['a limit of none', json({ limit: 0 }), 400, 'invalid-request'],
  ['a limit in words', json({ limit: canary }), 400, 'wrong-type'],
  ['a cursor that is none', json({ cursor: canary }), 400, 'invalid-request'],
  ['a day of the year 0 in a stream', json({ from: '0000-01-01' }), 400, 'invalid-request'],
  ['a body larger than the limit', stream(`"${'x'.repeat(bodyBytesMax)}"`), 413, 'body-too-large'],
  [
    'a form',
    stream('program=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported-media-type',
  ],
  ['a compressed body', stream('{}', { 'content-encoding': 'gzip' }), 415, 'unsupported-media-type'],
];

/** Nothing of a request comes back or is written down but its route and the organisation. */
function expectNothingRepeated(got: Got, written: readonly string[]): void {
  for (const text of [got.text, JSON.stringify(got.headers), ...written]) {
    for (const secret of [canary, canaryInUrl, pairwiseId, reader.token]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/step_count|eyJ[A-Za-z0-9_-]{10}/);
  }
}

test.each([...credentials, ...addresses, ...bodies])(
  '%s: nothing is given, stored or repeated',
  async (_it, make, status, code) => {
    const sent = await make();
    const [before, writtenBefore] = [await town.stored(), town.written.length];
    const got = await send(town.base, sent);
    expect([got.status, got.code]).toEqual([status, code]);
    expect(got.headers['content-type']).toContain('application/problem+json');
    expect(await town.stored()).toEqual(before);
    expectNothingRepeated(got, town.written.slice(writtenBefore));
  },
);

test('after all of that the good request still works', async () => {
  expect(await send(town.base, read())).toMatchObject({ status: 200 });
});

test('a proof is good for one request: sent again it is refused, with the same or another body', async () => {
  const sent = read();
  expect((await send(town.base, sent)).status).toBe(200);
  const before = await town.stored();
  for (const again of [sent, { ...sent, path: `${goodPath}&from=2026-01-01` }]) {
    expect(await send(town.base, again)).toMatchObject({ status: 401, code: 'replayed-dpop-proof' });
  }
  expect(await town.stored()).toEqual(before);
});

test('somebody else’s name for a resident opens nothing, and the attempt stands in the log', async () => {
  const others = await town.give(town.resident(), town.demoProgram('walking-and-health'));
  const lines = await town.linesOf(async () => {
    expect(await send(town.base, read({ path: reader.pathOf(others.pairwiseId) }))).toMatchObject({
      status: 403,
      code: 'no-consent',
    });
  });
  expect(lines).toMatchObject([{ t: 'refusal', reason: 'no-consent', recipient: program.recipient }]);
});

test('a bad request spoils nothing for those that arrive together with it', async () => {
  const good = Array.from({ length: 8 }, () => send(town.base, read()));
  const bad = ['from=0000-01-01', 'from=0001-01-01', 'to=9999-12-31', 'category=x'].map((query) =>
    send(town.base, read({ path: `${goodPath}&${query}` })),
  );
  expect((await Promise.all(good)).map(({ status }) => status)).toEqual(good.map(() => 200));
  expect((await Promise.all(bad)).map(({ status }) => status)).toEqual([400, 200, 200, 400]);
});

test('the valid request of the resident’s own session still works', async () => {
  must(await town.http.ask(town.base, { path: '/v1/me', headers: { cookie: town.resident().session } }));
});
