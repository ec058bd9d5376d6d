/** Consent receipts: signed, complete, the resident's to keep, and anyone's to check with the published key (ISO/IEC TS 27560). */
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let keys: ReturnType<typeof createLocalJWKSet>;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  keys = createLocalJWKSet(
    (await (await fetch(`${town.base}/.well-known/azukari-receipt-keys`)).json()) as JSONWebKeySet,
  );
});
afterAll(() => closeSoundly(town));

interface Receipt {
  'dct:identifier': string;
  'dpv:hasRecordOfActivity': Record<string, never> & {
    'dpv:hasDataSubject': { 'dct:identifier': string } | null;
    'dpv:hasProcess': {
      'dpv:hasPurpose': object;
      'dpv:hasPersonalData': { 'azukari:fields': string[] };
      'dpv:hasRecipient': object;
    }[];
    'dpv:hasConsentStatus': { '@type': string[] };
    'dpv:hasNotice': { 'azukari:sha256': string };
    'dct:valid': { start: string; end: string };
    'azukari:program': object;
    'azukari:policy': string;
  };
}

async function open(jws: string): Promise<Receipt> {
  const { payload } = await compactVerify(jws, keys);
  return JSON.parse(Buffer.from(payload).toString('utf8')) as Receipt;
}

test('a receipt verifies with the published key and says to what, for whom, how long and after which notice', async () => {
  const resident = town.resident();
  const headers = { cookie: resident.session };
  const { sha256 } = must(await town.http.ask(town.base, { path: `/v1/consents/notices/${program.id}`, headers })).json;
  const { consentId, receipt, pairwiseId } = await town.give(resident, program);
  expect(decodeProtectedHeader(receipt)).toMatchObject({ alg: 'EdDSA', typ: 'azukari-consent-receipt+jws' });
  const opened = await open(receipt);
  expect(opened['dct:identifier']).toBe(consentId);
  const record = opened['dpv:hasRecordOfActivity'];
  expect(record).toMatchObject({
    'dpv:hasDataSubject': { 'dct:identifier': pairwiseId },
    'dpv:hasProcess': [
      {
        'dpv:hasPurpose': {
          'dct:identifier': 'care.prevention',
          '@id': expect.stringMatching(/^https:\/\/w3id\.org\/dpv/) as string,
        },
        'dpv:hasPersonalData': { 'dct:identifier': 'activity.steps', 'azukari:fields': ['steps', 'time'] },
        'dpv:hasRecipient': { 'dct:identifier': 'hamakaze-clinic' },
      },
    ],
    'dpv:hasConsentStatus': { '@type': ['dpv:ConsentGiven', 'dpv:ExpressedConsent'] },
    'dpv:hasNotice': { 'azukari:sha256': sha256 },
    'azukari:program': { id: program.id, version: 1 },
    'azukari:policy': town.city.service.city.policy,
  });
  const { start, end } = record['dct:valid'];
  // 90 days, and not beyond the end of the program.
  const days = (Date.parse(end) - Date.parse(start)) / 86_400_000;
  expect(days).toBeGreaterThan(88);
  expect(days).toBeLessThanOrEqual(90);
  // Kept, and given out again as it was.
  const again = must(await town.http.ask(town.base, { path: `/v1/consents/${consentId}/receipt`, headers })).json;
  expect(again).toEqual({ receipt });
});

test('the receipt of a refusal says so, and names nobody to the recipient', async () => {
  const { receipt } = await town.refuse(town.resident(1), program);
  const record = (await open(receipt as string))['dpv:hasRecordOfActivity'];
  expect(record['dpv:hasConsentStatus']['@type']).toContain('dpv:ConsentRefused');
  expect(record['dpv:hasDataSubject']).toBeNull();
  expect(record['dpv:hasProcess']).toEqual([]);
});

test('a receipt names the consented items only', async () => {
  const two = await town.program('hamakaze-clinic', {
    items: [
      { purpose: 'care.prevention', category: 'activity.steps', fields: ['steps'] },
      { purpose: 'care.prevention', category: 'health.vitals', fields: ['blood-pressure'] },
    ],
  });
  const { receipt } = await town.give(town.resident(2), two, [two.items[1]!]);
  const processes = (await open(receipt))['dpv:hasRecordOfActivity']['dpv:hasProcess'];
  expect(processes).toMatchObject([{ 'dpv:hasPersonalData': { 'dct:identifier': 'health.vitals' } }]);
});

test.each([
  ['the items', (text: string) => text.replace('activity.steps', 'health.checkup')],
  ['the end', (text: string) => text.replace(/"end":"\d{4}/, '"end":"2999')],
  ['the recipient', (text: string) => text.replace('hamakaze-clinic', 'isobe-mart')],
  ['a space', (text: string) => `${text} `],
])('edited in %s, a receipt no longer verifies', async (_where, edit) => {
  const { receipt } = await town.give(town.resident(3), program);
  const [header, payload, signature] = receipt.split('.') as [string, string, string];
  const text = Buffer.from(payload, 'base64url').toString('utf8');
  expect(edit(text)).not.toBe(text);
  await expect(open([header, Buffer.from(edit(text)).toString('base64url'), signature].join('.'))).rejects.toThrow();
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  await expect(open([unsigned, payload, ''].join('.'))).rejects.toThrow();
});

test('the published keys hold no private part', async () => {
  const text = await (await fetch(`${town.base}/.well-known/azukari-receipt-keys`)).text();
  expect((JSON.parse(text) as JSONWebKeySet).keys).toHaveLength(1);
  expect(text).not.toContain('"d":');
});
