/**
 * One DPoP proof, checked as RFC 9449 section 4.3 lists it, synchronously and without a database. What remains to be done
 * with a proof that passes is to use it up: `jtiSha256` may be accepted once on all nodes until `expiresAt`.
 */
import { sha256, toBase64url, utf8 } from '../../kernel/bytes.js';
import { type Code, Mistake } from '../../kernel/errors.js';
import { type PublicKey, readPublicKey, UnsoundKey } from './public-key.js';
import { isSignedBy, parseSignedToken, type SignedToken } from './signed-token.js';
import { normaliseUri } from './uri.js';

/** How far `iat` may lie from our clock, either way. */
export const proofToleranceSeconds = 60;

/** A used proof is remembered this much longer than it could be valid here, since other nodes' clocks differ from ours. */
const memorySeconds = proofToleranceSeconds + 120;

export interface ExpectedRequest {
  readonly method: string;
  /** As the world sees it: made from PUBLIC_URL and the raw path, never from the Host header. */
  readonly url: string;
  /** What the request carries beside the proof; null at the token endpoint. */
  readonly accessToken: string | null;
  readonly now: Date;
}

export interface DpopProof {
  /** The key's thumbprint (RFC 7638), base64url, 43 characters. */
  readonly jkt: string;
  /** 32 bytes that stand for this use of this key. */
  readonly jtiSha256: Buffer;
  readonly expiresAt: Date;
}

interface ProofUnderCheck extends SignedToken {
  readonly key: PublicKey;
}

type Check = (proof: ProofUnderCheck, expected: ExpectedRequest) => void;

/** In the order in which they run; the costly one comes last. */
const checks: readonly Check[] = [
  requireProofType,
  requireAlgorithmOfTheKey,
  refuseCriticalExtensions,
  requireProofId,
  requireMethod,
  requireUri,
  requireTokenHash,
  refuseNonce,
  requireFreshness,
  requireWithinItsOwnTimes,
  requireSignature,
];

/** @throws Mistake `invalid-dpop-proof` or `clock-skew` */
export function verifyDpopProof(compact: string, expected: ExpectedRequest): DpopProof {
  const proof = readProof(compact);
  for (const check of checks) check(proof, expected);
  // Held by requireProofId and requireFreshness.
  const { jti, iat } = proof.payload as { jti: string; iat: number };
  return {
    jkt: proof.key.thumbprint,
    jtiSha256: sha256(utf8(JSON.stringify(['proof', proof.key.thumbprint, jti]))),
    expiresAt: new Date((iat + memorySeconds) * 1000),
  };
}

function readProof(compact: string): ProofUnderCheck {
  const token = parseSignedToken(compact);
  if (!token) throw refusal('the proof is not a signed JSON Web Token');
  try {
    return { ...token, key: readPublicKey(token.header.jwk) };
  } catch (error) {
    if (error instanceof UnsoundKey) throw refusal(error.message);
    throw error;
  }
}

function requireProofType({ header }: ProofUnderCheck): void {
  // Media types compare without regard to case (RFC 7515 section 4.1.9).
  if (typeof header.typ !== 'string' || header.typ.toLowerCase() !== 'dpop+jwt') throw refusal('typ is not dpop+jwt');
}

function requireAlgorithmOfTheKey({ header, key }: ProofUnderCheck): void {
  if (!key.algorithms.includes(header.alg as string)) throw refusal('alg is not one we accept for this key');
}

function refuseCriticalExtensions({ header }: ProofUnderCheck): void {
  if (header.crit !== undefined) throw refusal('no critical extension is understood');
}

function requireProofId({ payload: { jti } }: ProofUnderCheck): void {
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > 256) throw refusal('jti is not 1 to 256 characters');
}

function requireMethod({ payload }: ProofUnderCheck, { method }: ExpectedRequest): void {
  if (payload.htm !== method) throw refusal('htm is not the method of the request');
}

function requireUri({ payload: { htu } }: ProofUnderCheck, { url }: ExpectedRequest): void {
  const stated = typeof htu === 'string' ? normaliseUri(htu) : null;
  if (stated === null || stated !== normaliseUri(url)) throw refusal('htu is not the URL of the request');
}

function requireTokenHash({ payload: { ath } }: ProofUnderCheck, { accessToken }: ExpectedRequest): void {
  if (accessToken !== null && ath !== toBase64url(sha256(utf8(accessToken)))) {
    throw refusal('ath is not the hash of the access token');
  }
}

/** We give out no nonces, so one that comes was made up or meant for somebody else. */
function refuseNonce({ payload }: ProofUnderCheck): void {
  if (payload.nonce !== undefined) throw refusal('nonce was not given by this server');
}

function requireFreshness({ payload: { iat } }: ProofUnderCheck, { now }: ExpectedRequest): void {
  if (!isNumericDate(iat)) throw refusal('iat is not a time');
  if (Math.abs(now.getTime() / 1000 - iat) > proofToleranceSeconds) {
    throw refusal(`iat is more than ${proofToleranceSeconds} seconds from our clock`, 'clock-skew');
  }
}

/** `exp` and `nbf` are not part of a proof, but what a signer states is honoured. */
function requireWithinItsOwnTimes({ payload: { exp, nbf } }: ProofUnderCheck, { now }: ExpectedRequest): void {
  const seconds = now.getTime() / 1000;
  if (exp !== undefined && !(isNumericDate(exp) && exp > seconds - proofToleranceSeconds))
    throw refusal('exp has passed');
  if (nbf !== undefined && !(isNumericDate(nbf) && nbf < seconds + proofToleranceSeconds)) {
    throw refusal('nbf has not come');
  }
}

function requireSignature(proof: ProofUnderCheck): void {
  if (!isSignedBy(proof, proof.key)) throw refusal('the signature does not verify');
}

/** RFC 7519 section 2; the bound keeps a Date from being invalid. */
export function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 1e11;
}

function refusal(detail: string, code: Code = 'invalid-dpop-proof'): Mistake {
  return new Mistake(code, detail);
}
