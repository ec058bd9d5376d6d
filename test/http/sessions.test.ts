/** Sessions: known by a secret that only the browser keeps, over when the database says so, good only for their own kind. */
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Client, type Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { clearedSessionCookie, cookieValue, sessionSetCookie } from '../../src/http/session-cookie.js';
import { CurrentSession, MaybeSignedIn, SignedIn } from '../../src/http/session.guard.js';
import type { Session } from '../../src/http/session.js';
import { SessionsService } from '../../src/http/sessions.service.js';
import { sha256, utf8 } from '../../src/kernel/bytes.js';
import { newSecret, newUuid } from '../../src/kernel/ids.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { anHttpApp, type HttpApp } from './http-app.js';

@Controller('v1')
class SessionController {
  @Get('resident')
  @SignedIn('resident')
  resident(@CurrentSession() { kind, id }: Session) {
    return { kind, id };
  }

  @Get('board')
  @SignedIn('board')
  board(@CurrentSession() { kind, id }: Session) {
    return { kind, id };
  }

  @Get('anyone')
  @SignedIn()
  anyone(@CurrentSession() { kind, id }: Session) {
    return { kind, id };
  }

  @Get('maybe')
  @MaybeSignedIn()
  maybe(@CurrentSession() session: Session | null) {
    return { kind: session?.kind ?? null };
  }

  @Post('resident')
  @HttpCode(200)
  @SignedIn('resident')
  change() {
    return {};
  }
}

let city: FreshCity;
let pool: Pool;
let service: HttpApp;
let sessions: SessionsService;
const residentId = newUuid();
let resident: string;
let board: string;

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.appUrl, size: 3, applicationName: 'test' });
  service = await anHttpApp({ controllers: [SessionController], pool });
  sessions = service.app.get(SessionsService);
  resident = await sessions.create('resident', residentId, 3600);
  board = await sessions.create('board', 'chair', 3600);
});
afterAll(async () => {
  await service.close();
  await pool.end();
  await city.drop();
});

async function get(path: string, headers: Record<string, string>) {
  const response = await fetch(service.url + path, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('who may enter where', async () => {
  const cookies = { stranger: '', resident: cookieValue(resident), board: cookieValue(board) };
  const table: Record<string, unknown[]> = {};
  for (const path of ['resident', 'board', 'anyone', 'maybe']) {
    table[path] = [];
    for (const cookie of Object.values(cookies)) {
      const { body } = await get(`/v1/${path}`, cookie === '' ? {} : { cookie });
      table[path].push(body['code'] ?? body['kind']);
    }
  }
  expect(table).toEqual({
    //         stranger            resident     board
    resident: ['sign-in-required', 'resident', 'forbidden'],
    board: ['sign-in-required', 'forbidden', 'board'],
    anyone: ['sign-in-required', 'resident', 'board'],
    maybe: [null, 'resident', 'board'],
  });
  expect((await get('/v1/resident', { cookie: cookieValue(resident) })).body).toEqual({
    kind: 'resident',
    id: residentId,
  });
});

test('only the hash of a secret is stored, and a stored hash opens nothing', async () => {
  const admin = new Client({ connectionString: city.adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ row: string; sha256: Buffer }>(
    'SELECT session::text AS row, sha256 FROM azukari.session',
  );
  await admin.end();
  expect(rows.map(({ sha256: stored }) => stored)).toContainEqual(sha256(utf8(resident)));
  expect(rows.map(({ row }) => row).join()).not.toContain(resident);
  const stolen = rows[0]!.sha256.toString('base64url');
  expect((await get('/v1/anyone', { cookie: cookieValue(stolen) })).status).toBe(401);
});

test.each([
  ['an unknown secret', () => cookieValue(newSecret())],
  ['an empty secret', () => cookieValue('')],
  ['a secret that is none', () => cookieValue("' OR 1=1 --")],
  ['the secret with a character more', () => cookieValue(`${resident}A`)],
  ['the secret under another name', () => `azukari_sessions=${resident}`],
  ['the secret under a longer name', () => `my_azukari_session=${resident}`],
])('%s is no session', async (_it, cookie) => {
  expect(await get('/v1/anyone', { cookie: cookie() })).toMatchObject({
    status: 401,
    body: { code: 'sign-in-required' },
  });
  expect(await get('/v1/maybe', { cookie: cookie() })).toMatchObject({ status: 200, body: { kind: null } });
});

test('the session is found among other cookies', async () => {
  const cookie = `azukari_language=en; ${cookieValue(resident)};other=1`;
  expect((await get('/v1/resident', { cookie })).status).toBe(200);
});

test('two identities in one request are refused', async () => {
  const invalid = { status: 400, body: { code: 'invalid-request' } };
  expect(await get('/v1/anyone', { cookie: `${cookieValue(board)}; ${cookieValue(resident)}` })).toMatchObject(invalid);
  expect(await get('/v1/maybe', { cookie: `${cookieValue(board)}; ${cookieValue(resident)}` })).toMatchObject(invalid);
  const authorization = `DPoP ${newSecret()}`;
  expect(await get('/v1/anyone', { cookie: cookieValue(board), authorization })).toMatchObject(invalid);
});

test('a session that was ended, or whose time is over by the clock of the database, is none', async () => {
  const ended = await sessions.create('resident', residentId, 3600);
  const short = await sessions.create('resident', residentId, 0.3);
  expect(await sessions.find(ended)).toMatchObject({ kind: 'resident', id: residentId });
  await sessions.end(ended);
  expect(await sessions.find(ended)).toBeNull();
  await pool.query('SELECT pg_sleep(0.4)');
  expect(await sessions.find(short)).toBeNull();
  expect(await sessions.sweep(1)).toBe(1);
  expect(await sessions.sweep(10)).toBe(0);
  expect(await sessions.find(resident)).not.toBeNull();
});

test('a failed attempt is recorded without the secret, and a good one still works', async () => {
  service.securityLines.length = 0;
  const secret = newSecret();
  await get('/v1/resident', { cookie: cookieValue(secret) });
  expect(service.securityLines).toHaveLength(1);
  expect(service.securityLines[0]).not.toContain(secret);
  expect((await get('/v1/resident', { cookie: cookieValue(resident) })).status).toBe(200);
});

test('a browser keeps the session from scripts, from other sites, and from plain connections', () => {
  expect(sessionSetCookie('S', 3600, true)).toBe(
    'azukari_session=S; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure',
  );
  expect(sessionSetCookie('S', 3600, false)).toBe('azukari_session=S; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax');
  expect(clearedSessionCookie(true)).toBe('azukari_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
});
