/**
 * Mounts the authorization server on Fastify under its own paths and no others. Bodies are read here with a limit, checked, and
 * handed on in a request built anew (`inner-request.ts`); every answer is RFC 6749's JSON and may not be cached.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { Clock } from '../../kernel/clock.js';
import { codes, Mistake } from '../../kernel/errors.js';
import { jwksPath, metadataPaths, revocationPath, tokenPath } from './endpoints.js';
import { innerRequest } from './inner-request.js';
import { OAuthRefusal } from './oauth-refusal.js';
import type { VerifiedProofs } from './provider.js';
import { bodyBytesMax, readForm, refuseScope, requireProof } from './request-checks.js';

/** One refused request, for the security log. It names no person, token or key. */
export interface RefusedRequest {
  readonly endpoint: string;
  readonly status: number;
  /** The OAuth error code. */
  readonly error: string;
  readonly detail: string;
  /** The recipient, where the client that was named is one of ours. */
  readonly recipientId: string | null;
  /** The network address. */
  readonly peer: string | undefined;
}

export interface Mount {
  readonly provider: Provider;
  readonly proofs: VerifiedProofs;
  /** The origin of PUBLIC_URL. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly onRefusal: (refused: RefusedRequest) => void;
  /** Answers what the rung below refused before the request came here, such as a foreign host. */
  readonly answerMistake: ((mistake: Mistake, request: FastifyRequest, reply: FastifyReply) => Promise<void>) | null;
}

export function mountProvider(fastify: FastifyInstance, mount: Mount): void {
  // Not waited for: that would settle Fastify's routes before Nest has set the handler of their errors.
  void fastify.register((scope, _options, done) => {
    // Whatever its type, a body arrives as bytes; request-checks.ts refuses what is not a form.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytesMax }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.setErrorHandler((error, request, reply) => {
      if (error instanceof Mistake && mount.answerMistake) return mount.answerMistake(error, request, reply);
      return answerRefusal(asRefusal(error), request, reply, mount);
    });
    scope.post(tokenPath, (request, reply) => {
      const form = readForm(request.raw, bodyOf(request));
      refuseScope(form);
      const proof = requireProof(request.raw, mount.issuer + tokenPath, mount.clock());
      const inner = innerRequest(request.raw, {
        method: 'POST',
        path: tokenPath,
        publicUrl: new URL(mount.issuer),
        form,
      });
      mount.proofs.set(inner, proof);
      return askProvider(mount, inner, reply);
    });
    scope.post(revocationPath, (request, reply) => {
      const form = readForm(request.raw, bodyOf(request));
      const publicUrl = new URL(mount.issuer);
      return askProvider(
        mount,
        innerRequest(request.raw, { method: 'POST', path: revocationPath, publicUrl, form }),
        reply,
      );
    });
    for (const path of [jwksPath, ...metadataPaths]) {
      scope.get(path, (request, reply) =>
        askProvider(mount, innerRequest(request.raw, { method: 'GET', path, publicUrl: new URL(mount.issuer) }), reply),
      );
    }
    refuseOtherMethods(scope);
    done();
  });
}

function refuseOtherMethods(scope: FastifyInstance): void {
  const refuse = (allow: string) => (_request: FastifyRequest, reply: FastifyReply) => {
    void reply.header('allow', allow);
    throw new OAuthRefusal(405, 'invalid_request', 'the method is not allowed here');
  };
  for (const url of [tokenPath, revocationPath]) {
    scope.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url, handler: refuse('POST') });
  }
  for (const url of [jwksPath, ...metadataPaths]) {
    scope.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], url, handler: refuse('GET, HEAD') });
  }
}

/** The library writes to the raw response; headers that were set on Fastify's reply before go with it. */
async function askProvider({ provider }: Mount, inner: Parameters<VerifiedProofs['get']>[0], reply: FastifyReply) {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.setHeader('x-content-type-options', 'nosniff');
  reply.raw.setHeader('cache-control', 'no-store');
  reply.hijack();
  await provider.callback()(inner, reply.raw);
}

function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Fastify's own errors concern the form of the request and carry a status; anything else is ours. */
function asRefusal(error: unknown): OAuthRefusal {
  if (error instanceof OAuthRefusal) return error;
  if (error instanceof Mistake) return new OAuthRefusal(codes[error.code][0], 'invalid_request', error.message);
  const status = (error as { statusCode?: number }).statusCode;
  if (status === 413) return new OAuthRefusal(413, 'invalid_request', `the body is larger than ${bodyBytesMax} bytes`);
  if (status !== undefined && status >= 400 && status < 500) {
    return new OAuthRefusal(status, 'invalid_request', 'the request does not have the expected form');
  }
  return new OAuthRefusal(500, 'server_error', 'something is wrong on our side');
}

function answerRefusal(
  refusal: OAuthRefusal,
  request: FastifyRequest,
  reply: FastifyReply,
  mount: Mount,
): FastifyReply {
  const { status, error, message } = refusal;
  const endpoint = request.routeOptions.url ?? '';
  const peer = request.raw.socket.remoteAddress;
  mount.onRefusal({ endpoint, status, error, detail: message, recipientId: null, peer });
  // RFC 6749 section 5.2: who tried the Authorization header is told its scheme.
  if (status === 401 && request.headers.authorization !== undefined)
    void reply.header('www-authenticate', 'Basic realm="token"');
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache', 'x-content-type-options': 'nosniff' })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error, error_description: message }));
}
