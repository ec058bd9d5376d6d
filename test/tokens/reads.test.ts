/** The resource server over HTTP: which tokens and proofs it takes, each once (sections E and F of the attack list). */
import { randomBytes } from 'node:crypto';
import { toBase64url } from '../../src/kernel/bytes.js';
import { removeClientKey } from '../../src/tokens/client-keys.js';
import { readPublicKey } from '../../src/tokens/proof/public-key.js';
import { hashAccessToken } from '../../src/tokens/proof/request-proof.js';
import { authenticateReads, ReadAuthenticator } from '../../src/tokens/read-authenticator.js';
import { aProof, encodePart, type Keys, newKeys, seconds } from './a-client.js';
import {
  aClient,
  aNode,
  aTokenCity,
  type Client,
  issuer,
  type Node,
  resource,
  type TokenCity,
} from './a-token-city.js';
import { type Answer, ask, aToken } from './requests.js';

let city: TokenCity;
let node: Node;
let client: Client;
let token: string;

beforeAll(async () => {
  city = await aTokenCity();
  node = await aNode(city);
  client = await aClient(city);
});

beforeEach(async () => {
  token = await aToken(node, client);
});

afterAll(async () => {
  await node?.close();
  await city?.close();
});

const url = `${resource}/records`;
const proofBy = (keys: Keys, accessToken = token, payload = {}) =>
  aProof(keys, { method: 'GET', url, accessToken, payload });

interface Read {
  readonly accessToken?: string;
  readonly keys?: Keys;
  readonly proof?: string | string[];
  readonly headers?: Record<string, string | string[]>;
}

function read({ accessToken = token, keys = client.proofKeys, proof, headers }: Read = {}): Promise<Answer> {
  const dpop = proof ?? proofBy(keys, accessToken);
  return ask(node, { path: '/v1/records', headers: { authorization: `DPoP ${accessToken}`, dpop, ...headers } });
}

/** A token that the server itself would not give out now. */
async function aTokenInTheTable(columns: { audience?: string; issuedSecondsAgo?: number } = {}): Promise<string> {
  const value = toBase64url(randomBytes(32));
  await city.admin.query(
    `INSERT INTO azukari.access_token (sha256, client_id, recipient_id, jkt, audience, authorization_details, detail_type, issued_at, expires_at)
     SELECT $1, $2, $3, $4, $5, '[{"type":"azukari_application"}]', 'azukari_application', at, at + interval '5 minutes'
     FROM (SELECT clock_timestamp() - make_interval(secs => $6) AS at) AS issued`,
    [
      ...[hashAccessToken(value), client.clientId, client.recipientId, readPublicKey(client.proofKeys.jwk).thumbprint],
      ...[columns.audience ?? resource, columns.issuedSecondsAgo ?? 0],
    ],
  );
  return value;
}

const refused: [what: string, code: string, request: () => Read | Promise<Read>, status?: number][] = [
  ['99 a proof by another key', 'invalid-dpop-proof', () => ({ keys: newKeys() })],
  ['99 a stolen token with the thief’s own proof', 'invalid-dpop-proof', () => ({ keys: newKeys('EdDSA') })],
  ['100 a proof for another token', 'invalid-dpop-proof', () => ({ proof: proofBy(client.proofKeys, 'B'.repeat(43)) })],
  [
    '94 a proof for another method',
    'invalid-dpop-proof',
    () => ({ proof: aProof(client.proofKeys, { method: 'POST', url, accessToken: token }) }),
  ],
  [
    '95 a proof for another URL',
    'invalid-dpop-proof',
    () => ({ proof: aProof(client.proofKeys, { method: 'GET', url: `${url}/x`, accessToken: token }) }),
  ],
  [
    '95 a proof for the node behind the proxy',
    'invalid-dpop-proof',
    () => ({
      proof: aProof(client.proofKeys, {
        method: 'GET',
        url: `http://127.0.0.1:${node.port}/v1/records`,
        accessToken: token,
      }),
    }),
  ],
  [
    '97 a proof made 70 seconds ago',
    'clock-skew',
    () => ({ proof: proofBy(client.proofKeys, token, { iat: seconds(-70) }) }),
  ],
  ['87 two proofs', 'invalid-dpop-proof', () => ({ proof: [proofBy(client.proofKeys), proofBy(client.proofKeys)] })],
  ['101 Bearer', 'invalid-token', () => ({ headers: { authorization: `Bearer ${token}` } })],
  ['109 a token we never gave', 'invalid-token', () => ({ accessToken: toBase64url(randomBytes(32)) })],
  [
    '109 an unsigned JWT',
    'invalid-token',
    () => ({
      accessToken: `${encodePart({ alg: 'none', typ: 'at+jwt' })}.${encodePart({ iss: issuer, aud: resource })}.`,
    }),
  ],
  ['109 the hash of a token as token', 'invalid-token', () => ({ accessToken: toBase64url(hashAccessToken(token)) })],
  [
    '110 an expired token',
    'token-expired',
    async () => ({ accessToken: await aTokenInTheTable({ issuedSecondsAgo: 301 }) }),
  ],
  [
    '111 a token for another audience',
    'wrong-audience',
    async () => ({ accessToken: await aTokenInTheTable({ audience: 'https://other.example/v1' }) }),
  ],
  [
    '117 two Authorization headers',
    'invalid-request',
    () => ({ headers: { authorization: [`DPoP ${token}`, `DPoP ${token}`] } }),
    400,
  ],
  ['117 a session beside the token', 'invalid-request', () => ({ headers: { cookie: 'azukari_session=x' } }), 400],
];

describe('refused, and the good request is served right after', () => {
  test.each(refused)('%s: %s', async (_what, code, request, status = 401) => {
    const answer = await read(await request());
    expect(answer.json.code).toBe(code);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(token);
    if (status === 401)
      expect(answer.headers['www-authenticate']).toMatch(/^DPoP error="invalid_(token|dpop_proof)", /);
    expect(await read()).toMatchObject({ status: 200, json: { kind: 'provision', programId: 'p-checkup' } });
  });
});

test('a token made as the table demands is taken (so that the refusals above can fail)', async () => {
  const accessToken = await aTokenInTheTable();
  expect(await read({ accessToken })).toMatchObject({ status: 200, json: { kind: 'application' } });
});

test('without credentials the scheme is named and no error', async () => {
  const answer = await ask(node, { path: '/v1/records' });
  expect(answer).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'DPoP algs="ES256 PS256 EdDSA Ed25519"' },
  });
});

test('107 a captured request does nothing a second time', async () => {
  const proof = proofBy(client.proofKeys);
  expect(await read({ proof })).toMatchObject({ status: 200 });
  expect(await read({ proof })).toMatchObject({ status: 401, json: { code: 'replayed-dpop-proof' } });
  expect(await read()).toMatchObject({ status: 200 });
});

test('P10, P11: another case of the scheme, and a query in the URL', async () => {
  const headers = { authorization: `dpop ${token}` };
  expect(await read({ headers })).toMatchObject({ status: 200 });
  const dpop = aProof(client.proofKeys, { method: 'GET', url, accessToken: token });
  const answer = await ask(node, { path: '/v1/records?from=x', headers: { authorization: `DPOP ${token}`, dpop } });
  expect(answer.status).toBe(200);
});

test('tokens end with the key that may have got them', async () => {
  const bus = await aClient(city, 'minatono-bus');
  const busToken = await aToken(node, bus, { authorization_details: '[{"type":"azukari_application"}]' });
  expect(await read({ accessToken: busToken, keys: bus.proofKeys })).toMatchObject({ status: 200 });
  await removeClientKey(city.app, bus.recipientId, readPublicKey(bus.keys.jwk).thumbprint);
  const answer = await read({ accessToken: busToken, keys: bus.proofKeys });
  expect(answer).toMatchObject({ status: 401, json: { code: 'invalid-token' } });
});

const goodItem = () => ({
  tokenSha256: hashAccessToken(token),
  jkt: readPublicKey(client.proofKeys.jwk).thumbprint,
  jtiSha256: randomBytes(32),
  expiresAt: new Date(Date.now() + 60_000),
});

test('a proof that came with a bad token is not used up', async () => {
  const item = goodItem();
  expect(await authenticateReads(city.app, [{ ...item, tokenSha256: randomBytes(32) }], resource, true)).toEqual([
    'invalid-token',
  ]);
  expect(await authenticateReads(city.app, [item], resource, true)).toMatchObject([{ kind: 'provision' }]);
  expect(await authenticateReads(city.app, [item], resource, true)).toEqual(['replayed-dpop-proof']);
});

test('a batch answers each item in its place, and of equal proofs in it the first wins', async () => {
  const twice = goodItem();
  const batch = [
    twice,
    { ...goodItem(), jkt: 'A'.repeat(43) },
    twice,
    { ...goodItem(), tokenSha256: randomBytes(32) },
    goodItem(),
    { ...goodItem(), tokenSha256: hashAccessToken(await aTokenInTheTable({ issuedSecondsAgo: 301 })) },
  ];
  const outcomes = await authenticateReads(city.app, batch, resource, true);
  expect(outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : outcome.kind))).toEqual([
    ...['provision', 'invalid-dpop-proof', 'replayed-dpop-proof', 'invalid-token', 'provision', 'token-expired'],
  ]);
});

test('the use of a proof waits for the disk where the route may answer without an entry of the log', async () => {
  const authenticator = new ReadAuthenticator(city.app, resource);
  const { rows } = await city.admin.query<{ source: string }>(
    `SELECT pg_get_functiondef('azukari.commit_without_waiting()'::regprocedure) AS source`,
  );
  const { source } = rows[0]!;
  await city.admin.query(source.replace('BEGIN', `BEGIN RAISE EXCEPTION 'it would not wait';`));
  try {
    await expect(authenticator.authenticate(goodItem(), 'provision')).rejects.toThrow('it would not wait');
    expect(await authenticator.authenticate(goodItem(), 'application')).toMatchObject({ kind: 'provision' });
  } finally {
    await city.admin.query(source);
  }
});
