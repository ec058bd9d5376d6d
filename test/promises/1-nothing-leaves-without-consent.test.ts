/** Promise 1: nothing leaves without a consent in force for that recipient, that purpose and that category. */
import { RecipientClient } from '../../src/demo/recipient-client.js';
import { aDemoCity, type DemoCity } from '../setup/demo-city.js';

let city: DemoCity;
beforeAll(async () => {
  city = await aDemoCity();
});
afterAll(() => city?.stop());

test('a recipient that nobody has consented to is told no-consent and gets no record', async () => {
  const { demo } = city;
  const recipient = demo.recipients.find(({ id }) => id === 'hamakaze-clinic')!;
  const client = await RecipientClient.create({ issuer: demo.issuer, clientId: recipient.clientId, privateJwk: recipient.privateJwk });
  const program = recipient.programs.find(({ status }) => status === 'active')!;
  const token = await client.token({ type: 'azukari_provision', program: program.id, purpose: program.purpose, categories: program.categories });
  const nobody = Buffer.alloc(32, 1).toString('base64url');
  const answer = await client.fetch(token, 'GET', `/v1/residents/${nobody}/records?program=${program.id}`);
  expect(answer.status).toBe(403);
  expect(((await answer.json()) as { code: string }).code).toBe('no-consent');
});
