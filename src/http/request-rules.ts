/**
 * What a request must keep to before anybody looks at what it asks for: our own host, one of each header that decides
 * something, an address that decodes. Each rule is a step; their order is the list at the end.
 */
import type { IncomingMessage } from 'node:http';
import { Mistake } from '../kernel/errors.js';
import { assertFromOwnPage } from './csrf.js';
import { isOurHost, normaliseHost, type PublicAddress } from './public-address.js';

type Rule = (message: IncomingMessage, address: PublicAddress) => void;

/** Node keeps the first of two and drops the other; whoever stands before us may have read the other. */
const singleHeaders = new Set(['host', 'authorization', 'content-type', 'origin', 'idempotency-key', 'sec-fetch-site']);

function headersThatDecideComeOnce({ rawHeaders }: IncomingMessage): void {
  const seen = new Set<string>();
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position]!.toLowerCase();
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) throw new Mistake('invalid-request', `there is more than one ${name} header`);
    seen.add(name);
  }
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * An address in absolute form names its host itself, and that one counts too (RFC 9112 section 3.2.2). From here on it is
 * in the usual form, so that nobody further in is led astray.
 */
function hostIsOurs(message: IncomingMessage, address: PublicAddress): void {
  const { host } = message.headers;
  if (host === undefined) throw new Mistake('invalid-request', 'a Host header is needed (RFC 9112 section 3.2)');
  const names = [host];
  const [, authority, path = ''] = absoluteForm.exec(message.url ?? '') ?? [];
  if (authority !== undefined) {
    names.push(authority);
    message.url = path.startsWith('/') ? path : `/${path}`;
  }
  if (!message.url?.startsWith('/')) throw new Mistake('invalid-request', 'the address of the request is not a path');
  const port = message.socket.localPort;
  if (names.every((name) => isOurHost(normaliseHost(name, address.scheme), address, port))) return;
  throw new Mistake('misdirected-host', 'this service does not answer under that host');
}

/** What a proxy adds is never believed: it is taken away, so that no library further in can believe it either. */
function forwardingIsForgotten({ headers }: IncomingMessage): void {
  for (const name in headers) {
    if (name === 'forwarded' || name.startsWith('x-forwarded-') || name === 'x-real-ip') delete headers[name];
  }
}

/** Fastify decodes a query leniently; here it must be ASCII and, percent-decoded, UTF-8 that PostgreSQL can hold. */
function addressDecodes({ url = '' }: IncomingMessage): void {
  if (!/[%]|[^\x21-\x7e]/.test(url)) return;
  const refusal = new Mistake('invalid-request', 'the address is not percent-encoded UTF-8');
  if (/[^\x21-\x7e]|%00/.test(url)) throw refusal;
  try {
    decodeURIComponent(url);
  } catch {
    throw refusal;
  }
}

/** A body is taken as it is: what has to be unpacked first could be larger than any limit (RFC 9110 section 15.5.16). */
function contentIsNotEncoded({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new Mistake('unsupported-media-type', 'a body with a content coding is not accepted');
  }
}

const rules: readonly Rule[] = [
  headersThatDecideComeOnce,
  hostIsOurs,
  forwardingIsForgotten,
  addressDecodes,
  contentIsNotEncoded,
  assertFromOwnPage,
];

/** @throws Mistake `invalid-request`, `misdirected-host`, `unsupported-media-type` or `csrf` */
export function assertKeepsToRules(message: IncomingMessage, address: PublicAddress): void {
  for (const rule of rules) rule(message, address);
}
