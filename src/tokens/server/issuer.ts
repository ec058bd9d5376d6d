/** The issuer is the origin of PUBLIC_URL: the one string that assertions name and every URL is built from. */
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import { readPublicKey } from '../proof/public-key.js';

/** @throws Error naming what is wrong: a path, a query, credentials, or http outside loopback */
export function requireIssuer(publicUrl: string): string {
  const url = URL.parse(publicUrl);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Error('PUBLIC_URL is not an http or https URL');
  if (publicUrl !== url.origin && publicUrl !== `${url.origin}/`) {
    throw new Error('PUBLIC_URL must be an origin: scheme, host and port in their normal form');
  }
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLoopback) throw new Error('PUBLIC_URL must be https outside loopback');
  return url.origin;
}

/** A fresh private ES256 JWK, named by its thumbprint, for `signingKeys`. Keep it: it is the server's identity. */
export function newSigningKey(): JWK {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { thumbprint } = readPublicKey(publicKey.export({ format: 'jwk' }));
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: thumbprint, alg: 'ES256', use: 'sig' };
}
