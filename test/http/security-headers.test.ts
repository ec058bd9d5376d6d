/** Every response carries the strict headers, whoever writes it, and the codes of problems explain themselves. */
import { Controller, Get, Header, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { codes, type Code } from '../../src/kernel/errors.js';
import { anHttpApp, type HttpApp } from './http-app.js';
import { rawRequest, sendRaw } from './raw-request.js';

@Controller()
class AnswersController {
  @Get('v1/json')
  json() {
    return { a: 1 };
  }

  @Get('raw')
  raw(@Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.end('raw');
  }

  @Get('public')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  public() {
    return {};
  }
}

let local: HttpApp;
let town: HttpApp;
beforeAll(async () => {
  const middleware = (_request: unknown, response: ServerResponse) => response.end('middleware');
  const configure = (app: NestFastifyApplication) => void app.use('/middleware', middleware);
  local = await anHttpApp({ controllers: [AnswersController], configure });
  town = await anHttpApp({ controllers: [AnswersController], publicUrl: 'https://azukari.minatono.example' });
});
afterAll(() => Promise.all([local.close(), town.close()]));

test.each(['/v1/json', '/raw', '/middleware', '/nothing', '/%ff', '/problems/csrf'])(
  '%s carries the strict headers',
  async (path) => {
    const { headers } = await fetch(local.url + path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers.get('permissions-policy')).toContain('geolocation=()');
    for (const name of ['strict-transport-security', 'server', 'x-powered-by', 'etag', 'access-control-allow-origin']) {
      expect([name, headers.get(name)]).toEqual([name, null]);
    }
  },
);

test('under https, and only there, browsers are told to stay with it', async () => {
  const host = 'Host: azukari.minatono.example';
  for (const requestLine of ['GET /v1/json HTTP/1.1', 'GET /nothing HTTP/1.1', 'nonsense']) {
    const { headers } = await sendRaw(town.port, rawRequest(town.port, requestLine, [host]));
    expect(headers.get('strict-transport-security')).toBe('max-age=63072000');
  }
});

test('a controller may replace a header for its own answer', async () => {
  const { headers } = await fetch(`${local.url}/public`);
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('every code explains itself in both languages, to programs and to people', async () => {
  const { problems } = (await (await fetch(`${local.url}/problems`)).json()) as { problems: Record<string, string>[] };
  expect(problems.map(({ code }) => code)).toEqual(Object.keys(codes));
  for (const code of Object.keys(codes) as Code[]) {
    const [status, title, titleJa] = codes[code];
    const one = (await (await fetch(`${local.url}/problems/${code}`)).json()) as Record<string, unknown>;
    expect(one).toMatchObject({ type: `http://127.0.0.1:8480/problems/${code}`, code, status, title, titleJa });
    expect(one['explanation']).toMatch(/^[A-Z].*\.$/);
    expect(one['explanationJa']).toMatch(/[ぁ-ん].*。$/);
  }
  const page = await fetch(`${local.url}/problems/body-too-large`, { headers: { accept: 'text/html' } });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain(
    '<p lang="en">The body is larger than this address takes. <code>limitBytes</code> is',
  );
  const unknown = await fetch(`${local.url}/problems/toString`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'not-found' }]);
});
