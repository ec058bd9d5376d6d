/** The flow as a recipient has it, with openid-client as it comes. */
import * as oidc from 'openid-client';
import { anAssertion, aProof, newKeys } from './a-client.js';
import { aClient, aNode, aTokenCity, issuer, type Node, resource, type TokenCity } from './a-token-city.js';
import { registerClientKey } from '../../src/tokens/client-keys.js';
import { ask, askForToken, aToken, checkupDetail } from './requests.js';

let city: TokenCity;
let node: Node;

beforeAll(async () => {
  city = await aTokenCity();
  node = await aNode(city);
});

afterAll(async () => {
  await node?.close();
  await city?.close();
});

/** The network between the world's name for us and the port where the node listens. */
const throughTheProxy: oidc.CustomFetch = (url, options) =>
  fetch(url.replace(issuer, `http://127.0.0.1:${node.port}`), options as RequestInit);

async function aConfiguration(algorithm: string) {
  const generated = await oidc.randomDPoPKeyPair(algorithm, { extractable: true });
  const jwk = await crypto.subtle.exportKey('jwk', generated.publicKey);
  const { clientId } = await registerClientKey(city.app, 'hamakaze-clinic', {
    ...jwk,
    key_ops: ['verify'],
    kid: `key-${algorithm}`,
  });
  const key = { key: generated.privateKey, kid: `key-${algorithm}` };
  return oidc.discovery(new URL(issuer), clientId, undefined, oidc.PrivateKeyJwt(key), {
    algorithm: 'oauth2',
    [oidc.customFetch]: throughTheProxy,
  });
}

describe.each(['ES256', 'PS256', 'Ed25519'])('with %s keys', (algorithm) => {
  test('a recipient gets a token for one program and reads with it', async () => {
    const configuration = await aConfiguration(algorithm);
    configuration[oidc.customFetch] = throughTheProxy;
    const dpop = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair(algorithm));

    const tokens = await oidc.clientCredentialsGrant(
      configuration,
      { resource, authorization_details: JSON.stringify([checkupDetail]) },
      { DPoP: dpop },
    );
    expect(tokens.token_type).toBe('dpop');
    expect(tokens.expires_in).toBe(300);
    expect(tokens.authorization_details).toEqual([checkupDetail]);
    expect(tokens.access_token).toMatch(/^[A-Za-z0-9_-]{43}$/);

    const url = new URL(`${issuer}/v1/records?from=2026-01-01`);
    const answer = await oidc.fetchProtectedResource(configuration, tokens.access_token, url, 'GET', null, undefined, {
      DPoP: dpop,
    });
    expect(await answer.json()).toEqual({
      kind: 'provision',
      recipientId: 'hamakaze-clinic',
      clientId: 'hamakaze-clinic-api',
      programId: 'p-checkup',
      purpose: 'care.prevention',
      categories: ['activity.steps', 'health.checkup'],
    });
  });
});

test('two recipients hold tokens of their own at the same time (P1)', async () => {
  const [clinic, bus] = await Promise.all([aClient(city), aClient(city, 'minatono-bus', 'EdDSA')]);
  const busDetail = { ...checkupDetail, program: 'p-of-the-bus' };
  const tokens = await Promise.all([
    aToken(node, clinic),
    aToken(node, bus, { authorization_details: JSON.stringify([busDetail]) }),
  ]);
  const recipients = await Promise.all(
    tokens.map(async (accessToken, position) => {
      const keys = [clinic, bus][position]!.proofKeys;
      const dpop = aProof(keys, { method: 'GET', url: `${resource}/records`, accessToken });
      const { json } = await ask(node, {
        path: '/v1/records',
        headers: { authorization: `DPoP ${accessToken}`, dpop },
      });
      return json.recipientId;
    }),
  );
  expect(recipients).toEqual(['hamakaze-clinic', 'minatono-bus']);
});

test('the metadata names what is offered and nothing more', async () => {
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
    const { status, json } = await ask(node, { path });
    expect(status).toBe(200);
    expect(json).toEqual({
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      revocation_endpoint: `${issuer}/token/revocation`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      revocation_endpoint_auth_methods_supported: ['private_key_jwt'],
      revocation_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519'],
      authorization_details_types_supported: ['azukari_provision', 'azukari_application'],
    });
  }
});

test('the published keys hold no secret', async () => {
  const { json } = await ask(node, { path: '/jwks' });
  const [key] = json.keys as Record<string, unknown>[];
  expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
  expect(key).not.toHaveProperty('d');
});

test.each(['/auth', '/request', '/me', '/reg', '/token/introspection', '/session/end', '/device', '/interaction/x'])(
  '%s is not offered',
  async (path) => {
    for (const method of ['GET', 'POST']) {
      expect((await ask(node, { method, path })).status).toBe(404);
    }
  },
);

test('a client with two keys is served by either, whichever kid it names (P20)', async () => {
  const first = await aClient(city, 'minatono-bus');
  const keys = newKeys('PS256');
  await registerClientKey(city.app, 'minatono-bus', { ...keys.jwk, kid: 'shared' });
  const again = newKeys('ES256');
  await registerClientKey(city.app, 'minatono-bus', { ...again.jwk, kid: 'shared' });
  const form = { authorization_details: JSON.stringify([{ ...checkupDetail, program: 'p-of-the-bus' }]) };
  for (const used of [keys, again]) {
    const assertion = anAssertion(used, first.clientId, issuer, { header: { kid: 'shared' } });
    expect(await askForToken(node, first, { assertion, form })).toMatchObject({ status: 200 });
  }
});

test('on one machine the issuer may be http on loopback', async () => {
  const publicUrl = 'http://127.0.0.1:18480';
  const local = await aNode(city, { publicUrl });
  try {
    const client = await aClient(city);
    const { json } = await ask(local, { path: '/.well-known/openid-configuration' });
    expect(json).toMatchObject({ issuer: publicUrl, token_endpoint: `${publicUrl}/token` });
    const answer = await askForToken(local, client, {
      assertion: anAssertion(client.keys, client.clientId, publicUrl),
      proof: aProof(client.proofKeys, { method: 'POST', url: `${publicUrl}/token` }),
      form: { resource: `${publicUrl}/v1` },
    });
    expect(answer).toMatchObject({ status: 200 });
  } finally {
    await local.close();
  }
});
