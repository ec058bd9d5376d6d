/**
 * Which methods an address answers to. An address that exists but not under this method is 405 with Allow; under `/v1/`
 * there is no HEAD, since asking for data without taking it would still be a provision with its entry in the log.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Mistake } from '../kernel/errors.js';
import { MistakeWithHeaders } from './problem.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** @throws Mistake `not-found` or `method-not-allowed` where the router found nothing, or only a HEAD that is not offered */
export function assertIsServed(request: FastifyRequest, router: FastifyInstance): void {
  const isBareHead = request.method === 'HEAD' && request.url.startsWith('/v1/');
  if (!request.is404 && !isBareHead) return;
  const allowed = allowedMethods(request.url, router);
  if (allowed.length === 0) throw new Mistake('not-found', 'there is nothing at this address');
  throw new MistakeWithHeaders('method-not-allowed', 'this address has other methods', { allow: allowed.join(', ') });
}

function allowedMethods(url: string, router: FastifyInstance): string[] {
  return methods.filter((method) => {
    if (method === 'HEAD' && url.startsWith('/v1/')) return false;
    const route = router.findRoute({ method, url });
    // The router lets a named segment be empty, Nest does not.
    return route !== null && Object.entries(route.params).every(([name, value]) => value !== '' || name === '*');
  });
}
