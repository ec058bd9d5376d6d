/** Only sound public keys are taken, at registration and inside proofs (35, 91 of the attack list). */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { toBase64url } from '../../src/kernel/bytes.js';
import { countKeptKeys, readPublicKey, UnsoundKey } from '../../src/tokens/proof/public-key.js';
import { newKeys } from './a-client.js';

const ec = newKeys('ES256');
const okp = newKeys('EdDSA');
const rsa = newKeys('PS256');
const rsaOf = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
const ecOf = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const bytesOf = (jwk: JsonWebKey | Record<string, unknown>, name: string) =>
  Buffer.from((jwk as Record<string, string>)[name]!, 'base64url');
const evenModulus = () => {
  const modulus = bytesOf(rsa.jwk, 'n');
  modulus[modulus.length - 1]! -= 1;
  return toBase64url(modulus);
};
const little = (number: bigint) => toBase64url(Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse());

const prime = 2n ** 255n - 19n;

describe('refused', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a string', 'key'],
    ['an array', [ec.jwk]],
    ['no type', { ...ec.jwk, kty: undefined }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a private EC key', ec.privateKey.export({ format: 'jwk' })],
    ['a private Ed25519 key', okp.privateKey.export({ format: 'jwk' })],
    ['a private RSA key', rsa.privateKey.export({ format: 'jwk' })],
    ['a public key with one secret prime', { ...rsa.jwk, p: 'AQAB' }],
    ['a public key with an empty d', { ...ec.jwk, d: '' }],
    ['P-384', ecOf('P-384')],
    ['P-521', ecOf('P-521')],
    ['secp256k1', ecOf('secp256k1')],
    ['P-384 that says P-256', { ...ecOf('P-384'), crv: 'P-256' }],
    ['x and y swapped', { ...ec.jwk, x: ec.jwk.y, y: ec.jwk.x }],
    ['a point that is not on the curve', { ...ec.jwk, x: toBase64url(Buffer.alloc(32, 7)) }],
    ['the point at infinity', { ...ec.jwk, x: toBase64url(Buffer.alloc(32)), y: toBase64url(Buffer.alloc(32)) }],
    ['x too short', { ...ec.jwk, x: toBase64url(bytesOf(ec.jwk, 'x').subarray(1)) }],
    ['x with padding', { ...ec.jwk, x: `${ec.jwk.x as string}=` }],
    ['no y', { ...ec.jwk, y: undefined }],
    ['x is a number', { ...ec.jwk, x: 7 }],
    ['RSA of 512 bits', rsaOf(512)],
    ['RSA of 1024 bits', rsaOf(1024)],
    [
      'RSA of 2047 bits',
      { ...rsa.jwk, n: toBase64url(Buffer.concat([Buffer.of(0x7f), bytesOf(rsa.jwk, 'n').subarray(1)])) },
    ],
    ['RSA of 8192 bits', { ...rsa.jwk, n: toBase64url(Buffer.alloc(1024, 0xff)) }],
    ['RSA with e = 1', { ...rsa.jwk, e: 'AQ' }],
    ['RSA with e = 3', { ...rsa.jwk, e: 'Aw' }],
    ['RSA with an even e', { ...rsa.jwk, e: toBase64url(Buffer.of(1, 0, 0)) }],
    ['RSA with an e of zeros', { ...rsa.jwk, e: toBase64url(Buffer.of(0, 0, 0, 1)) }],
    ['RSA with a huge e', { ...rsa.jwk, e: toBase64url(Buffer.alloc(9, 0xff)) }],
    ['RSA with an even modulus', { ...rsa.jwk, n: evenModulus() }],
    ['RSA with leading zeros', { ...rsa.jwk, n: toBase64url(Buffer.concat([Buffer.of(0), bytesOf(rsa.jwk, 'n')])) }],
    ['X25519', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['Ed448', generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })],
    ['Ed25519 of 31 bytes', { ...okp.jwk, x: toBase64url(Buffer.alloc(31, 9)) }],
    ['Ed25519 y = p', { ...okp.jwk, x: little(prime) }],
    ['Ed25519 y = p + 1', { ...okp.jwk, x: little(prime + 1n) }],
    ['Ed25519 y = p + 5, not canonical', { ...okp.jwk, x: little(prime + 5n) }],
    ['a key for encryption', { ...ec.jwk, use: 'enc' }],
    ['a key that may not verify', { ...ec.jwk, key_ops: ['deriveBits'] }],
    ['a key for another algorithm', { ...rsa.jwk, alg: 'RS256' }],
  ])('%s', (_what, jwk) => {
    expect(() => readPublicKey(jwk)).toThrow(UnsoundKey);
  });

  test('every Ed25519 point of small order, with either sign', () => {
    for (const y of smallOrderCoordinates()) {
      for (const sign of [0n, 2n ** 255n]) {
        expect(() => readPublicKey({ kty: 'OKP', crv: 'Ed25519', x: little(y + sign) })).toThrow('small order');
      }
    }
  });
});

/**
 * Worked out rather than copied: y of the points of order 1, 2 and 4, and the y of order 8, at which doubling once gives
 * y = 0. On -x² + y² = 1 + d x² y² that means x² = -y², hence d y⁴ + 2 y² - 1 = 0.
 */
function smallOrderCoordinates(): bigint[] {
  const d = mod(-121665n * inverse(121666n));
  const rootOfDiscriminant = squareRoot(mod(1n + d))!;
  const squares = [rootOfDiscriminant, prime - rootOfDiscriminant].map((root) => mod((root - 1n) * inverse(d)));
  const eighth = squares.flatMap((square) => {
    const y = squareRoot(square);
    return y === null ? [] : [y, prime - y];
  });
  expect(eighth).toHaveLength(2);
  return [0n, 1n, prime - 1n, ...eighth];
}

function mod(number: bigint): bigint {
  return ((number % prime) + prime) % prime;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = 255n; bit >= 0n; bit--) {
    result = mod(result * result);
    if ((exponent >> bit) & 1n) result = mod(result * base);
  }
  return result;
}

function inverse(number: bigint): bigint {
  return power(mod(number), prime - 2n);
}

/** RFC 8032 section 5.1.3, for p = 5 (mod 8). */
function squareRoot(square: bigint): bigint | null {
  const candidate = power(square, (prime + 3n) / 8n);
  const roots = [candidate, mod(candidate * power(2n, (prime - 1n) / 4n))];
  return roots.find((root) => mod(root * root) === square) ?? null;
}

describe('accepted', () => {
  test.each([
    ['P-256', ec, ['ES256']],
    ['Ed25519', okp, ['EdDSA', 'Ed25519']],
    ['RSA of 2048 bits', rsa, ['PS256']],
  ] as const)('%s, with the thumbprint of RFC 7638', async (_what, { jwk }, algorithms) => {
    const key = readPublicKey({ ...jwk, kid: 'a name', use: 'sig', note: 'ignored' });
    expect(key.thumbprint).toBe(await calculateJwkThumbprint(jwk as JWK));
    expect(key.algorithms).toEqual(algorithms);
    expect(key.jwk).toEqual(jwk);
  });

  test('RSA of 3072 and 4096 bits', () => {
    for (const bits of [3072, 4096]) expect(readPublicKey(rsaOf(bits)).signatureBytes).toBe(bits / 8);
  });

  test('a key that is held already is still judged by what it says of itself', () => {
    readPublicKey(ec.jwk);
    expect(() => readPublicKey({ ...ec.jwk, alg: 'ES384' })).toThrow(UnsoundKey);
    expect(() => readPublicKey({ ...ec.jwk, d: 'AQ' })).toThrow(UnsoundKey);
  });

  test('the number of keys held is bounded', () => {
    for (let count = 0; count < 5000; count++) {
      // Almost every y is a key's; whether it lies on the curve is seen when a signature is verified.
      readPublicKey({ kty: 'OKP', crv: 'Ed25519', x: little(BigInt(count) + 2n ** 100n) });
    }
    expect(countKeptKeys()).toBeLessThanOrEqual(4096);
  });
});
