/**
 * What a request to the authorization server must look like before the library sees it: one readable form, one way of
 * authenticating, one proof for this very request. Each check throws; together they close what the library would let pass.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Mistake } from '../../kernel/errors.js';
import { type DpopProof, verifyDpopProof } from '../proof/dpop-proof.js';
import { fieldLines } from '../proof/request-proof.js';
import { parseSignedToken } from '../proof/signed-token.js';
import { OAuthRefusal } from './oauth-refusal.js';

/** 16 KiB: an assertion and a proof are at most 8 KiB each, and only one of them is in the body. */
export const bodyBytesMax = 16 * 1024;

export interface FormRequest {
  readonly message: IncomingMessage;
  readonly body: Buffer;
  readonly form: URLSearchParams;
}

type Check = (request: FormRequest) => void;

const formChecks: readonly Check[] = [
  requireFormType,
  refuseParametersInTheUrl,
  requireReadableForm,
  refuseRepeatedParameters,
  refuseTwoWaysOfAuthenticating,
  requireReadableAssertion,
];

/**
 * The form of a request to any endpoint at which clients authenticate.
 * @throws OAuthRefusal
 */
export function readForm(message: IncomingMessage, body: Buffer): URLSearchParams {
  const request = { message, body, form: new URLSearchParams(body.toString('utf8')) };
  for (const check of formChecks) check(request);
  return request.form;
}

function requireFormType({ message }: FormRequest): void {
  const [line, ...others] = fieldLines(message, 'content-type');
  const isForm = /^application\/x-www-form-urlencoded(?:; ?charset="?utf-8"?)?$/i.test(line ?? '');
  if (!isForm || others.length > 0 || message.headers['content-encoding'] !== undefined) {
    throw invalid('the body must be application/x-www-form-urlencoded');
  }
}

function refuseParametersInTheUrl({ message }: FormRequest): void {
  if (message.url?.includes('?') !== false) throw invalid('parameters belong into the body');
}

function requireReadableForm({ body, form }: FormRequest): void {
  const isPlain = [...form].every(([name, value]) => !/[\p{Cc}\ufffd]/u.test(name + value));
  if (!isUtf8(body) || !isPlain) throw invalid('the form is not plain UTF-8 text');
}

function refuseRepeatedParameters({ form }: FormRequest): void {
  if (new Set(form.keys()).size !== form.size) throw invalid('a parameter is given twice');
}

function refuseTwoWaysOfAuthenticating({ message, form }: FormRequest): void {
  const ways = fieldLines(message, 'authorization').length + Number(form.has('client_assertion'));
  if (ways > 1 || (ways > 0 && form.has('client_secret'))) {
    throw invalid('there is more than one way of client authentication');
  }
}

/** RFC 6749 section 5.2: an unsupported or missing way of authenticating is `invalid_client` too. */
function requireReadableAssertion({ form }: FormRequest): void {
  const assertion = form.get('client_assertion');
  if (assertion === null) throw new OAuthRefusal(401, 'invalid_client', 'a client assertion is needed');
  if (!parseSignedToken(assertion)) throw new OAuthRefusal(401, 'invalid_client', 'client authentication failed');
}

/** No scopes are offered: what a token covers is said in authorization_details alone. */
export function refuseScope(form: URLSearchParams): void {
  if (form.has('scope')) throw new OAuthRefusal(400, 'invalid_scope', 'no scope is offered');
}

/**
 * The proof that comes with a token request, checked more strictly than the library does, which takes an `iat` 300 s away.
 * @throws OAuthRefusal `invalid_dpop_proof`
 */
export function requireProof(message: IncomingMessage, url: string, now: Date): DpopProof {
  const [line, ...others] = fieldLines(message, 'dpop');
  if (line === undefined) throw new OAuthRefusal(400, 'invalid_dpop_proof', 'a DPoP proof is needed');
  if (others.length > 0 || line.includes(',')) {
    throw new OAuthRefusal(400, 'invalid_dpop_proof', 'there is more than one DPoP proof');
  }
  try {
    return verifyDpopProof(line, { method: message.method ?? '', url, accessToken: null, now });
  } catch (error) {
    if (error instanceof Mistake) throw new OAuthRefusal(400, 'invalid_dpop_proof', error.message);
    throw error;
  }
}

function invalid(description: string): OAuthRefusal {
  return new OAuthRefusal(400, 'invalid_request', description);
}
