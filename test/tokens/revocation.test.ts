/** Whoever holds a token may end it, and nobody else (RFC 7009; section H of the attack list). */
import { aProof, anAssertion } from './a-client.js';
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
import { type Answer, ask, askForToken, aToken } from './requests.js';

let city: TokenCity;
let node: Node;
let otherNode: Node;
let client: Client;
let bus: Client;

beforeAll(async () => {
  city = await aTokenCity();
  [node, otherNode] = await Promise.all([aNode(city), aNode(city)]);
  client = await aClient(city);
  bus = await aClient(city, 'minatono-bus');
});

afterAll(async () => {
  await Promise.all([node?.close(), otherNode?.close()]);
  await city?.close();
});

function revoke({ keys, clientId }: Client, form: Record<string, string>): Promise<Answer> {
  const body = new URLSearchParams({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: anAssertion(keys, clientId, issuer),
    ...form,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return ask(node, { method: 'POST', path: '/token/revocation', headers, body });
}

async function statusOfRead(accessToken: string): Promise<number> {
  const dpop = aProof(client.proofKeys, { method: 'GET', url: `${resource}/records`, accessToken });
  const headers = { authorization: `DPoP ${accessToken}`, dpop };
  return (await ask(otherNode, { path: '/v1/records', headers })).status;
}

test.each<Record<string, string>>([
  {},
  { token_type_hint: 'access_token' },
  { token_type_hint: 'refresh_token' },
  { token_type_hint: 'x' },
])('its own token ends on every node at once, with %j', async (hint) => {
  const token = await aToken(node, client);
  expect(await statusOfRead(token)).toBe(200);
  expect(await revoke(client, { token, ...hint })).toMatchObject({ status: 200, text: '' });
  expect(await statusOfRead(token)).toBe(401);
  expect(await revoke(client, { token, ...hint })).toMatchObject({ status: 200 });
});

test('P21 an unknown token is revoked without complaint', async () => {
  expect(await revoke(client, { token: 'A'.repeat(43) })).toMatchObject({ status: 200 });
});

test('151 another client’s token stays as it is, and the answer does not tell that it exists', async () => {
  const token = await aToken(node, client);
  const answer = await revoke(bus, { token });
  expect(answer).toMatchObject({ status: 200, text: '' });
  expect(await statusOfRead(token)).toBe(200);
});

test('who is no client revokes nothing', async () => {
  const token = await aToken(node, client);
  for (const form of [
    { client_assertion: 'x.y.z' },
    { client_assertion: anAssertion(bus.keys, client.clientId, issuer) },
  ]) {
    expect(await revoke(client, { token, ...form })).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  }
  expect(await statusOfRead(token)).toBe(200);
});

test('a JWT is not of a kind that is revoked here', async () => {
  const token = anAssertion(client.keys, client.clientId, issuer);
  expect(await revoke(client, { token })).toMatchObject({ status: 400, json: { error: 'unsupported_token_type' } });
});

test('147 introspection is not offered', async () => {
  expect((await ask(node, { method: 'POST', path: '/token/introspection' })).status).toBe(404);
});

/** Every connection of the app's pool is made anew, with the setting. */
async function reconnectWith(readOnly: 'on' | 'off'): Promise<void> {
  const { rows } = await city.admin.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  await city.admin.query(
    `ALTER ROLE azukari_app IN DATABASE ${rows[0]!.name} SET default_transaction_read_only = ${readOnly}`,
  );
  await city.admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'azukari_app' AND datname = current_database()",
  );
  const isReady = async () => {
    const asked = Array.from({ length: 10 }, () =>
      city.app.query<{ now: string }>("SELECT current_setting('transaction_read_only') AS now"),
    );
    const answers = await Promise.allSettled(asked);
    return answers.every((answer) => answer.status === 'fulfilled' && answer.value.rows[0]!.now === readOnly);
  };
  for (let turn = 0; turn < 100 && !(await isReady()); turn++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await isReady()).toBe(true);
}

test('155 when the database cannot write, nothing is called revoked or issued, and both work again afterwards', async () => {
  const token = await aToken(node, client);
  await reconnectWith('on');
  const answers = await Promise.all([revoke(client, { token }), askForToken(node, client)]);
  await reconnectWith('off');
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, json: { error: 'temporarily_unavailable' } });
  }
  expect(await statusOfRead(token)).toBe(200);
  expect(await revoke(client, { token })).toMatchObject({ status: 200 });
});
