/** Two whole nodes on one database: of requests that carry the same proof or the same assertion at the same moment, exactly one wins. */
import { requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import type { Answer } from '../setup/http-client.js';
import { aTwoNodeCity, type TwoNodeCity } from './a-two-node-city.js';
import { stopSoundly } from '../setup/check-log.js';

const rounds = 20;

let city: TwoNodeCity;
let program: WalkingProgram;
let pairwiseId: string;
beforeAll(async () => {
  city = await aTwoNodeCity();
  program = await WalkingProgram.apply(city.http, city.demo, city.bases[0]);
  const given = requireStatus(await program.give(city.bases[0], city.demo.residents[0]!), 201).json;
  pairwiseId = given.pairwiseId as string;
});
afterAll(() => stopSoundly(city));

/** Four requests at once, two to each node: their codes, the winner's undefined first. */
async function onBothNodes(
  ask: (node: string) => Promise<Answer>,
): Promise<{ wins: number; others: (string | undefined)[] }> {
  const answers = await Promise.all([...city.bases, ...city.bases].map(ask));
  const losers = answers.filter(({ status }) => status !== 200);
  return {
    wins: answers.length - losers.length,
    others: losers.map(({ json, code }) => code ?? (json.error as string)),
  };
}

test(`one DPoP proof for a read, ${rounds} rounds`, async () => {
  const token = await program.token(city.bases[0]);
  const path = program.readPath(pairwiseId);
  for (let round = 0; round < rounds; round += 1) {
    const proof = program.recipient.proof('GET', path, token);
    const result = await onBothNodes((node) => program.recipient.ask(node, token, 'GET', path, undefined, proof));
    expect(result).toEqual({ wins: 1, others: Array(3).fill('replayed-dpop-proof') });
  }
});

test(`one client assertion, ${rounds} rounds`, async () => {
  const detail = { type: 'azukari_application' };
  for (let round = 0; round < rounds; round += 1) {
    const assertion = program.recipient.assertion();
    const result = await onBothNodes((node) => program.recipient.requestToken(node, detail, assertion));
    expect(result).toEqual({ wins: 1, others: Array(3).fill('invalid_client') });
  }
});
