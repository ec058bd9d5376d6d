/**
 * Who does not prove to be a registered client gets no token, and the same client is served right after. The numbers are those
 * of the attack list (private_key_jwt: RFC 7523, RFC 8725, FAPI 2.0 section 5.3.3.2).
 */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toBase64url } from '../../src/kernel/bytes.js';
import { registerClientKey, removeClientKey } from '../../src/tokens/client-keys.js';
import { readPublicKey } from '../../src/tokens/proof/public-key.js';
import { anAssertion, encodePart, type Keys, newKeys, seconds, signCompact } from './a-client.js';
import { aClient, aNode, aTokenCity, type Client, issuer, type Node, type TokenCity } from './a-token-city.js';
import { askForToken, type TokenRequest, tokenUrl } from './requests.js';

let city: TokenCity;
let node: Node;
let otherNode: Node;
let bareNode: Node;
let client: Client;
let bus: Client;
let rsa: Keys;
let attackersServer: Server;
let attackersVisits = 0;

beforeAll(async () => {
  city = await aTokenCity();
  [node, otherNode, bareNode] = await Promise.all([aNode(city), aNode(city), aNode(city, { isBare: true })]);
  client = await aClient(city);
  bus = await aClient(city, 'minatono-bus', 'EdDSA');
  rsa = newKeys('PS256');
  await registerClientKey(city.app, client.recipientId, { ...rsa.jwk, kid: 'rsa' });
  attackersServer = createServer((_request, response) => {
    attackersVisits += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => attackersServer.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  attackersServer?.close();
  await Promise.all([node, otherNode, bareNode].map((each) => each?.close()));
  await city?.close();
});

const header = (changes: Record<string, unknown>) =>
  anAssertion(client.keys, client.clientId, issuer, { header: changes });
const claims = (changes: Record<string, unknown>) =>
  anAssertion(client.keys, client.clientId, issuer, { payload: changes });
const plainClaims = () => ({
  ...{ iss: client.clientId, sub: client.clientId, aud: issuer },
  ...{ jti: crypto.randomUUID(), exp: seconds(60) },
});
const attackersUrl = () => `http://127.0.0.1:${(attackersServer.address() as AddressInfo).port}/keys`;
const signedWithPublicKey = (secret: string) => {
  const text = `${encodePart({ alg: 'HS256' })}.${encodePart(plainClaims())}`;
  return `${text}.${toBase64url(createHmac('sha256', secret).update(text).digest())}`;
};

const refused: [what: string, request: () => TokenRequest, error?: string][] = [
  ['1 no client authentication', () => ({ form: { client_assertion: undefined } })],
  ['1 nothing but a client_id', () => ({ form: { client_assertion: undefined, client_id: client.clientId } })],
  ['2 a signature by another key', () => ({ assertion: anAssertion(newKeys(), client.clientId, issuer) })],
  ['3 aud is the token endpoint', () => ({ assertion: claims({ aud: tokenUrl }) })],
  ['5 aud is an array of the issuer', () => ({ assertion: claims({ aud: [issuer] }) })],
  [
    '5 aud is an array of the issuer and another',
    () => ({ assertion: claims({ aud: [issuer, 'https://other.example'] }) }),
  ],
  ['5 aud is the issuer with a slash', () => ({ assertion: claims({ aud: `${issuer}/` }) })],
  ['7 aud is another server', () => ({ assertion: claims({ aud: 'https://other.example' }) })],
  ['8 no aud', () => ({ assertion: claims({ aud: undefined }) })],
  ['9 aud has a number in it', () => ({ assertion: claims({ aud: [issuer, 7] }) })],
  ['9 aud has a null in it', () => ({ assertion: claims({ aud: [issuer, null] }) })],
  ['9 aud is an object', () => ({ assertion: claims({ aud: { issuer } }) })],
  ['9 aud is a number', () => ({ assertion: claims({ aud: 1 }) })],
  ['11 no iss', () => ({ assertion: claims({ iss: undefined }) })],
  ['11 iss is not sub', () => ({ assertion: claims({ iss: bus.clientId }) })],
  ['11 no sub', () => ({ assertion: claims({ sub: undefined }) })],
  ['11 another client, signed by this one', () => ({ assertion: anAssertion(client.keys, bus.clientId, issuer) })],
  ['11 sub alone is another client', () => ({ assertion: claims({ sub: bus.clientId }) })],
  ['11 iss is an array', () => ({ assertion: claims({ iss: [client.clientId] }) })],
  ['11 an unknown client', () => ({ assertion: anAssertion(client.keys, 'nobody-api', issuer) })],
  ['12 expired', () => ({ assertion: claims({ iat: seconds(-120), exp: seconds(-60) }) })],
  ['12 no exp', () => ({ assertion: claims({ exp: undefined }) })],
  ['12 exp is a string', () => ({ assertion: claims({ exp: String(seconds(60)) }) })],
  ['13 exp a year ahead', () => ({ assertion: claims({ exp: seconds(365 * 86400) }) })],
  ['13 exp six minutes ahead', () => ({ assertion: claims({ exp: seconds(360) }) })],
  [
    '13 exp is beyond every number',
    () => ({
      assertion: signCompact(
        { alg: 'ES256' },
        JSON.stringify({ ...plainClaims(), exp: 1 }).replace('"exp":1', '"exp":1e309'),
        client.keys,
      ),
    }),
  ],
  ['14 iat an hour ahead', () => ({ assertion: claims({ iat: seconds(3600) }) })],
  ['14 iat a minute ahead', () => ({ assertion: claims({ iat: seconds(61) }) })],
  ['14 iat an hour ago', () => ({ assertion: claims({ iat: seconds(-3600) }) })],
  ['14 iat is a string', () => ({ assertion: claims({ iat: 'now' }) })],
  ['14 nbf an hour ahead', () => ({ assertion: claims({ nbf: seconds(3600) }) })],
  ['14 nbf is a string', () => ({ assertion: claims({ nbf: 'now' }) })],
  ['15 no jti', () => ({ assertion: claims({ jti: undefined }) })],
  ['15 jti is empty', () => ({ assertion: claims({ jti: '' }) })],
  ['15 jti is a number', () => ({ assertion: claims({ jti: 1 }) })],
  ['15 jti has 257 characters', () => ({ assertion: claims({ jti: 'j'.repeat(257) }) })],
  [
    '17 RS256 with the registered RSA key',
    () => ({
      assertion: anAssertion({ ...rsa, algorithm: 'RS256' }, client.clientId, issuer, { header: { kid: 'rsa' } }),
    }),
  ],
  [
    '17 PS256 said, RS256 done',
    () => ({
      assertion: anAssertion({ ...rsa, algorithm: 'RS256' }, client.clientId, issuer, {
        header: { alg: 'PS256', kid: 'rsa' },
      }),
    }),
  ],
  ['18 alg none', () => ({ assertion: `${encodePart({ alg: 'none' })}.${encodePart(plainClaims())}.` })],
  ['18 alg none with a signature', () => ({ assertion: header({ alg: 'none' }) })],
  [
    '19 HS256 with the public JWK as secret',
    () => ({ assertion: signedWithPublicKey(JSON.stringify(client.keys.jwk)) }),
  ],
  [
    '19 HS256 with the public PEM as secret',
    () => ({ assertion: signedWithPublicKey(client.keys.publicKey.export({ type: 'spki', format: 'pem' }) as string) }),
  ],
  ['20 alg is an array', () => ({ assertion: header({ alg: ['ES256'] }) })],
  [
    '21 jwk of the attacker',
    () => {
      const keys = newKeys();
      return { assertion: anAssertion(keys, client.clientId, issuer, { header: { jwk: keys.jwk } }) };
    },
  ],
  ['21 jwk beside a good signature', () => ({ assertion: header({ jwk: newKeys().jwk }) })],
  [
    '21 jku of the attacker',
    () => ({ assertion: anAssertion(newKeys(), client.clientId, issuer, { header: { jku: attackersUrl() } }) }),
  ],
  ['21 jku beside a good signature', () => ({ assertion: header({ jku: attackersUrl() }) })],
  ['21 x5u of the attacker', () => ({ assertion: header({ x5u: attackersUrl() }) })],
  ['21 x5c of the attacker', () => ({ assertion: header({ x5c: ['MIIB'] }) })],
  ['22 an unknown kid', () => ({ assertion: header({ kid: '../../etc/passwd' }) })],
  ['23 an unknown critical header', () => ({ assertion: header({ crit: ['exp2'], exp2: 1 }) })],
  ['23 crit names a known header', () => ({ assertion: header({ crit: ['b64'], b64: true }) })],
  ['23 crit is empty', () => ({ assertion: header({ crit: [] }) })],
  ['25 the header is null', () => ({ assertion: signCompact('null', plainClaims(), client.keys) })],
  ['25 the header is an array', () => ({ assertion: signCompact('["ES256"]', plainClaims(), client.keys) })],
  [
    '25 the header names alg twice',
    () => ({ assertion: signCompact('{"alg":"none","alg":"ES256"}', plainClaims(), client.keys) }),
  ],
  [
    '25 the payload names sub twice',
    () => ({
      assertion: signCompact(
        { alg: 'ES256' },
        JSON.stringify(plainClaims()).replace('{', `{"sub":"${bus.clientId}",`),
        client.keys,
      ),
    }),
  ],
  [
    '25 the header is not UTF-8',
    () => ({ assertion: signCompact(Buffer.from('{"alg":"ES256","x":"\xff"}', 'latin1'), plainClaims(), client.keys) }),
  ],
  ['25 the payload is null', () => ({ assertion: signCompact({ alg: 'ES256' }, 'null', client.keys) })],
  ['25 padded base64', () => ({ assertion: claims({}).replace('.', '=.') })],
  ['25 a fourth part', () => ({ assertion: `${claims({})}.x` })],
  ['25 not a token', () => ({ assertion: 'assertion' })],
  ['25 an empty assertion', () => ({ assertion: '' })],
  [
    '27 a Basic header beside the assertion',
    () => ({ headers: { authorization: `Basic ${btoa('hamakaze-clinic-api:x')}` } }),
    'invalid_request',
  ],
  ['27 a client_secret beside the assertion', () => ({ form: { client_secret: 'x' } }), 'invalid_request'],
  ['28 two assertions', () => ({ more: `&client_assertion=${claims({})}` }), 'invalid_request'],
  [
    '28 another assertion type',
    () => ({ form: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } }),
    'invalid_request',
  ],
  ['28 no assertion type', () => ({ form: { client_assertion_type: undefined } }), 'invalid_request'],
  ...['dpop+jwt', 'DPoP+JWT', 'at+jwt', 'token-introspection+jwt', 'oauth-authz-req+jwt', 'JWT ', ''].map(
    (typ): [string, () => TokenRequest] => [`29 typed ${JSON.stringify(typ)}`, () => ({ assertion: header({ typ }) })],
  ),
  ['29 typ is a number', () => ({ assertion: header({ typ: 1 }) })],
  [
    '33 client_secret_basic',
    () => ({
      form: { client_assertion: undefined },
      headers: { authorization: `Basic ${btoa('hamakaze-clinic-api:secret')}` },
    }),
  ],
  [
    '33 client_secret_post',
    () => ({ form: { client_assertion: undefined, client_id: client.clientId, client_secret: 'x' } }),
  ],
  ['45 client_id of another client', () => ({ form: { client_id: bus.clientId } }), 'invalid_request'],
];

describe('refused, and the client is served right after', () => {
  test.each(refused)('%s', async (_what, request, error = 'invalid_client') => {
    const sent = request();
    node.events.length = 0;
    const answer = await askForToken(node, client, sent);
    expect(answer.json.error).toBe(error);
    expect(answer.status).toBe(error === 'invalid_client' ? 401 : 400);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(node.events).toHaveLength(1);
    expect(Object.keys(answer.json).sort()).toEqual(['error', 'error_description']);
    if (sent.assertion) expect(answer.text + JSON.stringify(node.events)).not.toContain(sent.assertion);
    expect(await askForToken(node, client)).toMatchObject({ status: 200 });
  });

  test('21 nobody was asked for a key', () => {
    expect(attackersVisits).toBe(0);
  });
});

const accepted: [string, () => string][] = [
  ['P7 made 8 seconds ahead', () => claims({ iat: seconds(8), nbf: seconds(8), exp: seconds(68) })],
  ['P23 made 29 seconds ahead, by a clock that far from ours', () => claims({ iat: seconds(29), nbf: seconds(29) })],
  ['no iat', () => claims({ iat: undefined })],
  ['five minutes long', () => claims({ exp: seconds(300) })],
  ['typed JWT', () => header({ typ: 'JWT' })],
  ['typed client-authentication+jwt', () => header({ typ: 'client-authentication+jwt' })],
  ['with claims of its own', () => claims({ note: '覚え書き' })],
  ['P20 by its second key', () => anAssertion(rsa, client.clientId, issuer, { header: { kid: 'rsa' } })],
];

test.each(accepted)('accepted: %s', async (_what, assertion) => {
  expect(await askForToken(node, client, { assertion: assertion() })).toMatchObject({ status: 200 });
});

test('15 an assertion is taken once, on whichever node', async () => {
  const assertion = claims({});
  expect(await askForToken(node, client, { assertion })).toMatchObject({ status: 200 });
  for (const again of [node, otherNode]) {
    const answer = await askForToken(again, client, { assertion });
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  }
});

test('15 the jti of one client does not use up that of another', async () => {
  const payload = { jti: 'the-same' };
  const form = {
    authorization_details: JSON.stringify([{ type: 'azukari_application' }]),
  };
  for (const each of [client, bus]) {
    const assertion = anAssertion(each.keys, each.clientId, issuer, { payload });
    expect(await askForToken(node, each, { assertion, form })).toMatchObject({ status: 200 });
  }
});

test('31 a removed key is refused by every node at once, and does not come back', async () => {
  const keys = newKeys();
  await registerClientKey(city.app, client.recipientId, keys.jwk);
  const withIt = () => ({ assertion: anAssertion(keys, client.clientId, issuer) });
  for (const each of [node, otherNode])
    expect(await askForToken(each, client, withIt())).toMatchObject({ status: 200 });
  expect(await removeClientKey(city.app, client.recipientId, readPublicKey(keys.jwk).thumbprint)).toBe(true);
  for (const each of [otherNode, node]) {
    expect(await askForToken(each, client, withIt())).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect(await askForToken(each, client)).toMatchObject({ status: 200 });
  }
  await expect(registerClientKey(city.app, client.recipientId, keys.jwk)).rejects.toMatchObject({ code: 'conflict' });
  expect(await removeClientKey(city.app, client.recipientId, readPublicKey(keys.jwk).thumbprint)).toBe(false);
});

test('a suspended recipient gets no token from any node, and gets one again when it is resumed', async () => {
  await city.app.query("SELECT azukari.appoint_board_member('board-test', '試験', 'Test', '委員', 'Member', '{}')");
  const change = (status: string) =>
    city.app.query('SELECT azukari.change_recipient_status($1, $2, $3, $4)', [
      ...[client.recipientId, status, { ja: '確認のため', en: 'To look into it' }, 'board-test'],
    ]);
  for (let round = 0; round < 3; round++) {
    await change('suspended');
    for (const each of [node, otherNode]) {
      expect(await askForToken(each, client)).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    }
    await change('active');
    for (const each of [otherNode, node]) expect(await askForToken(each, client)).toMatchObject({ status: 200 });
  }
});

test('27 two Authorization headers are refused before anything else is looked at', async () => {
  const headers = { authorization: ['Basic eDp5', 'Basic eDp5'] };
  for (const each of [node, bareNode]) {
    expect(await askForToken(each, client, { form: { client_assertion: undefined }, headers })).toMatchObject({
      status: 400,
    });
    expect(await askForToken(each, client)).toMatchObject({ status: 200 });
  }
});

test('a refusal is one line of the security log, with the recipient and without a token', async () => {
  const securityLines: string[] = [];
  const logged = await aNode(city, { securityLines });
  try {
    const assertion = claims({ aud: tokenUrl });
    await askForToken(logged, client, { assertion });
    await askForToken(logged, client, { proof: 'x.y.z' });
    await askForToken(logged, client, { form: { resource: 'https://other.example' } });
    const lines = securityLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { event: 'authentication-failed', code: 'invalid-token', route: '/token', organisation: client.recipientId },
      { event: 'authentication-failed', code: 'invalid-dpop-proof', route: '/token' },
      { event: 'access-refused', code: 'invalid-request', route: '/token', organisation: client.recipientId },
    ]);
    expect(securityLines.join()).not.toContain(assertion);
    expect(securityLines.join()).not.toContain('127.0.0.1');
  } finally {
    await logged.close();
  }
});
