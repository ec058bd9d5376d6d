/** What another site makes a browser send changes nothing; what our own pages send does. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { cookieValue } from '../../src/http/session-cookie.js';
import { CurrentSession, MaybeSignedIn, SignedIn } from '../../src/http/session.guard.js';
import { csrfTokenFor, type Session } from '../../src/http/session.js';
import { SessionsService } from '../../src/http/sessions.service.js';
import { newUuid } from '../../src/kernel/ids.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { anHttpApp, type HttpApp } from './http-app.js';

const done: unknown[] = [];

@Controller()
class ChangesController {
  @Post(['my/change', 'v1/change'])
  @HttpCode(200)
  @SignedIn('resident')
  change(
    @Body({ schema: z.strictObject({ item: z.union([z.string(), z.array(z.string())]) }).optional() }) body: unknown,
  ) {
    done.push(body);
    return { body: body ?? null };
  }

  @Post('my/maybe')
  @HttpCode(200)
  @MaybeSignedIn()
  maybe(@CurrentSession() session: Session | null) {
    done.push(session?.id);
    return {};
  }

  @Post('sign-in')
  @HttpCode(200)
  signIn() {
    done.push('signed in');
    return {};
  }
}

let city: FreshCity;
let pool: Pool;
let service: HttpApp;
let cookie: string;
let token: string;
let foreignToken: string;

beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.appUrl, size: 3, applicationName: 'test' });
  service = await anHttpApp({ controllers: [ChangesController], pool });
  const sessions = service.app.get(SessionsService);
  const secret = await sessions.create('resident', newUuid(), 3600);
  cookie = cookieValue(secret);
  token = csrfTokenFor(secret);
  expect((await sessions.find(secret))?.csrfToken).toBe(token);
  foreignToken = csrfTokenFor(await sessions.create('resident', newUuid(), 3600));
});
afterAll(async () => {
  await service.close();
  await pool.end();
  await city.drop();
});

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

interface Attempt {
  path?: string;
  type?: string;
  body?: () => string;
  headers?: () => Record<string, string>;
  isStranger?: boolean;
}

async function send({ path = '/my/change', type, body, headers, isStranger }: Attempt) {
  const all: Record<string, string> = { ...(headers?.() ?? {}) };
  if (type !== undefined) all['content-type'] = type;
  if (!isStranger) all['cookie'] = cookie;
  const response = await fetch(service.url + path, { method: 'POST', headers: all, body: body?.() ?? null });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

const good = () => `item=a&csrf=${token}`;
const object = () => '{"item":"a"}';
const from = (origin: string) => () => ({ origin });
const fetched = (site: string) => () => ({ 'sec-fetch-site': site });

test.each<[it: string, attempt: Attempt, code: string]>([
  ['a form without a token', { type: form, body: () => 'item=a' }, 'csrf'],
  ['a form with an empty token', { type: form, body: () => 'item=a&csrf=' }, 'csrf'],
  ['a form without anything', { type: form, body: () => '' }, 'csrf'],
  ['a form with the token of another session', { type: form, body: () => `item=a&csrf=${foreignToken}` }, 'csrf'],
  ['a form with two tokens', { type: form, body: () => `${good()}&csrf=${token}` }, 'csrf'],
  ['a form with the token in the address', { path: '/my/change?csrf=x', type: form, body: () => 'item=a' }, 'csrf'],
  ['a form from another site', { type: form, body: good, headers: from('https://evil.example') }, 'csrf'],
  ['a form from nowhere', { type: form, body: good, headers: from('null') }, 'csrf'],
  ['a form from another port', { type: form, body: good, headers: from('http://127.0.0.1:1') }, 'csrf'],
  [
    'a form from the same place over https',
    { type: form, body: good, headers: from('https://127.0.0.1:8480') },
    'csrf',
  ],
  ['a form from a cross-site page', { type: form, body: good, headers: fetched('cross-site') }, 'csrf'],
  ['a form from a neighbouring site', { type: form, body: good, headers: fetched('same-site') }, 'csrf'],
  ['a form where strangers are welcome, without a token', { path: '/my/maybe', type: form, body: () => '' }, 'csrf'],
  [
    'signing in from another site',
    { path: '/sign-in', type: form, headers: from('https://evil.example'), body: () => 'a=b', isStranger: true },
    'csrf',
  ],
  [
    'JSON from another site',
    { path: '/v1/change', type: json, body: object, headers: from('https://evil.example') },
    'csrf',
  ],
  ['JSON from nowhere', { path: '/v1/change', type: json, body: object, headers: from('null') }, 'csrf'],
  [
    'JSON from a cross-site page',
    { path: '/v1/change', type: json, body: object, headers: fetched('cross-site') },
    'csrf',
  ],
  ['no body from another site', { path: '/v1/change', headers: from('https://evil.example') }, 'csrf'],
  ['JSON that calls itself text', { path: '/v1/change', type: 'text/plain', body: object }, 'unsupported-media-type'],
  ['JSON that calls itself a form', { path: '/v1/change', type: form, body: object }, 'unsupported-media-type'],
  ['JSON that calls itself nothing', { path: '/v1/change', type: '', body: object }, 'unsupported-media-type'],
  ['a form with bytes that are no UTF-8', { type: form, body: () => 'item=%ff' }, 'invalid-encoding'],
  ['a form with half an escape', { type: form, body: () => 'item=%e3%8' }, 'invalid-encoding'],
  ['a form in plain UTF-8', { type: form, body: () => 'item=港' }, 'invalid-encoding'],
  ['a form with U+0000', { type: form, body: () => 'item=%00' }, 'invalid-request'],
  ['a form with a field named __proto__', { type: form, body: () => '__proto__=1' }, 'invalid-request'],
  ['a form with too many fields', { type: form, body: () => 'a=b&'.repeat(1001) }, 'invalid-request'],
  ['a form with an unknown field', { type: form, body: () => `${good()}&x=1` }, 'unknown-field'],
])('%s changes nothing', async (...[, attempt, code]) => {
  const before = done.length;
  service.securityLines.length = 0;
  expect((await send(attempt)).answer['code']).toBe(code);
  expect(done).toHaveLength(before);
  expect(service.securityLines).toHaveLength(code === 'csrf' ? 1 : 0);
  expect(service.securityLines.join()).not.toContain(token);
});

test.each<[it: string, attempt: Attempt, body: unknown]>([
  ['a form with its token', { type: form, body: good }, { item: 'a' }],
  ['a form from the public address', { type: form, body: good, headers: from('http://127.0.0.1:8480') }, { item: 'a' }],
  ['a form fetched from the same origin', { type: form, body: good, headers: fetched('same-origin') }, { item: 'a' }],
  [
    'a form with a field several times',
    { type: form, body: () => `item=a&item=b&item=c&csrf=${token}` },
    { item: ['a', 'b', 'c'] },
  ],
  ['a form in Japanese', { type: form, body: () => `item=%E6%B8%AF+%26&csrf=${token}` }, { item: '港 &' }],
  ['JSON without an origin', { path: '/v1/change', type: json, body: object }, { item: 'a' }],
  [
    'JSON from the public address',
    { path: '/v1/change', type: json, body: object, headers: from('http://127.0.0.1:8480') },
    { item: 'a' },
  ],
  ['no body at all', { path: '/v1/change' }, null],
  ['no body but a content type', { path: '/v1/change', type: json, body: () => '' }, null],
])('%s is done', async (...[, attempt, body]) => {
  expect(await send(attempt)).toEqual({ status: 200, answer: { body } });
});

test('on the own machine a page may come from the name it was asked under', async () => {
  const own = () => ({ origin: `http://127.0.0.1:${service.port}` });
  expect((await send({ type: form, body: good, headers: own })).status).toBe(200);
  const otherName = () => ({ origin: `http://localhost:${service.port}` });
  expect((await send({ type: form, body: good, headers: otherName })).status).toBe(403);
});

test('a stranger may sign in from our own page', async () => {
  expect((await send({ path: '/sign-in', type: form, body: () => 'a=b', isStranger: true })).status).toBe(200);
  expect((await send({ path: '/my/maybe', type: form, body: () => '', isStranger: true })).status).toBe(200);
});
