/** A recipient that signs fast: private_key_jwt (RFC 7523) and DPoP proofs (RFC 9449) with ES256, straight from node:crypto. */
import {
  createPrivateKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';

export interface RecipientIdentity {
  issuer: string;
  clientId: string;
  privateJwk: JsonWebKey & { kid: string };
}

export class Recipient {
  private readonly clientKey: KeyObject;
  private readonly proofKey: KeyObject;
  private readonly assertionHeader: string;
  private readonly proofHeader: string;

  constructor(private readonly identity: RecipientIdentity) {
    const { kid, ...jwk } = identity.privateJwk;
    this.clientKey = createPrivateKey({ key: jwk, format: 'jwk' });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.proofKey = privateKey;
    this.assertionHeader = encode({ alg: 'ES256', kid });
    this.proofHeader = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) });
  }

  /** A request to the token endpoint, to be sent as it is. */
  tokenRequest(detail: Readonly<Record<string, unknown>>): { headers: Record<string, string>; body: string } {
    const { issuer, clientId } = this.identity;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 };
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: compact(this.assertionHeader, claims, this.clientKey),
      resource: `${issuer}/v1`,
      authorization_details: JSON.stringify([detail]),
    }).toString();
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      dpop: this.proof('POST', `${issuer}/token`, null),
    };
    return { headers, body };
  }

  /** A proof for one request. @param path without its query. */
  proofFor(method: string, path: string, accessTokenSha256: string): string {
    return this.proof(method, this.identity.issuer + path, accessTokenSha256);
  }

  private proof(method: string, url: string, ath: string | null): string {
    const claims = { htm: method, htu: url, jti: randomUUID(), iat: Math.floor(Date.now() / 1000) };
    return compact(this.proofHeader, ath === null ? claims : { ...claims, ath }, this.proofKey);
  }
}

/** The claim `ath`. */
export function hashOf(accessToken: string): string {
  return hash('sha256', accessToken, 'base64url');
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function compact(header: string, claims: object, key: KeyObject): string {
  const signed = `${header}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
