/** A request that is not as it should be gets its own code, changes nothing, and is repeated nowhere. */
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { BodyLimit, bodyBytesMax, jsonDepthMax } from '../../src/http/limits.js';
import { codes, type Code } from '../../src/kernel/errors.js';
import { anHttpApp, type HttpApp } from './http-app.js';

const orderSchema = z.strictObject({
  program: z.string().min(1).max(20),
  count: z.number().int().optional(),
  decision: z.enum(['give', 'refuse']).optional(),
  items: z.array(z.strictObject({ category: z.string(), fields: z.array(z.string()) })).optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
});
const querySchema = z.strictObject({ from: z.iso.date(), limit: z.coerce.number().int().optional() });

const received: unknown[] = [];

@Controller('v1')
class OrdersController {
  @Post('orders')
  @HttpCode(200)
  order(@Body({ schema: orderSchema }) body: unknown) {
    received.push(body);
    return body;
  }

  @Post('anything')
  @HttpCode(200)
  anything(@Body() body: unknown) {
    received.push(body);
    return { body: body ?? null };
  }

  @Post('small')
  @BodyLimit(64)
  @HttpCode(200)
  small(@Body() body: unknown) {
    received.push(body);
    return body;
  }

  @Get('orders')
  list(@Query({ schema: querySchema }) query: unknown) {
    return query;
  }

  @Get('orders/:id')
  one(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
}

let service: HttpApp;
beforeAll(async () => {
  service = await anHttpApp({ controllers: [OrdersController] });
});
afterAll(() => service.close());

/** A text that must not come back, nor stand in any log. */
const canary = 'みなと花子 090-0000-1234';
const json = { 'content-type': 'application/json' };
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** `POST /v1/orders` with a JSON body. */
const bodies: [it: string, body: string | Buffer<ArrayBuffer>, code: Code, pointer?: string][] = [
  ['JSON that breaks off', `{"program":"${canary}`, 'malformed-json'],
  ['no JSON at all', canary, 'malformed-json'],
  ['JSON with a comment', `{"program":"a"} // ${canary}`, 'malformed-json'],
  ['JSON behind a byte order mark', '\ufeff{"program":"a"}', 'malformed-json'],
  ['NaN', '{"program":"a","count":NaN}', 'malformed-json'],
  ['UTF-16', Buffer.from('{"program":"a"}', 'utf16le'), 'malformed-json'],
  ['bytes that are not UTF-8', Buffer.from('{"program":"\xc3\x28"}', 'latin1'), 'invalid-encoding'],
  ['an overlong encoding', Buffer.from('"\xc0\xaf"', 'latin1'), 'invalid-encoding'],
  ['half a surrogate pair', '{"program":"\\ud83d"}', 'invalid-encoding'],
  ['the character U+0000', `{"program":"${canary}\\u0000"}`, 'invalid-request'],
  ['the character U+0000 in a name', '{"\\u0000":1}', 'invalid-request'],
  ['two members of one name', '{"program":"a","program":"b"}', 'invalid-request'],
  ['two of one name, one escaped', '{"program":"a","pro\\u0067ram":"b"}', 'invalid-request'],
  ['two of one name, far down', '{"items":[{"a":1,"a":1}]}', 'invalid-request'],
  ['__proto__', '{"program":"a","__proto__":{"isBoard":true}}', 'invalid-request'],
  ['constructor as a field', '{"program":"a","constructor":1}', 'unknown-field', '/constructor'],
  ['a number beyond a double', '{"program":"a","count":1e999}', 'invalid-request'],
  ['nesting beyond the limit', deep(jsonDepthMax + 1), 'invalid-request'],
  ['nesting far beyond the limit', deep(400_000), 'invalid-request'],
  ['an unknown field', '{"program":"a","colour":"red"}', 'unknown-field', '/colour'],
  ['an unknown field with a strange name', `{"program":"a","${canary}":1}`, 'unknown-field', ''],
  [
    'an unknown field in an array',
    '{"items":[{"category":"c","fields":[],"x":1}],"program":"a"}',
    'unknown-field',
    '/items/0/x',
  ],
  ['a missing field', '{"count":1}', 'missing-field', '/program'],
  ['a field of the wrong type', `{"program":["${canary}"]}`, 'wrong-type', '/program'],
  ['null in place of a text', '{"program":null}', 'wrong-type', '/program'],
  ['a fraction in place of an integer', '{"program":"a","count":1.5}', 'wrong-type', '/count'],
  ['a type of no branch of a union', '{"program":"a","either":1}', 'wrong-type', '/either'],
  ['a value outside its list', `{"program":"a","decision":"${canary}"}`, 'invalid-request', '/decision'],
  ['a text that is too long', `{"program":"${canary.repeat(9)}"}`, 'invalid-request', '/program'],
  ['an array in place of an object', '[]', 'wrong-type', ''],
  ['an empty body', '', 'missing-field', ''],
  ['a body beyond the limit', `"${'x'.repeat(bodyBytesMax)}"`, 'body-too-large'],
];

/** `POST /v1/orders` with `{}` and these headers. */
const headers: [it: string, headers: Record<string, string>, code: Code][] = [
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported-media-type'],
  ['plain text', { 'content-type': 'text/plain' }, 'unsupported-media-type'],
  ['JSON of another kind', { 'content-type': 'application/ld+json' }, 'unsupported-media-type'],
  ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, 'unsupported-media-type'],
  ['a content type that is none', { 'content-type': 'json' }, 'unsupported-media-type'],
  ['another charset', { 'content-type': 'application/json; charset=shift_jis' }, 'unsupported-media-type'],
  ['UTF-7', { 'content-type': 'application/json; charset=utf-7' }, 'unsupported-media-type'],
  ['a compressed body', { ...json, 'content-encoding': 'gzip' }, 'unsupported-media-type'],
];

const addresses: [it: string, method: string, path: string, code: Code, pointer?: string][] = [
  ['a body beyond the limit of its route', 'POST', '/v1/small', 'body-too-large'],
  ['no such address', 'POST', '/v1/nothing', 'not-found'],
  ['an address of an older version', 'GET', '/v0/orders', 'not-found'],
  ['an address with a slash too many', 'POST', '/v1/orders/', 'not-found'],
  ['another method', 'DELETE', '/v1/orders', 'method-not-allowed'],
  ['OPTIONS', 'OPTIONS', '/v1/orders', 'method-not-allowed'],
  ['HEAD where data would be given out', 'HEAD', '/v1/orders?from=2026-01-01', 'method-not-allowed'],
  ['a method that is overridden', 'GET', '/v1/anything', 'method-not-allowed'],
  ['an id that cannot be one', 'GET', `/v1/orders/${encodeURIComponent(canary)}`, 'not-found'],
  ['an id that is far too long', 'GET', `/v1/orders/${'a'.repeat(2000)}`, 'not-found'],
  ['an address that does not decode', 'GET', '/v1/orders/%c3%28', 'invalid-request'],
  ['a query that does not decode', 'GET', '/v1/orders?from=%ff', 'invalid-request'],
  ['a query with half an escape', 'GET', '/v1/orders?from=%2', 'invalid-request'],
  ['a query with U+0000', 'GET', '/v1/orders?from=%00', 'invalid-request'],
  ['an unknown parameter', 'GET', '/v1/orders?from=2026-01-01&form=1', 'unknown-field', '/form'],
  ['a missing parameter', 'GET', '/v1/orders', 'missing-field', '/from'],
  ['a parameter given twice', 'GET', '/v1/orders?from=2026-01-01&from=2026-01-02', 'wrong-type', '/from'],
  ['a parameter named __proto__', 'GET', '/v1/orders?from=2026-01-01&__proto__=1', 'unknown-field', '/__proto__'],
  ['a day that does not exist', 'GET', '/v1/orders?from=2026-02-30', 'invalid-request', '/from'],
];

const allowed: Record<string, string> = { '/v1/orders': 'GET, POST', '/v1/anything': 'POST' };

const accepted: [it: string, headers: Record<string, string>, body: string, answer: unknown][] = [
  ['a body as large as the limit', json, `"${'x'.repeat(bodyBytesMax - 2)}"`, 'x'.repeat(bodyBytesMax - 2)],
  ['nesting as deep as the limit', json, deep(jsonDepthMax), JSON.parse(deep(jsonDepthMax))],
  ['no body where none is needed', {}, '', null],
  ['an empty JSON body where none is needed', json, '', null],
  ['a charset in capitals', { 'content-type': 'Application/JSON; Charset="UTF-8"' }, '1', 1],
  ['text beyond the first plane, plain or escaped', json, '["𠮷","\\ud842\\udfb7"]', ['𠮷', '𠮷']],
  ['colons, brackets and quotes in a text', json, '{"a":"{\\":[:","b":"\\\\"}', { a: '{":[:', b: '\\' }],
  ['the six characters of an escape of U+0000', json, '"\\\\u0000"', '\\u0000'],
  ['the same name in two objects', json, '[{"a":1},{"a":{"a":2}}]', [{ a: 1 }, { a: { a: 2 } }]],
  ['names that every object inherits', json, '{"constructor":1,"toString":3}', { constructor: 1, toString: 3 }],
  ['the content coding that is none', { ...json, 'content-encoding': 'identity' }, '1', 1],
];

test.each(accepted)('%s is accepted', async (_it, sent, body, answer) => {
  const init = { method: 'POST', headers: sent, body: body === '' && sent !== json ? null : body };
  const response = await fetch(`${service.url}/v1/anything`, init);
  expect([response.status, await response.json()]).toEqual([200, { body: answer }]);
});

async function expectProblem(path: string, init: RequestInit, code: Code, pointer?: string): Promise<void> {
  const before = received.length;
  const response = await fetch(service.url + path, init);
  const text = await response.text();
  const [status] = codes[code];
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(response.headers.get('allow')).toBe(status === 405 ? (allowed[path.split('?', 1)[0]!] ?? null) : null);
  if (init.method !== 'HEAD') {
    const type = `http://127.0.0.1:8480/problems/${code}`;
    const problem = JSON.parse(text) as Record<string, unknown>;
    expect(problem).toMatchObject({ type, status, code, title: codes[code][1], titleJa: codes[code][2] });
    expect(problem['pointer']).toBe(pointer);
  }
  expect(text).not.toMatch(/みなと花子|090-0000|red/);
  expect(received).toHaveLength(before);
  expect([service.incidentLines, service.securityLines]).toEqual([[], []]);
}

test.each(bodies)('%s is refused', async (...[, body, code, pointer]) => {
  await expectProblem('/v1/orders', { method: 'POST', headers: json, body }, code, pointer);
});

test.each(headers)('%s is refused', async (_it, sent, code) => {
  await expectProblem('/v1/orders', { method: 'POST', headers: sent, body: '{}' }, code);
});

test.each(addresses)('%s is refused', async (...[, method, path, code, pointer]) => {
  const body = ['POST', 'DELETE'].includes(method) ? `"${'x'.repeat(64)}` : null;
  const sent = body === null ? { 'x-http-method-override': 'POST' } : json;
  await expectProblem(path, { method, headers: sent, body }, code, pointer);
});

test('the limit that was exceeded is stated in bytes', async () => {
  const small = await fetch(`${service.url}/v1/small`, { method: 'POST', headers: json, body: '"'.padEnd(65, 'x') });
  expect(await small.json()).toMatchObject({
    code: 'body-too-large',
    limitBytes: 64,
    detail: 'the body may have 64 bytes here',
  });
});

test('everything that is wrong is listed, up to twenty findings, and no value is repeated', async () => {
  const names = Array.from({ length: 30 }, (_unused, position) => `"f${position}":"${canary}"`).join(',');
  const body = `{"program":7,"count":"${canary}",${names}}`;
  const response = await fetch(`${service.url}/v1/orders`, { method: 'POST', headers: json, body });
  const problem = (await response.json()) as { findings: object[] };
  expect(problem).toMatchObject({ code: 'wrong-type', in: 'body', pointer: '/program' });
  expect(problem.findings).toHaveLength(20);
  expect(problem.findings.slice(0, 3)).toEqual([
    { pointer: '/program', code: 'wrong-type' },
    { pointer: '/count', code: 'wrong-type' },
    { pointer: '/f0', code: 'unknown-field' },
  ]);
});
