/**
 * Public keys as strangers send them (JWK, RFC 7517), accepted only when they are sound: public, of a type we use, and not
 * weak. The same rules hold for a client's registered keys and for the key inside a proof (FAPI 2.0 section 5.4.1, RFC 9449
 * section 4.3).
 */
import { constants, createPublicKey, hash, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { fromBase64url } from '../../kernel/bytes.js';
import { isJsonObject, type JsonObject } from './strict-json.js';

/** `EdDSA` and its newer, fully specified name (RFC 9864) mean one thing. */
export const signingAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const;

export interface PublicKey {
  /** RFC 7638 with SHA-256, base64url, 43 characters. */
  readonly thumbprint: string;
  /** The JWK with nothing but the members that make the key. */
  readonly jwk: JsonObject;
  /** The only `alg` values that may go with it. */
  readonly algorithms: readonly string[];
  readonly digest: 'sha256' | null;
  /** The key itself wherever it needs no options: Node makes and throws away an error at each look at a key inside an object (9 µs). */
  readonly verifyInput: KeyObject | VerifyKeyObjectInput;
  readonly signatureBytes: number;
}

/** The key is not one we take. The message says why and holds no part of the key. */
export class UnsoundKey extends Error {
  override readonly name = 'UnsoundKey';
}

const keptMax = 4096;
const kept = new Map<string, PublicKey>();

/** @throws UnsoundKey */
export function readPublicKey(jwk: unknown): PublicKey {
  if (!isJsonObject(jwk)) throw new UnsoundKey('the key is not a JSON object');
  refusePrivateMembers(jwk);
  refuseOtherUses(jwk);
  const material = requireMaterial(jwk);
  // RFC 7638 section 3: the required members in lexicographic order; their values need no escaping.
  const thumbprint = hash('sha256', JSON.stringify(material.members), 'base64url');
  const known = kept.get(thumbprint);
  if (known) {
    refuseOtherAlgorithm(jwk, known.algorithms);
    kept.delete(thumbprint);
    kept.set(thumbprint, known);
    return known;
  }
  const key = describe(thumbprint, material);
  refuseOtherAlgorithm(jwk, key.algorithms);
  kept.set(thumbprint, key);
  if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
  return key;
}

/** How many keys are held at the moment: for the test that the number is bounded. */
export function countKeptKeys(): number {
  return kept.size;
}

interface Material {
  readonly type: 'EC' | 'RSA' | 'OKP';
  readonly members: Readonly<Record<string, string>>;
  readonly signatureBytes: number;
}

function refusePrivateMembers(jwk: JsonObject): void {
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']) {
    if (Object.hasOwn(jwk, name)) throw new UnsoundKey('the key holds a secret part');
  }
}

function refuseOtherUses({ use, key_ops: operations }: JsonObject): void {
  if (use !== undefined && use !== 'sig') throw new UnsoundKey('the key is not for signatures');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw new UnsoundKey('the key is not for verifying');
  }
}

function refuseOtherAlgorithm({ alg }: JsonObject, algorithms: readonly string[]): void {
  if (alg !== undefined && !algorithms.includes(alg as string))
    throw new UnsoundKey('the key is for another algorithm');
}

function requireMaterial(jwk: JsonObject): Material {
  switch (jwk.kty) {
    case 'EC':
      return requireP256(jwk);
    case 'RSA':
      return requireStrongRsa(jwk);
    case 'OKP':
      return requireEd25519(jwk);
    default:
      throw new UnsoundKey('the key type is not supported');
  }
}

/** Whether the point lies on the curve is checked when the key is made. */
function requireP256({ crv, x, y }: JsonObject): Material {
  if (crv !== 'P-256') throw new UnsoundKey('the curve is not P-256');
  requireBytes(x, 32);
  requireBytes(y, 32);
  return { type: 'EC', members: { crv, kty: 'EC', x: x as string, y: y as string }, signatureBytes: 64 };
}

/** NIST SP 800-56B section 6.2: an odd exponent above 2^16; at least 2048 bits; not so large that verifying is an attack. */
function requireStrongRsa({ e, n }: JsonObject): Material {
  const exponent = requireBytes(e);
  const modulus = requireBytes(n);
  if (exponent[0] === 0 || modulus[0] === 0) throw new UnsoundKey('a number of the RSA key has leading zeros');
  if (exponent.length < 3 || exponent.length > 8 || !isOdd(exponent)) throw new UnsoundKey('the RSA exponent is weak');
  const bits = modulus.length * 8 - (Math.clz32(modulus[0]!) - 24);
  if (bits < 2048 || bits > 4096) throw new UnsoundKey('the RSA modulus is not of 2048 to 4096 bits');
  if (!isOdd(modulus)) throw new UnsoundKey('the RSA modulus is even');
  return { type: 'RSA', members: { e: e as string, kty: 'RSA', n: n as string }, signatureBytes: modulus.length };
}

function requireEd25519({ crv, x }: JsonObject): Material {
  if (crv !== 'Ed25519') throw new UnsoundKey('the curve is not Ed25519');
  if (isWeakEd25519(requireBytes(x, 32))) throw new UnsoundKey('the Ed25519 key is of small order');
  return { type: 'OKP', members: { crv, kty: 'OKP', x: x as string }, signatureBytes: 64 };
}

function requireBytes(value: unknown, length?: number): Buffer {
  const bytes = typeof value === 'string' ? fromBase64url(value) : null;
  if (!bytes?.length || (length !== undefined && bytes.length !== length)) {
    throw new UnsoundKey('a number of the key is malformed');
  }
  return bytes;
}

function isOdd(number: Buffer): boolean {
  return number[number.length - 1]! % 2 === 1;
}

/** The y coordinates of the points whose order divides 8, little-endian, without the sign bit; under such a key anybody can sign. */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Also true for a y of the field's prime or more (RFC 8032 section 5.1.3 refuses to decode it). */
function isWeakEd25519(encoded: Buffer): boolean {
  const y = Buffer.from(encoded);
  y[31]! &= 0x7f;
  const isTooLarge = y[31] === 0x7f && y[0]! >= 0xed && y.subarray(1, 31).every((byte) => byte === 0xff);
  return isTooLarge || smallOrder.has(y.toString('hex'));
}

function describe(thumbprint: string, { type, members, signatureBytes }: Material): PublicKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: { ...members }, format: 'jwk' });
  } catch {
    throw new UnsoundKey('the numbers of the key do not make a key');
  }
  const common = { thumbprint, jwk: members, signatureBytes };
  switch (type) {
    case 'EC':
      return { ...common, algorithms: ['ES256'], digest: 'sha256', verifyInput: key };
    case 'RSA':
      return {
        ...common,
        algorithms: ['PS256'],
        digest: 'sha256',
        verifyInput: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
      };
    case 'OKP':
      return { ...common, algorithms: ['EdDSA', 'Ed25519'], digest: null, verifyInput: key };
  }
}
