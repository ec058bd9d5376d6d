/** Every failure is answered as a problem document with a stable code, and says nothing it must not say. */
import { BadRequestException, Controller, ForbiddenException, Get, HttpException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import { openPool, OutcomeUnknown } from '../../src/database/pool.js';
import { FailureAnswers } from '../../src/http/failure-answers.js';
import { MistakeWithHeaders } from '../../src/http/problem.js';
import { BrokenInvariant, codes, Mistake, type Code } from '../../src/kernel/errors.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { anHttpApp, type HttpApp } from './http-app.js';

/** A person's name that a failure might carry. */
const canary = '港花子';

let city: FreshCity;
let pool: Pool;
let service: HttpApp;

const thrown: Record<string, () => unknown> = {
  mistake: () =>
    new Mistake('unknown-category', 'there is no such category', { pointer: '/categories/0', status: 200, code: 'x' }),
  'mistake-with-headers': () =>
    new MistakeWithHeaders('invalid-token', 'a token is needed', { 'www-authenticate': 'Bearer' }),
  token: () => new Mistake('token-expired', 'the access token has expired'),
  'sign-in': () => new Mistake('sign-in-required', 'a session is needed here'),
  consent: () => new Mistake('no-consent', `there is no consent of ${canary}`, { resident: canary }),
  'nest-400': () => new BadRequestException(`${canary} is not valid`),
  'nest-403': () => new ForbiddenException(canary),
  'nest-418': () => new HttpException({ person: canary }, 418),
  'nest-500': () => new HttpException(canary, 500),
  error: () => new Error(`broken\n    at ${canary}:1:1`, { cause: new TypeError(canary) }),
  invariant: () => new BrokenInvariant('a leaf has a hash'),
  string: () => canary,
  nothing: () => undefined,
  unknown: () => new OutcomeUnknown('the connection to the database was lost while it committed'),
};

@Controller('v1')
class FailingController {
  @Get('throws/:what')
  throws(@Param('what') what: string) {
    throw thrown[what]!();
  }

  @Get('raises/:state')
  async raises(@Param('state') state: string) {
    await pool.query(
      `DO $$ BEGIN RAISE EXCEPTION 'no such thing' USING ERRCODE = '${state}', DETAIL = '${canary}'; END $$`,
    );
  }

  @Get('unstorable')
  async unstorable() {
    await pool.query('SELECT $1::uuid', [canary]);
  }

  @Get('unreachable')
  async unreachable() {
    const nowhere = openPool({ url: 'postgresql://127.0.0.1:1/nowhere', size: 1, applicationName: 'test' });
    await nowhere.query('SELECT 1').finally(() => nowhere.end());
  }

  @Get('cut')
  async cut() {
    await pool.query('SELECT pg_terminate_backend(pg_backend_pid())');
  }

  @Get('half')
  async half(@Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
    await new Promise((resolve) => reply.raw.write('{"line":1}\n', resolve));
    throw new Error(canary);
  }

  @Get('taken')
  taken(@Res() reply: FastifyReply) {
    reply.hijack();
    throw new Mistake('conflict', 'not now');
  }
}

@Controller('my')
class PageController {
  @Get('page')
  page() {
    throw new Mistake('forbidden', 'not yours');
  }
}

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.appUrl, size: 2, applicationName: 'test' });
  service = await anHttpApp({ controllers: [FailingController, PageController], pool });
});
afterAll(async () => {
  await service.close();
  await pool.end();
  await city.drop();
});
beforeEach(() => {
  for (const list of [service.securityLines, service.incidentLines]) list.length = 0;
});

async function problemAt(path: string, accept = '*/*') {
  const response = await fetch(service.url + path, { headers: { accept } });
  const text = await response.text();
  expect(text).not.toContain(canary);
  expect(service.incidentLines.join()).not.toContain(canary);
  expect(service.securityLines.join()).not.toContain(canary);
  return { response, text, problem: JSON.parse(text) as Record<string, unknown> };
}

test.each<[path: string, code: Code, isIncident: boolean]>([
  ['/v1/throws/mistake', 'unknown-category', false],
  ['/v1/throws/consent', 'no-consent', false],
  ['/v1/throws/nest-400', 'invalid-request', false],
  ['/v1/throws/nest-403', 'forbidden', false],
  ['/v1/throws/nest-418', 'invalid-request', false],
  ['/v1/throws/nest-500', 'internal', true],
  ['/v1/throws/error', 'internal', true],
  ['/v1/throws/invariant', 'internal', true],
  ['/v1/throws/string', 'internal', true],
  ['/v1/throws/nothing', 'internal', true],
  ['/v1/throws/unknown', 'unavailable', true],
  ['/v1/raises/AZ403', 'forbidden', false],
  ['/v1/raises/AZ404', 'not-found', false],
  ['/v1/raises/AZ409', 'conflict', false],
  ['/v1/raises/AZ410', 'not-approved', false],
  ['/v1/raises/AZ422', 'unacceptable-items', false],
  ['/v1/raises/40P01', 'unavailable', true],
  ['/v1/raises/57014', 'unavailable', true],
  ['/v1/raises/25006', 'unavailable', true],
  ['/v1/raises/23505', 'internal', true],
  ['/v1/raises/42501', 'internal', true],
  ['/v1/unstorable', 'invalid-request', false],
  ['/v1/unreachable', 'unavailable', true],
  ['/v1/cut', 'unavailable', true],
  ['/v1/taken', 'conflict', false],
  ['/my/page', 'forbidden', false],
])('%s is answered with %s', async (path, code, isIncident) => {
  const { response, problem } = await problemAt(path);
  const [status, title, titleJa] = codes[code];
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
  expect(problem).toMatchObject({ type: `http://127.0.0.1:8480/problems/${code}`, title, titleJa, status, code });
  const incidents = service.incidentLines.map((line) => (JSON.parse(line) as { incident: string }).incident);
  expect(incidents).toEqual(isIncident ? [problem['incident']] : []);
});

test('an incident says where it arose and what the database called it, without a word of the message', async () => {
  await problemAt('/v1/throws/error');
  await problemAt('/v1/throws/invariant');
  await problemAt('/v1/raises/23505');
  const lines = service.incidentLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({
    log: 'incident',
    method: 'GET',
    route: '/v1/throws/:what',
    causes: [{ name: 'Error' }, { name: 'TypeError' }],
  });
  expect(JSON.stringify(lines[0])).toMatch(/at Object\.error.*failures\.test/);
  expect(lines[1]).toMatchObject({ causes: [{ name: 'BrokenInvariant', sentence: 'a leaf has a hash' }] });
  expect(lines[2]).toMatchObject({ causes: [{ code: '23505', routine: 'exec_stmt_raise' }] });
});

test('a refusal for want of consent is the same to the byte, whatever was known of the person', async () => {
  const first = await problemAt('/v1/throws/consent');
  thrown['consent'] = () => new Mistake('no-consent', 'other words', { pointer: '/pairwiseId' });
  const second = await problemAt('/v1/throws/consent');
  expect(second.text).toBe(first.text);
  expect(Object.keys(first.problem)).toEqual(['type', 'title', 'titleJa', 'status', 'code', 'detail']);
  const headersOf = ({ response }: typeof first) => [...response.headers].filter(([name]) => name !== 'date');
  expect(headersOf(second)).toEqual(headersOf(first));
});

test('a mistake may add members, but replaces none of the standard ones', async () => {
  const { problem } = await problemAt('/v1/throws/mistake');
  expect(problem).toMatchObject({ status: 400, code: 'unknown-category', pointer: '/categories/0' });
});

test('every 401 names a scheme', async () => {
  const schemeOf = async (path: string) => (await problemAt(path)).response.headers.get('www-authenticate');
  expect(await schemeOf('/v1/throws/mistake-with-headers')).toBe('Bearer');
  expect(await schemeOf('/v1/throws/token')).toBe('DPoP');
  expect(await schemeOf('/v1/throws/sign-in')).toBe('Cookie realm="azukari", cookie-name="azukari_session"');
  expect(await schemeOf('/v1/throws/mistake')).toBeNull();
});

test('the rung that issues tokens may say what a 401 or 403 names', async () => {
  const challenge = ({ code }: Mistake) => (code === 'token-expired' ? 'DPoP error="invalid_token"' : null);
  const other = await anHttpApp({ controllers: [FailingController], challenge });
  const response = await fetch(`${other.url}/v1/throws/token`);
  await other.close();
  expect(response.headers.get('www-authenticate')).toBe('DPoP error="invalid_token"');
});

test('a failure of authentication or authority stands in the security log once, without the address', async () => {
  await problemAt(`/v1/throws/token?person=${encodeURIComponent(canary)}`);
  await problemAt('/my/page');
  await problemAt('/v1/throws/consent');
  const lines = service.securityLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const place = {
    log: 'security',
    method: 'GET',
    at: expect.any(String),
    peer: expect.stringMatching(/^[0-9a-f]{12}$/),
  };
  expect(lines).toEqual([
    { ...place, event: 'authentication-failed', code: 'token-expired', route: '/v1/throws/:what' },
    { ...place, event: 'access-refused', code: 'forbidden', route: '/my/page' },
  ]);
});

test('an answer that has begun and fails is cut off, never completed', async () => {
  const response = await fetch(`${service.url}/v1/half`);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  expect(service.incidentLines).toHaveLength(1);
});

test('the pages may answer a person with a page; programs, and a renderer that fails, get the document', async () => {
  const failures = service.app.get(FailureAnswers);
  const page = { status: 403, headers: { 'content-type': 'text/html; charset=utf-8' } };
  failures.renderPagesWith(async ({ titleJa }) => Promise.resolve({ ...page, body: `<p>${titleJa}</p>` }));
  const browser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
  const shown = await fetch(`${service.url}/my/page`, { headers: browser });
  expect([shown.status, await shown.text()]).toEqual([403, '<p>この操作は許可されていません</p>']);
  expect(shown.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect((await problemAt('/my/page')).problem).toMatchObject({ code: 'forbidden' });
  expect((await problemAt('/v1/throws/nest-403', browser.accept)).problem).toMatchObject({ code: 'forbidden' });
  failures.renderPagesWith(() => {
    throw new Error(canary);
  });
  expect((await problemAt('/my/page', browser.accept)).problem).toMatchObject({ code: 'forbidden' });
  expect(service.incidentLines).toHaveLength(1);
});
