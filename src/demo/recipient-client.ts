/**
 * A recipient as its own engineer would write it: private_key_jwt (RFC 7523), DPoP (RFC 9449) and rich authorization requests (RFC 9396) over
 * plain fetch. It knows nothing of this service but its address and its own key.
 */
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { systemClock, toUnixSeconds } from '../kernel/clock.js';

export interface RecipientIdentity {
  issuer: string;
  clientId: string;
  privateJwk: Record<string, unknown>;
}

export class RecipientClient {
  private constructor(
    private readonly identity: RecipientIdentity,
    private readonly clientKey: CryptoKey | Uint8Array,
    private readonly proofKey: CryptoKey,
    private readonly proofJwk: JWK,
  ) {}

  static async create(identity: RecipientIdentity): Promise<RecipientClient> {
    const clientKey = await importJWK(identity.privateJwk as JWK, 'ES256');
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    return new RecipientClient(identity, clientKey, privateKey, await exportJWK(publicKey));
  }

  /** An access token for one authorization detail; at most five minutes. */
  async token(detail: Record<string, unknown>): Promise<string> {
    const { issuer, clientId, privateJwk } = this.identity;
    const now = toUnixSeconds(systemClock());
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: privateJwk.kid as string })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(this.clientKey);
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { dpop: await this.proof('POST', `${issuer}/token`) },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        resource: `${issuer}/v1`,
        authorization_details: JSON.stringify([detail]),
      }),
    });
    const answer = (await response.json()) as { access_token?: string; error_description?: string };
    if (answer.access_token === undefined) throw new Error(`no access token: ${JSON.stringify(answer)}`);
    return answer.access_token;
  }

  /** A request with the token and a fresh proof for exactly this method and address. */
  async fetch(token: string, method: string, path: string, body?: unknown): Promise<Response> {
    const url = `${this.identity.issuer}${path}`;
    return fetch(url, {
      method,
      headers: {
        authorization: `DPoP ${token}`,
        dpop: await this.proof(method, url.split('?')[0]!, token),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Thumbprint of the key that proves possession. */
  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.proofJwk);
  }

  private proof(method: string, url: string, token?: string): Promise<string> {
    const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
    return new SignJWT({ htm: method, htu: url, jti: randomUUID(), ...ath })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.proofJwk })
      .setIssuedAt()
      .sign(this.proofKey);
  }
}
