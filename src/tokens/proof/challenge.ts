/** The WWW-Authenticate header of a refused request (RFC 9449 section 7.1, RFC 6750 section 3). */
import { type Code, codes, type Mistake } from '../../kernel/errors.js';
import { signingAlgorithms } from './public-key.js';
import { MissingToken } from './request-proof.js';

const errorNames: Partial<Record<Code, string>> = {
  'invalid-token': 'invalid_token',
  'token-expired': 'invalid_token',
  'wrong-audience': 'invalid_token',
  'invalid-dpop-proof': 'invalid_dpop_proof',
  'replayed-dpop-proof': 'invalid_dpop_proof',
  'clock-skew': 'invalid_dpop_proof',
  'insufficient-scope': 'insufficient_scope',
};

/** The header's value for a mistake, or null when its code needs none. */
export function wwwAuthenticate(mistake: Mistake): string | null {
  const error = errorNames[mistake.code];
  if (error === undefined) return null;
  const algorithms = `algs="${signingAlgorithms.join(' ')}"`;
  if (mistake instanceof MissingToken) return `DPoP ${algorithms}`;
  return `DPoP error="${error}", error_description="${codes[mistake.code][1]}", ${algorithms}`;
}
