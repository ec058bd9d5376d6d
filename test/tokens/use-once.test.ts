/** Two nodes, one database: of requests that carry the same assertion, proof or code at the same moment, exactly one wins. */
import type { Adapter } from 'oidc-provider';
import { payloadAdapter } from '../../src/tokens/server/payload-adapter.js';
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
import { ask, askForToken, aToken, tokenUrl } from './requests.js';

const rounds = 20;
let city: TokenCity;
let nodes: Node[];
let client: Client;

beforeAll(async () => {
  city = await aTokenCity();
  nodes = await Promise.all([aNode(city), aNode(city)]);
  client = await aClient(city);
});

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.close()));
  await city?.close();
});

/** Four requests at once, two to each node. */
function onBothNodes<T>(request: (node: Node) => Promise<T>): Promise<T[]> {
  return Promise.all([...nodes, ...nodes].map(request));
}

const wins = 200;
const count = (statuses: number[], wanted: number) => statuses.filter((status) => status === wanted).length;

test(`one assertion, ${rounds} rounds`, async () => {
  for (let round = 0; round < rounds; round++) {
    const assertion = anAssertion(client.keys, client.clientId, issuer);
    const answers = await onBothNodes((node) => askForToken(node, client, { assertion }));
    const statuses = answers.map((answer) => answer.status);
    expect([count(statuses, wins), count(statuses, 401)]).toEqual([1, 3]);
  }
});

test(`one proof at the token endpoint, ${rounds} rounds`, async () => {
  for (let round = 0; round < rounds; round++) {
    const proof = aProof(client.proofKeys, { method: 'POST', url: tokenUrl });
    const answers = await onBothNodes((node) => askForToken(node, client, { proof }));
    expect(
      count(
        answers.map((answer) => answer.status),
        wins,
      ),
    ).toBe(1);
    for (const { status, json } of answers) {
      if (status !== wins) expect(json.error).toBe('invalid_dpop_proof');
    }
  }
});

test(`one proof for a read, ${rounds} rounds`, async () => {
  const accessToken = await aToken(nodes[0]!, client);
  for (let round = 0; round < rounds; round++) {
    const dpop = aProof(client.proofKeys, { method: 'GET', url: `${resource}/records`, accessToken });
    const headers = { authorization: `DPoP ${accessToken}`, dpop };
    const answers = await onBothNodes((node) => ask(node, { path: '/v1/records', headers }));
    const statuses = answers.map((answer) => answer.status);
    expect([count(statuses, wins), count(statuses, 401)]).toEqual([1, 3]);
  }
});

test(`one code, ${rounds} rounds`, async () => {
  const adapters: Adapter[] = [1, 2, 3, 4].map(() => payloadAdapter(city.app, 'AuthorizationCode'));
  for (let round = 0; round < rounds; round++) {
    await adapters[0]!.upsert(`code-${round}`, { clientId: client.clientId }, 60);
    const outcomes = await Promise.allSettled(adapters.map((adapter) => adapter.consume(`code-${round}`)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  }
});
