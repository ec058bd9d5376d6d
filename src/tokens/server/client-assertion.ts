/**
 * A client assertion (RFC 7523, FAPI 2.0 section 5.3.3.2), beyond what the library checks. By default it would take one that
 * ends in a year, was made in an hour, or was signed as something else, such as a DPoP proof.
 */
import { errors } from 'oidc-provider';
import { isNumericDate } from '../proof/dpop-proof.js';
import type { JsonObject } from '../proof/strict-json.js';
import { assertionSecondsMax, clockToleranceSeconds } from './lifetimes.js';

export interface AssertionUnderCheck {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly issuer: string;
  readonly now: Date;
}

/** A sentence when the check fails, else null. */
type Check = (assertion: AssertionUnderCheck) => string | null;

/** In the order in which they run. Before them the library verifies signature, `iss`, `sub`, `nbf` and the end; after them, single use. */
const checks: readonly Check[] = [
  requireAssertionType,
  refuseKeysInTheHeader,
  refuseCriticalExtensions,
  requireIssuerAsOnlyAudience,
  requireNearEnd,
  requireRecentStart,
  requireId,
];

/** @throws errors.InvalidClientAuth (401 `invalid_client`) */
export function assertClientAssertion(assertion: AssertionUnderCheck): void {
  for (const check of checks) {
    const failure = check(assertion);
    if (failure !== null) throw new errors.InvalidClientAuth(failure);
  }
}

/** RFC 8725 section 3.11; the second name is the one reserved for assertions, and most clients state none. */
function requireAssertionType({ header: { typ } }: AssertionUnderCheck): string | null {
  if (typ === undefined) return null;
  const isOurs = typeof typ === 'string' && ['jwt', 'client-authentication+jwt'].includes(typ.toLowerCase());
  return isOurs ? null : 'the assertion was signed as something else';
}

/** Keys come from registration alone. */
function refuseKeysInTheHeader({ header }: AssertionUnderCheck): string | null {
  const brought = ['jwk', 'jku', 'x5u', 'x5c'].some((name) => Object.hasOwn(header, name));
  return brought ? 'the assertion brings a key' : null;
}

function refuseCriticalExtensions({ header }: AssertionUnderCheck): string | null {
  return header.crit === undefined && header.b64 === undefined ? null : 'no critical extension is understood';
}

/** One string: an array, even of one, could name another server beside us (FAPI 2.0 section 5.3.3.2, RFC 9700 section 4). */
function requireIssuerAsOnlyAudience({ claims, issuer }: AssertionUnderCheck): string | null {
  return claims.aud === issuer ? null : 'aud is not the issuer';
}

function requireNearEnd({ claims: { exp }, now }: AssertionUnderCheck): string | null {
  const latest = now.getTime() / 1000 + assertionSecondsMax + clockToleranceSeconds;
  return isNumericDate(exp) && exp <= latest ? null : 'exp is too far ahead';
}

function requireRecentStart({ claims: { iat }, now }: AssertionUnderCheck): string | null {
  if (iat === undefined) return null;
  const seconds = now.getTime() / 1000;
  if (!isNumericDate(iat) || iat > seconds + clockToleranceSeconds) return 'iat is ahead of our clock';
  return iat < seconds - assertionSecondsMax - clockToleranceSeconds ? 'iat is too long ago' : null;
}

function requireId({ claims: { jti } }: AssertionUnderCheck): string | null {
  return typeof jti === 'string' && jti.length >= 1 && jti.length <= 256 ? null : 'jti is not 1 to 256 characters';
}
