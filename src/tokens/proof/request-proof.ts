/**
 * What a request to the resource server must carry: one access token of ours under the DPoP scheme, and one proof for this
 * very request (RFC 9449 section 7). Synchronous; the database is asked afterwards, in batches (`read-authenticator.ts`).
 */
import type { IncomingMessage } from 'node:http';
import { sha256, utf8 } from '../../kernel/bytes.js';
import { Mistake } from '../../kernel/errors.js';
import { type DpopProof, verifyDpopProof } from './dpop-proof.js';

export interface ProofRequest {
  readonly method: string;
  /** Made from PUBLIC_URL and the raw path. */
  readonly url: string;
  /** Every field line of that name, as received. */
  readonly authorizationHeaders: readonly string[];
  readonly dpopHeaders: readonly string[];
}

export interface ProofResult extends DpopProof {
  /** 32 bytes; under them the token is stored. */
  readonly tokenSha256: Buffer;
}

/** There are no credentials at all: the answer names the scheme and no error (RFC 6750 section 3.1). */
export class MissingToken extends Mistake {
  constructor() {
    super('invalid-token', 'an access token is needed');
  }
}

/** An opaque token of ours: 43 characters. A JWT, signed or not, does not have this form and so is no token of ours. */
const accessTokenForm = /^[A-Za-z0-9_-]{43}$/;

/**
 * @throws Mistake `invalid-token`, `invalid-dpop-proof`, `clock-skew` (401), or `invalid-request` (400) for two
 * Authorization headers
 */
export function verifyProof(request: ProofRequest, now: Date): ProofResult {
  const accessToken = requireOneAccessToken(request.authorizationHeaders);
  const compact = requireOneProof(request.dpopHeaders);
  const proof = verifyDpopProof(compact, { method: request.method, url: request.url, accessToken, now });
  return { ...proof, tokenSha256: hashAccessToken(accessToken) };
}

/** The one form in which an access token is stored or looked up. */
export function hashAccessToken(accessToken: string): Buffer {
  return sha256(utf8(accessToken));
}

/**
 * Reads the credentials from the raw header lines, because Node drops a second Authorization header and joins two proofs.
 * @param publicUrl the origin under which the world knows us; the Host header is not looked at
 * @throws Mistake `invalid-request` when a session cookie comes along: two identities in one request
 */
export function proofRequestOf(message: IncomingMessage, publicUrl: string): ProofRequest {
  const authorizationHeaders = fieldLines(message, 'authorization');
  if (
    authorizationHeaders.length > 0 &&
    fieldLines(message, 'cookie').some((line) => line.includes('azukari_session='))
  ) {
    throw new Mistake('invalid-request', 'a request carries either a session or an access token');
  }
  const target = message.url ?? '';
  if (!target.startsWith('/')) throw new Mistake('invalid-request', 'the request target is not a path');
  return {
    method: message.method ?? '',
    url: new URL(publicUrl).origin + target,
    authorizationHeaders,
    dpopHeaders: fieldLines(message, 'dpop'),
  };
}

/** Every field line named `name` (lower case), in order. */
export function fieldLines(message: IncomingMessage, name: string): string[] {
  const lines: string[] = [];
  for (let position = 0; position + 1 < message.rawHeaders.length; position += 2) {
    if (message.rawHeaders[position]!.toLowerCase() === name) lines.push(message.rawHeaders[position + 1]!);
  }
  return lines;
}

function requireOneAccessToken(lines: readonly string[]): string {
  if (lines.length === 0) throw new MissingToken();
  if (lines.length > 1) throw new Mistake('invalid-request', 'there is more than one Authorization header');
  // The scheme's name compares without regard to case (RFC 9110 section 11.1).
  const [, scheme = '', credentials = ''] = /^([^ ]+) +([^ ]+)$/.exec(lines[0]!) ?? [];
  if (scheme.toLowerCase() !== 'dpop')
    throw new Mistake('invalid-token', 'the scheme of the Authorization header is not DPoP');
  if (!accessTokenForm.test(credentials)) throw new Mistake('invalid-token', 'this is no access token of ours');
  return credentials;
}

function requireOneProof(lines: readonly string[]): string {
  const [line, ...others] = lines;
  if (line === undefined) throw new Mistake('invalid-dpop-proof', 'a DPoP proof is needed');
  if (others.length > 0 || line.includes(','))
    throw new Mistake('invalid-dpop-proof', 'there is more than one DPoP proof');
  return line;
}
