/** A recipient's client as a stranger could write it: its keys, its assertions and proofs, well formed unless a test says otherwise. */
import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { sha256, toBase64url, utf8 } from '../../src/kernel/bytes.js';

export type Algorithm = 'ES256' | 'PS256' | 'EdDSA' | 'RS256';

export interface Keys {
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

export function newKeys(algorithm: Algorithm = 'ES256'): Keys {
  const { privateKey, publicKey } = generatePair(algorithm);
  return { algorithm, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }) } };
}

function generatePair(algorithm: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'PS256':
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** A header or payload: an object, or the very text that is to stand there. */
export type Part = Record<string, unknown> | string | Buffer;

export function encodePart(part: Part): string {
  return toBase64url(Buffer.isBuffer(part) ? part : utf8(typeof part === 'string' ? part : JSON.stringify(part)));
}

/** A compact JWS whose signature is good, whatever its header says. */
export function signCompact(header: Part, payload: Part, { algorithm, privateKey }: Keys): string {
  const text = `${encodePart(header)}.${encodePart(payload)}`;
  return `${text}.${toBase64url(signBytes(utf8(text), algorithm, privateKey))}`;
}

function signBytes(data: Buffer, algorithm: Algorithm, key: KeyObject): Buffer {
  switch (algorithm) {
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
      return sign(null, data, key);
    case 'PS256':
      return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case 'RS256':
      return sign('sha256', data, key);
  }
}

export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

export interface Changes {
  /** Members to set; undefined removes one. */
  readonly header?: Record<string, unknown>;
  readonly payload?: Record<string, unknown>;
}

/** A client assertion (RFC 7523). */
export function anAssertion(keys: Keys, clientId: string, issuer: string, changes: Changes = {}): string {
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: seconds(), exp: seconds(60) };
  return signCompact({ alg: keys.algorithm, ...changes.header }, { ...claims, ...changes.payload }, keys);
}

export interface ProofOf extends Changes {
  readonly method: string;
  readonly url: string;
  readonly accessToken?: string;
}

/** A DPoP proof (RFC 9449 section 4.2). */
export function aProof(keys: Keys, { method, url, accessToken, header, payload }: ProofOf): string {
  const ath = accessToken === undefined ? undefined : toBase64url(sha256(utf8(accessToken)));
  return signCompact(
    { typ: 'dpop+jwt', alg: keys.algorithm, jwk: keys.jwk, ...header },
    { htm: method, htu: url, iat: seconds(), jti: randomUUID(), ath, ...payload },
    keys,
  );
}
