/** What no client library would send: smuggling, forged hosts, doubled headers. The server answers in its own form, or closes. */
import { connect } from 'node:net';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerBytesMax } from '../../src/http/limits.js';
import { anHttpApp, type HttpApp } from './http-app.js';
import { rawRequest, sendRaw } from './raw-request.js';

const served: FastifyRequest['headers'][] = [];

@Controller('v1/things')
class ThingsController {
  @Get()
  get(@Req() request: FastifyRequest) {
    served.push(request.headers);
    return { ip: request.ip, host: request.host, protocol: request.protocol, method: request.method };
  }

  @Get('slow')
  async slow(@Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' }).write('first part');
    await new Promise((resolve) => reply.raw.once('close', resolve));
  }

  @Post()
  @HttpCode(200)
  post(@Req() request: FastifyRequest) {
    served.push(request.headers);
    return {};
  }
}

let local: HttpApp;
let town: HttpApp;
let demo: HttpApp;
beforeAll(async () => {
  const controllers = [ThingsController];
  local = await anHttpApp({ controllers });
  town = await anHttpApp({ controllers, publicUrl: 'https://azukari.minatono.example' });
  demo = await anHttpApp({ controllers, publicUrl: 'https://demo.minatono.example', isDemo: true });
});
afterAll(() => Promise.all([local.close(), town.close(), demo.close()]));
beforeEach(() => {
  for (const list of [served, local.securityLines, town.securityLines]) list.length = 0;
});

const get = 'GET /v1/things HTTP/1.1';

test.each([
  ['the public host', 'azukari.minatono.example', 200],
  ['the public host in capitals', 'Azukari.Minatono.EXAMPLE', 200],
  ['the public host with its own port', 'azukari.minatono.example:443', 200],
  ['the public host with another port', 'azukari.minatono.example:8443', 421],
  ['another host', 'evil.example', 421],
  ['a host with ours as a prefix', 'azukari.minatono.example.evil.example', 421],
  ['a host with ours as userinfo', 'azukari.minatono.example@evil.example', 421],
  ['the public host with a dot at its end', 'azukari.minatono.example.', 421],
  ['the name of the machine', 'localhost', 421],
  ['no name', '', 421],
])('a service in the open answers %s (%s) with %i', async (_it, host, status) => {
  const response = await sendRaw(town.port, rawRequest(town.port, get, [`Host: ${host}`]));
  expect(response.status).toBe(status);
  expect(served).toHaveLength(status === 200 ? 1 : 0);
  if (status === 421) {
    expect(JSON.parse(response.body)).toMatchObject({
      type: 'https://azukari.minatono.example/problems/misdirected-host',
      code: 'misdirected-host',
    });
    expect(town.securityLines.map((line) => JSON.parse(line) as object)).toMatchObject([{ event: 'host-misdirected' }]);
  }
});

test('on the own machine its names are hosts on the port that is listened on, and on no other', async () => {
  for (const service of [local, demo]) {
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const own = await sendRaw(service.port, rawRequest(service.port, get, [`Host: ${name}:${service.port}`]));
      expect([name, own.status]).toEqual([name, 200]);
      const other = await sendRaw(service.port, rawRequest(service.port, get, [`Host: ${name}:${service.port + 1}`]));
      expect([name, other.status]).toEqual([name, 421]);
    }
  }
  const forged = await sendRaw(local.port, rawRequest(local.port, get, ['Host: evil.example']));
  expect(JSON.parse(forged.body)).toMatchObject({ code: 'misdirected-host' });
  expect(forged.body).not.toContain('evil');
});

test('an address in absolute form names its host itself', async () => {
  const own = await sendRaw(
    local.port,
    rawRequest(local.port, `GET http://127.0.0.1:${local.port}/v1/things HTTP/1.1`),
  );
  expect(own.status).toBe(200);
  const head = `HEAD http://127.0.0.1:${local.port}/v1/things HTTP/1.1`;
  expect((await sendRaw(local.port, rawRequest(local.port, head))).status).toBe(405);
  const other = await sendRaw(local.port, rawRequest(local.port, 'GET http://evil.example/v1/things HTTP/1.1'));
  expect(other.status).toBe(421);
});

test('nothing that a proxy claims is believed, or handed on', async () => {
  const claims = [
    'X-Forwarded-For: 203.0.113.9',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: gopher',
    'Forwarded: for=203.0.113.9;host=evil.example',
    'X-Real-IP: 203.0.113.9',
  ];
  const response = await sendRaw(local.port, rawRequest(local.port, get, claims));
  expect(JSON.parse(response.body)).toEqual({
    ip: '127.0.0.1',
    host: `127.0.0.1:${local.port}`,
    protocol: 'http',
    method: 'GET',
  });
  expect(Object.keys(served[0]!)).toEqual(['host', 'connection']);
});

const post = 'POST /v1/things HTTP/1.1';
const json = 'Content-Type: application/json';
test.each([
  ['two Host headers', get, ['Host: 127.0.0.1', 'Host: 127.0.0.1'], '', 400, 'invalid-request'],
  ['no Host header', 'GET /v1/things HTTP/1.1', ['host-less: 1'], '', 400, 'invalid-request'],
  ['two Authorization headers', get, ['Authorization: DPoP a', 'authorization: DPoP b'], '', 400, 'invalid-request'],
  ['two content types', post, [json, 'Content-Type: text/plain', 'Content-Length: 2'], '{}', 400, 'invalid-request'],
  [
    'two idempotency keys',
    post,
    [json, 'Idempotency-Key: a', 'Idempotency-Key: b', 'Content-Length: 2'],
    '{}',
    400,
    'invalid-request',
  ],
  [
    'a length and chunks',
    post,
    [json, 'Content-Length: 2', 'Transfer-Encoding: chunked'],
    '2\r\n{}\r\n0\r\n\r\n',
    400,
    'invalid-request',
  ],
  [
    'chunks and a length',
    post,
    [json, 'Transfer-Encoding: chunked', 'Content-Length: 2'],
    '2\r\n{}\r\n0\r\n\r\n',
    400,
    'invalid-request',
  ],
  ['two lengths', post, [json, 'Content-Length: 2', 'Content-Length: 3'], '{}', 400, 'invalid-request'],
  ['a length that is none', post, [json, 'Content-Length: +2'], '{}', 400, 'invalid-request'],
  [
    'a transfer coding that is not the last',
    post,
    [json, 'Transfer-Encoding: chunked, identity'],
    '0\r\n\r\n',
    400,
    'invalid-request',
  ],
  [
    'a chunk size that is none',
    post,
    [json, 'Transfer-Encoding: chunked'],
    '0x2\r\n{}\r\n0\r\n\r\n',
    400,
    'invalid-request',
  ],
  [
    'a chunk extension with a bare line feed',
    post,
    [json, 'Transfer-Encoding: chunked'],
    '2;\nxx\r\n{}\r\n0\r\n\r\n',
    400,
    'invalid-request',
  ],
  ['a folded header', get, ['X-Long: a', ' b'], '', 400, 'invalid-request'],
  ['a space before the colon', get, ['Authorization : DPoP a'], '', 400, 'invalid-request'],
  ['a header without a colon', get, ['Authorization'], '', 400, 'invalid-request'],
  ['a control character in a header', get, ['X-A: a\x00b'], '', 400, 'invalid-request'],
  ['headers beyond the limit', get, [`X-A: ${'a'.repeat(headerBytesMax)}`], '', 431, 'header-too-large'],
  [
    'an address beyond the limit',
    `GET /v1/things?${'a'.repeat(headerBytesMax)} HTTP/1.1`,
    [],
    '',
    431,
    'header-too-large',
  ],
  ['an address with bytes that are not ASCII', 'GET /v1/things?a=\u00e9 HTTP/1.1', [], '', 400, 'invalid-request'],
  ['an address with userinfo before it', 'GET @evil.example/v1/things HTTP/1.1', [], '', 400, 'invalid-request'],
  ['the asterisk as an address', 'OPTIONS * HTTP/1.1', [], '', 400, 'invalid-request'],
  ['TRACE', 'TRACE /v1/things HTTP/1.1', ['Authorization: DPoP secret'], '', 405, 'method-not-allowed'],
  ['a method that does not exist', 'PURGE /v1/things HTTP/1.1', [], '', 405, 'method-not-allowed'],
  ['HEAD where data is given out', 'HEAD /v1/things HTTP/1.1', [], '', 405, null],
  ['HTTP/2 in plain text', 'PRI * HTTP/2.0', [], '', 400, 'invalid-request'],
] as const)('%s is refused', async (_it, requestLine, lines, body, status, code) => {
  const request = rawRequest(local.port, requestLine, lines, body);
  const withoutHost = lines.some((line) => line.startsWith('host-less'))
    ? request.replace(/Host: [^\r]*\r\n/, '')
    : request;
  const response = await sendRaw(local.port, Buffer.from(withoutHost, 'latin1'));
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  if (code === null) expect(response.body).toBe('');
  else expect(JSON.parse(response.body)).toMatchObject({ status, code });
  expect(response.body).not.toMatch(/evil|secret/);
  expect(served).toEqual([]);
});

test('a request that is cut short is not served, and the next one is', async () => {
  const text = rawRequest(local.port, post, [json, 'Content-Length: 3'], '{}');
  const answer = sendRaw(local.port, text).catch(() => null);
  const next = await sendRaw(local.port, rawRequest(local.port, get));
  expect(next.status).toBe(200);
  expect(served).toHaveLength(1);
  local.app.getHttpServer().closeAllConnections();
  await answer;
});

test('a second request hidden in the body of the first is not served', async () => {
  const hidden = rawRequest(local.port, get);
  const response = await sendRaw(local.port, rawRequest(local.port, get, [`Content-Length: ${hidden.length}`], hidden));
  expect(response.status).toBe(200);
  expect(response.body.match(/HTTP\/1\.1/g)).toBeNull();
  expect(served).toHaveLength(1);
});

test('an answer is never written into the middle of another', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(local.port, '127.0.0.1', () => {
      socket.write(`GET /v1/things/slow HTTP/1.1\r\nHost: 127.0.0.1:${local.port}\r\n\r\n`);
    });
    socket.on('data', (chunk) => {
      if (received === '') socket.write('nonsense\r\n\r\n');
      received += chunk.toString();
    });
    socket.once('close', () => resolve(received)).once('error', reject);
  });
  expect(text).toContain('first part');
  expect(text).not.toContain('problem+json');
});

test('a request that does not arrive in time is told so', async () => {
  const server = local.app.getHttpServer();
  server.once('connection', (socket) => {
    setImmediate(() =>
      server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket),
    );
  });
  const response = await sendRaw(local.port, 'GET /v1/things HTTP/1.1\r\n');
  expect(JSON.parse(response.body)).toMatchObject({ status: 408, code: 'request-timeout' });
});

test('what is not HTTP stands in the security log', async () => {
  await sendRaw(local.port, 'nonsense\r\n\r\n');
  expect(local.securityLines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'malformed-http', code: 'invalid-request' },
  ]);
});
