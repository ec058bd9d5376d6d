/** A recipient that talks to whichever node it likes: its proofs name the public address, its requests go where it is told. */
import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { anAssertion, aProof, type Keys, newKeys } from '../tokens/a-client.js';
import type { Answer, HttpClient } from './http-client.js';

export interface ProgramAsked {
  readonly program: string;
  readonly purpose: string;
  readonly categories: readonly string[];
}

export class ARecipient {
  readonly id: string;
  private readonly clientId: string;
  private readonly kid: string;
  private readonly clientKeys: Keys;
  private readonly proofKeys = newKeys();

  constructor(
    private readonly http: HttpClient,
    private readonly issuer: string,
    { id, clientId, privateJwk }: DemoFile['recipients'][number],
  ) {
    const privateKey = createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' });
    const publicKey = createPublicKey(privateKey);
    this.id = id;
    this.clientId = clientId;
    this.kid = privateJwk.kid as string;
    this.clientKeys = { algorithm: 'ES256', privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }) } };
  }

  /** For one token request. */
  assertion(): string {
    return anAssertion(this.clientKeys, this.clientId, this.issuer, { header: { kid: this.kid } });
  }

  /** For one request: method and the address without its query. */
  proof(method: string, path: string, accessToken?: string): string {
    const url = `${this.issuer}${path.split('?')[0]}`;
    return aProof(this.proofKeys, { method, url, ...(accessToken === undefined ? {} : { accessToken }) });
  }

  requestToken(node: string, detail: object, assertion = this.assertion()): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      resource: `${this.issuer}/v1`,
      authorization_details: JSON.stringify([detail]),
    });
    const headers = { dpop: this.proof('POST', '/token') };
    return this.http.ask(node, { method: 'POST', path: '/token', headers, body: form.toString() });
  }

  /** Good for five minutes, bound to this recipient's key. */
  async token(node: string, asked: ProgramAsked | 'application'): Promise<string> {
    const detail = asked === 'application' ? { type: 'azukari_application' } : { type: 'azukari_provision', ...asked };
    const answer = await this.requestToken(node, detail);
    if (answer.status !== 200) throw new Error(`no access token: ${answer.status} ${answer.text}`);
    return answer.json.access_token as string;
  }

  ask(
    node: string,
    token: string,
    method: string,
    path: string,
    body?: object,
    proof = this.proof(method, path, token),
  ): Promise<Answer> {
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    return this.http.ask(node, { method, path, headers, ...(body === undefined ? {} : { body }) });
  }
}
