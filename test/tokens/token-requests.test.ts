/**
 * A registered client that asks for too much, in the wrong form, or without a proof for this very request gets no token, and the
 * good request is served right after (sections B, D, E and G of the attack list, as far as they concern the token endpoint).
 */
import { aProof, newKeys, seconds, signCompact } from './a-client.js';
import { aClient, aNode, aTokenCity, type Client, issuer, type Node, type TokenCity } from './a-token-city.js';
import { ask, askForToken, checkupDetail, type TokenRequest, tokenUrl } from './requests.js';

let city: TokenCity;
let node: Node;
let bareNode: Node;
let client: Client;

beforeAll(async () => {
  city = await aTokenCity();
  [node, bareNode] = await Promise.all([aNode(city), aNode(city, { isBare: true })]);
  client = await aClient(city);
});

afterAll(async () => {
  await Promise.all([node?.close(), bareNode?.close()]);
  await city?.close();
});

const detail = (changes: Record<string, unknown>): TokenRequest => details([{ ...checkupDetail, ...changes }]);
const details = (value: unknown): TokenRequest => text(JSON.stringify(value));
const text = (authorization_details: string | undefined): TokenRequest => ({ form: { authorization_details } });
const proof = (changes: Partial<Parameters<typeof aProof>[1]> = {}): TokenRequest => ({
  proof: aProof(client.proofKeys, { method: 'POST', url: tokenUrl, ...changes }),
});
const header = (changes: Record<string, unknown>) => proof({ header: changes });
const payload = (changes: Record<string, unknown>) => proof({ payload: changes });
const type = (value: string | string[] | undefined): TokenRequest => ({ headers: { 'content-type': value } });

type Row = [what: string, error: string, request: () => TokenRequest, status?: number];

const authority: Row[] = [
  ['no authorization_details', 'invalid_authorization_details', () => text(undefined)],
  ['empty authorization_details', 'invalid_authorization_details', () => text('')],
  ['no detail', 'invalid_authorization_details', () => details([])],
  ['two details', 'invalid_authorization_details', () => details([checkupDetail, checkupDetail])],
  [
    'two details of two kinds',
    'invalid_authorization_details',
    () => details([checkupDetail, { type: 'azukari_application' }]),
  ],
  ['a detail that is no list', 'invalid_authorization_details', () => details(checkupDetail)],
  ['a list in a list', 'invalid_authorization_details', () => details([[checkupDetail]])],
  ['null', 'invalid_authorization_details', () => text('null')],
  ['not JSON', 'invalid_authorization_details', () => text('[{')],
  ['128 an unknown type', 'invalid_authorization_details', () => detail({ type: 'payment_initiation' })],
  ['128 the type of an inherited property', 'invalid_authorization_details', () => detail({ type: 'constructor' })],
  ['128 no type', 'invalid_authorization_details', () => detail({ type: undefined })],
  ['129 an unknown field', 'invalid_authorization_details', () => detail({ until: '9999-12-31' })],
  [
    '129 an unknown field of the other type',
    'invalid_authorization_details',
    () => details([{ type: 'azukari_application', program: 'p-checkup' }]),
  ],
  [
    '129 __proto__',
    'invalid_authorization_details',
    () => text(JSON.stringify([checkupDetail]).replace('{', '{"__proto__":{},')),
  ],
  [
    '129 a field named twice',
    'invalid_authorization_details',
    () => text(JSON.stringify([checkupDetail]).replace('{', '{"program":"p-of-the-bus",')),
  ],
  ['133 a resident named', 'invalid_authorization_details', () => detail({ identifier: 'r2' })],
  ['no program', 'invalid_authorization_details', () => detail({ program: undefined })],
  ['an unknown program', 'invalid_authorization_details', () => detail({ program: 'p-nobody' })],
  ['a program of another recipient', 'invalid_authorization_details', () => detail({ program: 'p-of-the-bus' })],
  ['a program that is not active', 'invalid_authorization_details', () => detail({ program: 'p-paused' })],
  ['a program with a path in it', 'invalid_authorization_details', () => detail({ program: '../p-checkup' })],
  [
    'a purpose outside the terms',
    'invalid_authorization_details',
    () => detail({ purpose: 'retail.personalised-offer' }),
  ],
  [
    'a category outside the terms',
    'invalid_authorization_details',
    () => detail({ categories: ['activity.steps', 'welfare.care'] }),
  ],
  ['no category', 'invalid_authorization_details', () => detail({ categories: [] })],
  [
    'a category twice',
    'invalid_authorization_details',
    () => detail({ categories: ['activity.steps', 'activity.steps'] }),
  ],
  ['categories as text', 'invalid_authorization_details', () => detail({ categories: 'activity.steps' })],
  ['a category that is a number', 'invalid_authorization_details', () => detail({ categories: [1] })],
  ['another resource', 'invalid_target', () => ({ form: { resource: 'https://other.example/v1' } })],
  ['the issuer as resource', 'invalid_target', () => ({ form: { resource: issuer } })],
  ['a part of the resource', 'invalid_target', () => ({ form: { resource: `${issuer}/v1/residents` } })],
  ['the resource with a fragment', 'invalid_target', () => ({ form: { resource: `${issuer}/v1#` } })],
  ['a resource that is no URI', 'invalid_target', () => ({ form: { resource: 'v1' } })],
  ['two resources', 'invalid_request', () => ({ more: `&resource=${encodeURIComponent(`${issuer}/v1`)}` })],
  ['47 a scope', 'invalid_scope', () => ({ form: { scope: 'openid' } })],
  ['47 a scope with a quotation mark', 'invalid_scope', () => ({ form: { scope: '"' } })],
  ['authorization_code', 'unsupported_grant_type', () => ({ form: { grant_type: 'authorization_code', code: 'x' } })],
  ['refresh_token', 'unsupported_grant_type', () => ({ form: { grant_type: 'refresh_token', refresh_token: 'x' } })],
  ['password', 'unsupported_grant_type', () => ({ form: { grant_type: 'password', username: 'a', password: 'b' } })],
  ['implicit', 'unsupported_grant_type', () => ({ form: { grant_type: 'implicit' } })],
  ['no grant_type', 'invalid_request', () => ({ form: { grant_type: undefined } })],
  ['two grant_types', 'invalid_request', () => ({ more: '&grant_type=client_credentials' })],
];

const form: Row[] = [
  ['43 JSON', 'invalid_request', () => type('application/json')],
  ['43 multipart', 'invalid_request', () => type('multipart/form-data; boundary=x')],
  ['43 text', 'invalid_request', () => type('text/plain')],
  ['43 no content type', 'invalid_request', () => type(undefined)],
  ['43 UTF-7', 'invalid_request', () => type('application/x-www-form-urlencoded; charset=utf-7')],
  ['43 another charset', 'invalid_request', () => type('application/x-www-form-urlencoded; charset=shift_jis')],
  ['a parameter in the URL', 'invalid_request', () => ({ path: '/token?grant_type=client_credentials' })],
  ['an empty query', 'invalid_request', () => ({ path: '/token?' })],
  ['a NUL', 'invalid_request', () => ({ more: '&note=%00' })],
  ['a broken character', 'invalid_request', () => ({ more: '&note=%ff' })],
  ['any parameter twice', 'invalid_request', () => ({ more: '&note=1&note=2' })],
  ['a body larger than the limit', 'invalid_request', () => ({ more: `&note=${'x'.repeat(17000)}` }), 413],
];

const dpop: Row[] = [
  ['103 no proof', 'invalid_dpop_proof', () => ({ headers: { dpop: undefined } })],
  ['87 two proofs', 'invalid_dpop_proof', () => ({ headers: { dpop: [proof().proof!, proof().proof!] } })],
  ['87 two proofs in one line', 'invalid_dpop_proof', () => ({ proof: `${proof().proof!},${proof().proof!}` })],
  ['88 a proof that is no token', 'invalid_dpop_proof', () => ({ proof: 'not.a.token' })],
  [
    '88 signed by another key',
    'invalid_dpop_proof',
    () => ({ proof: aProof({ ...newKeys(), jwk: client.proofKeys.jwk }, { method: 'POST', url: tokenUrl }) }),
  ],
  ['89 typ JWT', 'invalid_dpop_proof', () => header({ typ: 'JWT' })],
  ['89 a client assertion as proof', 'invalid_dpop_proof', () => header({ typ: undefined })],
  [
    '90 alg RS256',
    'invalid_dpop_proof',
    () => ({ proof: aProof(newKeys('RS256'), { method: 'POST', url: tokenUrl }) }),
  ],
  [
    '91 a private jwk',
    'invalid_dpop_proof',
    () => header({ jwk: client.proofKeys.privateKey.export({ format: 'jwk' }) }),
  ],
  [
    '91 an Ed25519 key of small order',
    'invalid_dpop_proof',
    () =>
      header({ jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, alg: 'EdDSA' }),
  ],
  ['93 no jti', 'invalid_dpop_proof', () => payload({ jti: undefined })],
  ['93 jti of 10 KiB', 'invalid_dpop_proof', () => payload({ jti: 'j'.repeat(10240) })],
  ['94 htm of another method', 'invalid_dpop_proof', () => payload({ htm: 'GET' })],
  ['95 htu of the resource', 'invalid_dpop_proof', () => payload({ htu: `${issuer}/v1` })],
  [
    '95 htu of the node behind the proxy',
    'invalid_dpop_proof',
    () => payload({ htu: `http://127.0.0.1:${node.port}/token` }),
  ],
  ['95 htu with dot segments', 'invalid_dpop_proof', () => payload({ htu: `${issuer}/a/../token` })],
  ['97 made 200 seconds ahead', 'invalid_dpop_proof', () => payload({ iat: seconds(200) })],
  ['97 made 200 seconds ago', 'invalid_dpop_proof', () => payload({ iat: seconds(-200) })],
  ['97 no iat', 'invalid_dpop_proof', () => payload({ iat: undefined })],
  [
    '98 a claim named twice',
    'invalid_dpop_proof',
    () => ({
      proof: signCompact(
        { typ: 'dpop+jwt', alg: 'ES256', jwk: client.proofKeys.jwk },
        `{"htm":"GET","htm":"POST","htu":"${tokenUrl}","jti":"x","iat":${seconds()}}`,
        client.proofKeys,
      ),
    }),
  ],
  ['105 a nonce we never gave', 'invalid_dpop_proof', () => payload({ nonce: 'n' })],
];

describe('refused, and the client is served right after', () => {
  test.each([...authority, ...form, ...dpop])('%s: %s', async (_what, error, request, status = 400) => {
    const sent = request();
    node.events.length = 0;
    const answer = await askForToken(node, client, sent);
    expect(answer.json.error).toBe(error);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(node.events).toHaveLength(1);
    if (sent.proof) expect(answer.text + JSON.stringify(node.events)).not.toContain(sent.proof);
    expect(await askForToken(node, client)).toMatchObject({ status: 200 });
  });
});

describe('accepted', () => {
  test.each<[string, () => TokenRequest]>([
    ['the proof made 10 seconds ago (P6)', () => payload({ iat: seconds(-10) })],
    ['the proof made 10 seconds ahead (P6)', () => payload({ iat: seconds(10) })],
    ['a proof with nbf, exp and more (P8)', () => payload({ nbf: seconds(-5), exp: seconds(60), note: 'x' })],
    ['the header named DPOP (P9)', () => ({ headers: { dpop: undefined, DPOP: proof().proof } })],
    ['htu with query and fragment (P11)', () => payload({ htu: `${tokenUrl}?a=b#c` })],
    [
      'htu in upper case with the default port (P12)',
      () => payload({ htu: 'HTTPS://AZUKARI.MINATONO.EXAMPLE:443/token' }),
    ],
    ['a charset that is UTF-8', () => type('application/x-www-form-urlencoded; charset=UTF-8')],
    ['no resource: there is only one', () => ({ form: { resource: undefined } })],
    ['the client_id besides (RFC 7521)', () => ({ form: { client_id: client.clientId } })],
    ['a parameter unknown to us (RFC 6749 section 3.2)', () => ({ more: '&audience=x' })],
    ['fewer categories than the program has', () => detail({ categories: ['health.checkup'] })],
  ])('%s', async (_what, request) => {
    expect(await askForToken(node, client, request())).toMatchObject({ status: 200 });
  });
});

test('83 a token is sender-constrained, short and not to be kept', async () => {
  const { status, headers, json } = await askForToken(
    node,
    client,
    detail({ categories: ['health.checkup', 'activity.steps'] }),
  );
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(json).toEqual({
    access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    token_type: 'DPoP',
    expires_in: 300,
    authorization_details: [checkupDetail],
  });
});

test('an application token names its recipient and nothing else', async () => {
  const { status, json } = await askForToken(node, client, details([{ type: 'azukari_application' }]));
  expect(status).toBe(200);
  expect(json.authorization_details).toEqual([{ type: 'azukari_application' }]);
});

test('an unknown program and another recipient’s are answered alike', async () => {
  const [unknown, foreign] = await Promise.all([
    askForToken(node, client, detail({ program: 'p-nobody' })),
    askForToken(node, client, detail({ program: 'p-of-the-bus' })),
  ]);
  expect(unknown.text).toBe(foreign.text);
});

describe('forged hosts', () => {
  test.each<[string, Record<string, string>]>([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }],
    ['Forwarded', { forwarded: 'host=evil.example;proto=http' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'http' }],
    ['X-Original-URL', { 'x-original-url': '/evil', 'x-rewrite-url': '/evil' }],
  ])('%s changes neither metadata nor what a proof is for', async (name, headers) => {
    const each = name === 'Host' ? bareNode : node;
    const metadata = await ask(each, { path: '/.well-known/oauth-authorization-server', headers });
    expect(metadata.json).toMatchObject({ issuer, token_endpoint: tokenUrl, jwks_uri: `${issuer}/jwks` });
    expect(await askForToken(each, client, { headers })).toMatchObject({ status: 200 });
    const evil = aProof(client.proofKeys, { method: 'POST', url: 'http://evil.example/token' });
    expect(await askForToken(each, client, { headers, proof: evil })).toMatchObject({ status: 400 });
  });
});

test('a request for another host is refused by the HTTP rung, in its own form', async () => {
  const answer = await askForToken(node, client, { headers: { host: 'evil.example' } });
  expect(answer).toMatchObject({ status: 421, json: { code: 'misdirected-host' } });
  expect(await askForToken(node, client)).toMatchObject({ status: 200 });
});

test('43 a compressed body is refused', async () => {
  for (const each of [node, bareNode]) {
    const { status } = await askForToken(each, client, { headers: { 'content-encoding': 'gzip' } });
    expect([400, 415]).toContain(status);
    expect(await askForToken(each, client)).toMatchObject({ status: 200 });
  }
});

test('other methods are answered with 405 and say what is allowed', async () => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    expect(await ask(node, { method, path: '/token' })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  }
  expect(await ask(node, { method: 'POST', path: '/jwks' })).toMatchObject({ status: 405 });
  expect(await ask(node, { method: 'HEAD', path: '/jwks' })).toMatchObject({ status: 200, text: '' });
});

test('no other origin is invited (59)', async () => {
  for (const method of ['OPTIONS', 'POST']) {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await ask(node, { method, path: '/token', headers });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test('a browser that asks for HTML gets JSON too', async () => {
  const answer = await askForToken(node, client, {
    headers: { accept: 'text/html' },
    form: { resource: 'https://x.example' },
  });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
});
