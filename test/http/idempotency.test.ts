/** A request that is repeated with its Idempotency-Key is done once and answered the same. */
import { Body, Controller, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { Client, type Pool } from 'pg';
import type { FastifyReply } from 'fastify';
import { APP_POOL } from '../../src/database/connections.js';
import { openPool, type Transaction } from '../../src/database/pool.js';
import {
  forgetAnswersOf,
  IdempotencyKey,
  sweepAnswers,
  withIdempotency,
  type IdempotencyHeader,
} from '../../src/http/idempotency.js';
import { sha256, utf8 } from '../../src/kernel/bytes.js';
import { Mistake } from '../../src/kernel/errors.js';
import { newSecret } from '../../src/kernel/ids.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { anHttpApp } from './http-app.js';

let city: FreshCity;
let pool: Pool;
let admin: Client;
beforeAll(async () => {
  city = await aFreshCity();
  pool = openPool({ url: city.appUrl, size: 12, applicationName: 'test' });
  admin = new Client({ connectionString: city.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await pool.end();
  await city.drop();
});
beforeEach(() => admin.query('TRUNCATE azukari.idempotency, azukari.session'));

const requestSha256 = sha256(utf8('the request'));
const request = { subject: 'recipient:hamakaze-clinic', key: 'k1', requestSha256 };

/** Leaves a trace that is rolled back with the transaction. */
async function leaveTrace(transaction: Transaction): Promise<string> {
  const trace = newSecret();
  await transaction.query(
    "INSERT INTO azukari.session (sha256, subject_kind, subject_id, expires_at) VALUES ($1, 'board', $2, 'infinity')",
    [sha256(utf8(trace)), trace],
  );
  return trace;
}

async function traces(): Promise<number> {
  return Number((await admin.query<{ n: string }>('SELECT count(*) AS n FROM azukari.session')).rows[0]!.n);
}

const work = async (transaction: Transaction) => ({
  status: 201,
  answer: { id: await leaveTrace(transaction), z: 1, a: [null] },
});

test('the second call has the answer of the first, to the byte, and nothing is done again', async () => {
  const first = await withIdempotency(pool, request, work);
  const second = await withIdempotency(pool, request, work);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  expect(await traces()).toBe(1);
});

test('without a key every call is done', async () => {
  const first = await withIdempotency(pool, { ...request, key: null }, work);
  const second = await withIdempotency(pool, { ...request, key: null }, work);
  expect(second.answer.id).not.toBe(first.answer.id);
  expect(await traces()).toBe(2);
});

test('a key belongs to one subject and one request', async () => {
  await withIdempotency(pool, request, work);
  const other = { ...request, requestSha256: sha256(utf8('another request')) };
  await expect(withIdempotency(pool, other, work)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
  expect(await traces()).toBe(1);
  await withIdempotency(pool, { ...other, subject: 'recipient:isobe-mart' }, work);
  await withIdempotency(pool, { ...other, key: 'k2' }, work);
  expect(await traces()).toBe(3);
});

test('of ten at once one is done, and all have its answer', async () => {
  let running = 0;
  const slowly = async (transaction: Transaction) => {
    running += 1;
    expect(running).toBe(1);
    await transaction.query('SELECT pg_sleep(0.1)');
    return work(transaction);
  };
  const answers = await Promise.all(Array.from({ length: 10 }, () => withIdempotency(pool, request, slowly)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await traces()).toBe(1);
});

test('of two at once with different requests the second is refused once the first is done', async () => {
  const other = { ...request, requestSha256: sha256(utf8('another request')) };
  const outcomes = await Promise.allSettled([withIdempotency(pool, request, work), withIdempotency(pool, other, work)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await traces()).toBe(1);
});

test('work that fails leaves nothing, and the one that waited for it does it', async () => {
  let calls = 0;
  const failingOnce = async (transaction: Transaction) => {
    calls += 1;
    const isFirst = calls === 1;
    const result = await work(transaction);
    await transaction.query('SELECT pg_sleep(0.1)');
    if (isFirst) throw new Mistake('conflict', 'not now');
    return result;
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => withIdempotency(pool, request, failingOnce)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(calls).toBe(2);
  expect(await traces()).toBe(1);
});

test('an answer of 400 or more is committed but not kept', async () => {
  const refused = async (transaction: Transaction) => ({ status: 403, answer: { id: await leaveTrace(transaction) } });
  await withIdempotency(pool, request, refused);
  const second = await withIdempotency(pool, request, work);
  expect(second.status).toBe(201);
  expect(await traces()).toBe(2);
});

test('any JSON is given back as it was, also what jsonb cannot hold', async () => {
  const answer = { text: 'a\u0000b\ud83d\ude00"\\', nothing: null, list: [1.5, false, {}], empty: '' };
  await withIdempotency(pool, request, () => Promise.resolve({ status: 200, answer }));
  const replayed = await withIdempotency(pool, request, () => Promise.reject(new Error('not again')));
  expect(replayed).toEqual({ status: 200, answer });
  const empty = { ...request, key: 'empty' };
  await withIdempotency(pool, empty, () => Promise.resolve({ status: 204, answer: undefined }));
  expect(await withIdempotency(pool, empty, work)).toEqual({ status: 204, answer: null });
});

test('after a day the key is free again, swept or not', async () => {
  await withIdempotency(pool, request, work);
  await withIdempotency(pool, { ...request, key: 'k2' }, work);
  await admin.query("UPDATE azukari.idempotency SET created_at = created_at - interval '24 hours 1 second'");
  await withIdempotency(pool, request, work);
  expect(await traces()).toBe(3);
  expect(await sweepAnswers(pool, 100)).toBe(1);
  expect(await sweepAnswers(pool, 100)).toBe(0);
  await withIdempotency(pool, request, work);
  expect(await traces()).toBe(3);
});

test('the answers of a subject that is erased are forgotten', async () => {
  await withIdempotency(pool, request, work);
  await withIdempotency(pool, { ...request, subject: 'recipient:isobe-mart' }, work);
  const client = await pool.connect();
  await forgetAnswersOf(client, request.subject);
  client.release();
  const { rows } = await admin.query('SELECT subject FROM azukari.idempotency');
  expect(rows).toEqual([{ subject: 'recipient:isobe-mart' }]);
});

@Controller('v1/things')
class ThingsController {
  constructor(@Inject(APP_POOL) private readonly connections: Pool) {}

  @Post(['', 'other'])
  @HttpCode(201)
  async make(
    @IdempotencyKey() idempotency: IdempotencyHeader,
    @Body() _body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { status, answer } = await withIdempotency(
      this.connections,
      { subject: 'source:test', ...idempotency },
      work,
    );
    void reply.code(status);
    return answer;
  }
}

test('over HTTP the same request is the same method, address and body', async () => {
  const service = await anHttpApp({ controllers: [ThingsController], pool });
  const post = async (key: string | null, path: string, body: string) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (key !== null) headers['idempotency-key'] = key;
    const response = await fetch(service.url + path, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  };
  const first = await post('k1', '/v1/things', '{"a":1}');
  expect(first.status).toBe(201);
  expect(await post('k1', '/v1/things', '{"a":1}')).toEqual(first);
  for (const [path, body] of [
    ['/v1/things', '{"a":2}'],
    ['/v1/things', '{"a": 1}'],
    ['/v1/things', ''],
    ['/v1/things?x=1', '{"a":1}'],
    ['/v1/things/other', '{"a":1}'],
  ] as const) {
    const { status, text } = await post('k1', path, body);
    expect([path, body, status, (JSON.parse(text) as { code: string }).code]).toEqual([
      path,
      body,
      422,
      'idempotency-key-reused',
    ]);
  }
  expect((await post(null, '/v1/things', '{"a":1}')).text).not.toBe(first.text);
  expect(await traces()).toBe(2);
  for (const key of ['k'.repeat(201), 'a b', 'ké']) {
    expect((await post(key, '/v1/things', '{}')).text).toContain('"invalid-request"');
  }
  expect((await post('k'.repeat(200), '/v1/things', '{}')).status).toBe(201);
  await service.close();
});
