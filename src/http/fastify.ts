/**
 * The server below Nest: limits, timeouts, strict parsing of requests and bodies, security headers on every response, and
 * every failure answered in one place. Nothing a client or proxy says about the address, the peer or the method is believed
 * beyond the request itself. Node's own parser (never `insecureHTTPParser`) refuses smuggling and folded headers.
 */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addBodyParsers } from './body-parsers.js';
import type { HttpSettings } from './http-settings.js';
import * as limits from './limits.js';
import { assertIsServed } from './methods.js';
import type { Failure } from './problem.js';
import { assertKeepsToRules } from './request-rules.js';
import { securityHeaders, setHeaders } from './security-headers.js';

/** Nest would translate Fastify's errors into exceptions that quote the request; ours are understood as they are. */
class StrictFastifyAdapter extends FastifyAdapter {
  override mapException(error: unknown): unknown {
    return error;
  }
}

/** For `NestFactory.create(module, adapter, nestOptions)`: the parsers of bodies are ours. */
export const nestOptions = { bodyParser: false } as const;

/** Hooks run in the order in which they are added, these before any middleware of Nest. */
export function prepareFastify(settings: HttpSettings): FastifyAdapter {
  const headers = securityHeaders(settings.address);
  const adapter = new StrictFastifyAdapter({
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    trustProxy: false,
    requestIdHeader: false,
    logger: false,
    return503OnClosing: false,
    http: {
      insecureHTTPParser: false,
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      // Answered by us, as every other failure.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: limits.pathSegmentLengthMax },
    // The router refuses some addresses before any hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setHeaders(reply.raw, headers);
      void settings.failures.answer(error, request, reply);
    },
    clientErrorHandler: (error, socket) => answerUnparsed(error, socket, settings),
  });
  // Dropping headers silently beyond a number could drop the second of two; their size is bounded already.
  adapter.getInstance().server.maxHeadersCount = 0;
  // Each may hold a body that is still arriving.
  adapter.getInstance().server.maxConnections = limits.connectionsMax;
  addHooks(adapter.getInstance<FastifyInstance>(), settings);
  return adapter;
}

function addHooks(instance: FastifyInstance, { address }: HttpSettings): void {
  const headers = securityHeaders(address);
  addBodyParsers(instance);
  instance.addHook('onRoute', (route) => {
    const bytesMax = limits.bodyLimitOf(route.config);
    if (bytesMax !== undefined) route.bodyLimit = bytesMax;
  });
  instance.addHook('onRequest', (request, reply, done) => {
    setHeaders(reply.raw, headers);
    assertKeepsToRules(request.raw, address);
    done();
  });
  // After the middleware, which serves addresses the router does not know; before a body is read for nothing.
  instance.addHook('preParsing', (request, _reply, _payload, done) => {
    assertIsServed(request, instance);
    done(null);
  });
}

const unparsed: Readonly<Record<string, Failure>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'header-too-large',
    detail: `the request line and the headers may have ${limits.headerBytesMax} bytes together`,
    extra: { limitBytes: limits.headerBytesMax },
  },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', detail: 'the request did not arrive in time' },
};

/** For how long a client may take to read why its connection ends. */
const lingerMs = 1_000;

/** What Node could not parse as HTTP has no request to answer; the connection ends with the answer. */
function answerUnparsed(error: NodeJS.ErrnoException, socket: Socket, settings: HttpSettings): void {
  // The response under way on this socket: behind its head, an answer would be taken for its body.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) {
    socket.destroy();
    return;
  }
  const failure = unparsed[error.code ?? ''] ?? { code: 'invalid-request', detail: 'this is not valid HTTP/1.1' };
  const { problem, headers } = settings.failures.answerAlone(failure, socket.remoteAddress);
  const body = JSON.stringify(problem);
  const lines = Object.entries({
    ...securityHeaders(settings.address),
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}
