/**
 * Headers on every response, whoever writes it: they are set before anything else happens, and a controller may replace
 * one for its own answer (the pages their Content-Security-Policy, the log its Cache-Control). After OWASP's "HTTP Headers".
 */
import type { ServerResponse } from 'node:http';
import type { PublicAddress } from './public-address.js';
import type { Headers } from './problem.js';

const always: Headers = {
  // What is personal stays in no cache; the public log says otherwise for itself.
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Two years, as the preload list asks; without subdomains, which are not ours to bind (RFC 6797). */
const overTls: Headers = { 'strict-transport-security': 'max-age=63072000' };

export function securityHeaders({ isSecure }: PublicAddress): Headers {
  return isSecure ? { ...always, ...overTls } : always;
}

/** On the raw response, so that middleware which never meets Fastify's reply carries them as well. */
export function setHeaders(response: ServerResponse, headers: Headers): void {
  for (const name in headers) response.setHeader(name, headers[name]!);
}
