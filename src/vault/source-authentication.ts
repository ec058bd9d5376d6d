/**
 * Who deposits is known before a byte of the body is read: a delivery may be large, and nobody without a token is to make us read one. Runs
 * as a hook of the HTTP server, ahead of the parsing of bodies.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MistakeWithHeaders } from '../http/problem.js';
import { invariant } from '../kernel/errors.js';
import type { Source } from '../sources/source.entity.js';
import type { SourcesService } from '../sources/sources.service.js';

export const depositsPath = '/v1/deposits';

const authenticated = new WeakMap<FastifyRequest, Source>();

/** Adds the hook. Call it before the routes are registered. */
export function authenticateSources(fastify: Pick<FastifyInstance, 'addHook'>, sources: SourcesService): void {
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    if (request.routeOptions.url !== depositsPath || request.method !== 'POST') return;
    const token = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(request.headers.authorization ?? '')?.[1];
    const source = token === undefined ? null : await sources.findByToken(token);
    if (source === null) {
      throw new MistakeWithHeaders('invalid-token', 'a source’s access token is needed', {
        'www-authenticate': 'Bearer',
      });
    }
    authenticated.set(request, source);
  });
}

/** The source of a request to `depositsPath`. */
export function sourceOf(request: FastifyRequest): Source {
  const source = authenticated.get(request);
  invariant(source, 'a deposit has been authenticated before it is read');
  return source;
}
