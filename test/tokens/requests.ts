/** Raw HTTP to a node, with every header line as given: repeated ones stay repeated. */
import { request as openRequest } from 'node:http';
import { aProof, anAssertion } from './a-client.js';
import { type Client, issuer, type Node, resource } from './a-token-city.js';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** The JSON of the body, or an empty object. */
  readonly json: Record<string, unknown>;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

export function ask({ port }: Node, { method = 'GET', path, headers = {}, body }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = openRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const tokenUrl = `${issuer}/token`;

export const checkupDetail = {
  type: 'azukari_provision',
  program: 'p-checkup',
  purpose: 'care.prevention',
  categories: ['activity.steps', 'health.checkup'],
};

/** What a token request differs in from a good one. Undefined removes. */
export interface TokenRequest {
  readonly form?: Record<string, string | undefined>;
  readonly headers?: Record<string, string | string[] | undefined>;
  readonly assertion?: string;
  readonly proof?: string;
  /** Appended to the form as it is. */
  readonly more?: string;
  readonly path?: string;
}

export function askForToken(node: Node, client: Client, changes: TokenRequest = {}): Promise<Answer> {
  const form = Object.entries({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: changes.assertion ?? anAssertion(client.keys, client.clientId, issuer),
    resource,
    authorization_details: JSON.stringify([checkupDetail]),
    ...changes.form,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    dpop: changes.proof ?? aProof(client.proofKeys, { method: 'POST', url: tokenUrl }),
    ...changes.headers,
  };
  return ask(node, {
    method: 'POST',
    path: changes.path ?? '/token',
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Ask['headers'] &
      object,
    body: new URLSearchParams(form).toString() + (changes.more ?? ''),
  });
}

/** A token for the checkup program. */
export async function aToken(node: Node, client: Client, form: Record<string, string> = {}): Promise<string> {
  const { status, json, text } = await askForToken(node, client, { form });
  if (status !== 200) throw new Error(`no token: ${status} ${text}`);
  return json.access_token as string;
}
