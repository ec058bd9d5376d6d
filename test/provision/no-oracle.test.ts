/** What an answer must not tell: whether somebody exists, and anything at all by another way of asking than the one the door answers. */
import { linesOf, type Reader } from '../setup/a-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { type Got, send, type Sent } from '../setup/plain-request.js';

let town: Town;
let program: AProgram;
let reader: Reader;
/** Of a resident who consents. */
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  reader = await town.reader(program);
  ({ pairwiseId } = await town.give(town.resident(), program));
});
afterAll(() => closeSoundly(town));

function request(path: string, method = 'GET', headers: Sent['headers'] = {}, body?: string): Sent {
  const proof = reader.recipient.proof(method, path, reader.token);
  return {
    method,
    path,
    headers: { authorization: `DPoP ${reader.token}`, dpop: proof, ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

/** Everything of an answer but the time it was given. */
function told({ status, headers, text }: Got): unknown {
  const kept = Object.entries(headers).filter(([name]) => name !== 'date');
  return { status, headers: Object.fromEntries(kept), text };
}

test('no-consent is byte for byte the same, headers too, for whoever exists, is known, refused, is too young, or never was', async () => {
  const [other, grownUps] = [await town.program('hamakaze-clinic', { minimumAge: 0 }), await town.program()];
  const strict = await town.reader(grownUps);
  const girl = town.minor(17);
  const young = await town.give(girl, other);
  const known = await town.give(town.resident(1), other);
  const refused = await town.give(town.resident(2), other);
  await town.refuse(town.resident(2), grownUps);
  const elsewhere = await town.give(town.resident(3), town.demoProgram('walking-and-health'));
  const names = [
    known.pairwiseId,
    refused.pairwiseId,
    young.pairwiseId,
    elsewhere.pairwiseId,
    Buffer.alloc(32, 0x11).toString('base64url'),
    Buffer.alloc(32, 0xff).toString('base64url'),
  ];
  const answers: unknown[] = [];
  for (const name of names) {
    const path = strict.pathOf(name);
    const headers = { authorization: `DPoP ${strict.token}`, dpop: strict.recipient.proof('GET', path, strict.token) };
    answers.push(told(await send(town.base, { path, headers })));
  }
  expect(answers[0]).toMatchObject({ status: 403, text: expect.stringContaining('"code":"no-consent"') as string });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test('in a stream somebody who does not consent is not mentioned at all', async () => {
  const { consentId, pairwiseId: gone } = await town.give(town.resident(4), program);
  must(await town.withdraw(town.resident(4), consentId));
  const answer = must(await reader.stream());
  expect(answer.text).not.toContain(gone);
  expect(linesOf(answer).filter(({ refused }) => refused !== undefined)).toEqual([]);
});

test.each(['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'PATCH', 'DELETE', 'POST', 'PROPFIND', 'QUERY'])(
  '%s on records and lists gives no data and leaves no entry',
  async (method) => {
    const lines = await town.linesOf(async () => {
      for (const path of [reader.pathOf(pairwiseId), `/v1/programs/${program.id}/residents`]) {
        const got = await send(town.base, request(path, method)).catch(() => null);
        // A method Node's own parser does not know ends the connection.
        if (got === null) continue;
        expect(got.status).toBeGreaterThanOrEqual(400);
        expect(got.status).toBeLessThan(500);
        expect(got.text).not.toMatch(/step_count|"residents"/);
        if (got.code === 'method-not-allowed') expect(got.headers.allow).toBe('GET');
      }
    });
    expect(lines).toEqual([]);
  },
);

test.each([
  ['X-HTTP-Method-Override', { 'x-http-method-override': 'GET' }],
  ['X-Method-Override', { 'x-method-override': 'GET' }],
  ['X-HTTP-Method', { 'x-http-method': 'GET' }],
])('a method named in %s is not taken for the method', async (_name, headers) => {
  const got = await send(town.base, request(reader.pathOf(pairwiseId), 'DELETE', headers));
  expect([got.status, got.code]).toEqual([405, 'method-not-allowed']);
  const asked = await send(
    town.base,
    request(reader.pathOf(pairwiseId), 'GET', {
      'x-http-method-override': 'DELETE',
      'x-original-url': '/v1/me',
      'x-rewrite-url': '/v1/me',
    }),
  );
  expect(asked.status).toBe(200);
});

test.each<[what: string, headers: Record<string, string>]>([
  ['a part of the answer', { range: 'bytes=0-10' }],
  ['an answer only if it has changed', { 'if-none-match': '*' }],
  ['an answer only if it has changed since', { 'if-modified-since': new Date().toUTCString() }],
  ['an answer only if it is the same', { 'if-match': '"x"' }],
])(
  'asking for %s is asking for all of it: one entry, no 206 or 304, and nothing to recognise it by',
  async (_what, headers) => {
    const lines = await town.linesOf(async () => {
      const got = await send(town.base, request(reader.pathOf(pairwiseId), 'GET', headers));
      expect(got.status).toBe(200);
      expect(JSON.parse(got.text)).toHaveProperty('receipt');
      for (const header of ['etag', 'last-modified', 'accept-ranges', 'content-range', 'age'])
        expect(got.headers).not.toHaveProperty(header);
      expect(got.headers['cache-control']).toBe('no-store');
    });
    expect(lines.map(({ t }) => t)).toEqual(['provision']);
  },
);

test('a condition is no way to find out about somebody: for who does not consent it changes nothing either', async () => {
  const path = reader.pathOf(Buffer.alloc(32, 0x22).toString('base64url'));
  const plain = told(await send(town.base, request(path)));
  for (const headers of [{ 'if-none-match': '*' }, { range: 'bytes=0-0' }, { 'if-match': '"x"' }]) {
    expect(told(await send(town.base, request(path, 'GET', headers)))).toEqual(plain);
  }
});

test.each([
  '/v0/residents',
  '/v2/residents',
  '/debug',
  '/metrics',
  '/swagger',
  '/v1',
  '/v1/residents',
  '/v1/residents/',
  '/graphql',
  '/.git/config',
  '/actuator',
])('there is nothing at %s', async (path) => {
  expect((await send(town.base, request(path))).status).toBe(404);
});

test.each([
  ['a style sheet', (path: string) => path.replace('/records', '/records/x.css')],
  ['a longer path', (path: string) => path.replace('/records', '/records/')],
  ['an encoded slash', (path: string) => path.replace('/records', '%2frecords')],
  ['a path that climbs', (path: string) => path.replace('/v1/residents', '/v1/programs/../residents')],
  ['a doubled slash', (path: string) => path.replace('/v1/', '/v1//')],
  ['a matrix parameter', (path: string) => path.replace('/records', '/records;x.css')],
  ['another case', (path: string) => path.replace('/records', '/RECORDS')],
])('%s behind the address of the records leads nowhere', async (_what, change) => {
  const lines = await town.linesOf(async () => {
    const got = await send(town.base, request(change(reader.pathOf(pairwiseId))));
    expect([400, 401, 404]).toContain(got.status);
    expect(got.text).not.toContain('step_count');
  });
  expect(lines).toEqual([]);
});
