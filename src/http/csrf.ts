/**
 * Against requests that another site makes a browser send. A cookie alone authorises nothing that changes something: JSON
 * needs `application/json` and no foreign Origin, a form needs the token of its session as well (design section 10; OWASP
 * "Cross-Site Request Forgery Prevention"; W3C Fetch Metadata).
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Mistake } from '../kernel/errors.js';
import { normaliseHost, ownOrigins, type PublicAddress } from './public-address.js';
import { csrfField, isCsrfTokenOf, type Session } from './session.js';
import { cookieValues, sessionCookieName } from './session-cookie.js';

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafe(message: IncomingMessage): boolean {
  return safeMethods.has(message.method ?? '');
}

export function isForm(message: IncomingMessage): boolean {
  return mediaTypeOf(message) === 'application/x-www-form-urlencoded';
}

/**
 * Refuses what another site may have caused: every form, and everything that carries a session. A request without Origin
 * is none of a browser's cross-site requests; those always carry one (WHATWG Fetch, "append a request `Origin` header").
 * @throws Mistake `csrf`
 */
export function assertFromOwnPage(message: IncomingMessage, address: PublicAddress): void {
  if (isSafe(message)) return;
  if (!isForm(message) && cookieValues(message, sessionCookieName).length === 0) return;
  const { origin, host = '' } = message.headers;
  if (origin !== undefined && !ownOrigins(normaliseHost(host, address.scheme), address).includes(origin)) {
    throw new Mistake('csrf', 'the Origin header names another site');
  }
  const site = message.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new Mistake('csrf', 'the request was made by another site');
}

/**
 * What the session itself has to vouch for, once the body is read. The token is taken out of the form, so that no schema
 * needs to know of it. A request without any body is not a form; for it the Origin has decided.
 * @throws Mistake `csrf`, or `unsupported-media-type` for a body that is neither
 */
export function assertVouchedFor(request: FastifyRequest, session: Session): void {
  if (isSafe(request.raw)) return;
  if (isForm(request.raw)) {
    const form = request.body as Record<string, unknown> | undefined;
    const token = form?.[csrfField];
    if (form !== undefined) delete form[csrfField];
    if (!isCsrfTokenOf(session, token)) throw new Mistake('csrf', 'the form does not carry the token of this session');
    return;
  }
  const isJson = mediaTypeOf(request.raw) === 'application/json';
  if (!isJson && request.body !== undefined)
    throw new Mistake('unsupported-media-type', 'the body is to be application/json');
}

function mediaTypeOf(message: IncomingMessage): string {
  return (message.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}
