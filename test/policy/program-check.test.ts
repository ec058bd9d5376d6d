/** An application reaches the board only when it is complete, says what it means, and stays within the catalogue and the rules. */
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { checkProgram } from '../../src/policy/program-check.js';
import type { PolicyRecipient, ProgramItem, ProgramTerms } from '../../src/policy/program-terms.js';
import { anApplication } from './an-application.js';
import { thePolicyBook } from './the-policy-book.js';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

const item = (purpose: string, category: string, ...fields: string[]): ProgramItem => ({ purpose, category, fields });
const recipient = (id: string, kind: PolicyRecipient['kind']): PolicyRecipient => ({ id, kind, country: 'JP' });

test.each<[title: string, PolicyRecipient, Partial<ProgramTerms>]>([
  ['checkup follow-up', recipient('hamakaze-clinic', 'clinic'), {}],
  [
    'walking and health',
    recipient('minatono-university', 'university'),
    {
      items: [
        item('research.public-health', 'activity.steps', 'steps', 'time'),
        item('research.public-health', 'health.vitals', 'time', 'body', 'blood-pressure'),
      ],
      ...{
        mode: 'store',
        retentionDays: 1096,
        publicInterest: { ja: '健康寿命を延ばします。', en: 'Longer lives in good health.' },
      },
    },
  ],
  [
    'stop and timetable planning',
    recipient('minatono-bus', 'transport'),
    {
      items: [item('transport.planning', 'mobility.trip', 'stops', 'times', 'route')],
      mode: 'store',
      retentionDays: 731,
    },
  ],
  [
    'living-alone outreach',
    recipient('minatono-welfare', 'city'),
    {
      items: [
        item('welfare.outreach', 'profile.contact', 'name', 'address', 'phone'),
        item('welfare.outreach', 'profile.household', 'size', 'living-alone'),
      ],
    },
  ],
  [
    'walking discount',
    recipient('shiosai-insurance', 'insurer'),
    { items: [item('insurance.incentive', 'activity.steps', 'steps', 'time')], mode: 'store' },
  ],
  [
    'health-based coupons (the board refuses it, not the machine)',
    recipient('isobe-mart', 'retailer'),
    {
      items: [
        item('retail.personalised-offer', 'purchase.history', 'items', 'time'),
        item('retail.personalised-offer', 'profile.contact', 'name', 'email'),
      ],
      mode: 'store',
    },
  ],
  [
    'returning-customer survey',
    recipient('isobe-mart', 'retailer'),
    { items: [item('city.service-improvement', 'purchase.history', 'groups', 'time')] },
  ],
  [
    'medication check',
    recipient('hamakaze-clinic', 'clinic'),
    { items: [item('care.treatment', 'health.prescription', 'medications', 'dates')], frequency: null },
  ],
])('the city’s program “%s” passes', (_, who, terms) => {
  expect(checkProgram(anApplication({ recipient: who, terms }), book)).toEqual([]);
});

const text = (ja: string, en: string) => ({ ja, en });
const steps = (...fields: string[]) => [item('care.prevention', 'activity.steps', ...fields)];

test.each<[sentence: string, changes: Parameters<typeof anApplication>[0], code: string, path: string]>([
  ['a title in one language', { title: text('健診', ' ') }, 'missing-language', 'title.en'],
  [
    'a public interest in one language',
    { terms: { publicInterest: text('', 'Health') } },
    'missing-language',
    'terms.publicInterest.ja',
  ],
  [
    'no impact assessment',
    { terms: { impactAssessment: text('', 'None') } },
    'missing-language',
    'terms.impactAssessment.ja',
  ],
  ['a text nobody would read', { explanation: text('あ'.repeat(4001), 'x') }, 'text-too-long', 'explanation.ja'],
  ['the word 等', { explanation: text('健診等の結果を見ます。', 'We look.') }, 'vague-word', 'explanation.ja'],
  [
    'the word など',
    { terms: { safetyMeasures: text('暗号化など', 'Encryption') } },
    'vague-word',
    'terms.safetyMeasures.ja',
  ],
  ['the word etc.', { problem: text('受診しない人が多い。', 'Illness, cost, etc.') }, 'vague-word', 'problem.en'],
  ['nothing to receive', { terms: { items: [] } }, 'no-items', 'terms.items'],
  ['answers without the data', { terms: { mode: 'answer_only' } }, 'mode-not-offered', 'terms.mode'],
  ['an item twice', { terms: { items: [...steps('steps'), ...steps('time')] } }, 'duplicate-item', 'terms.items[1]'],
  [
    'a purpose nobody registered',
    { terms: { items: [item('care.gossip', 'activity.steps', 'steps')] } },
    'unknown-purpose',
    'terms.items[0].purpose',
  ],
  [
    'a category nobody registered',
    { terms: { items: [item('care.prevention', 'health.gossip', 'x')] } },
    'unknown-category',
    'terms.items[0].category',
  ],
  [
    'a purpose the category may not serve',
    { terms: { items: [item('care.prevention', 'mobility.trip', 'stops')] } },
    'purpose-not-for-category',
    'terms.items[0]',
  ],
  ['no fields', { terms: { items: steps() } }, 'no-fields', 'terms.items[0].fields'],
  [
    'a field nobody registered',
    { terms: { items: steps('steps', 'stepz') } },
    'unknown-field',
    'terms.items[0].fields[1]',
  ],
  ['a field twice', { terms: { items: steps('steps', 'steps') } }, 'duplicate-field', 'terms.items[0].fields[1]'],
  [
    'a name without a reason',
    { terms: { items: [item('care.prevention', 'health.checkup', 'name')], impactAssessment: text('', '') } },
    ...(['identifying-field-without-reason', 'terms.items[0].fields[0]'] as [string, string]),
  ],
  ['keeping data for too long', { terms: { retentionDays: 1828 } }, 'retention-too-long', 'terms.retentionDays'],
  ['a consent that lasts too long', { terms: { periodDays: 1097 } }, 'period-too-long', 'terms.periodDays'],
  ['half a day', { terms: { retentionDays: 0.5 } }, 'days-not-positive', 'terms.retentionDays'],
  ['no day', { terms: { periodDays: 0 } }, 'days-not-positive', 'terms.periodDays'],
  ['checkups abroad', { terms: { region: 'GB' } }, 'region-not-allowed', 'terms.region'],
  [
    'steps in a country of unknown protection',
    { terms: { items: steps('steps'), region: 'US' } },
    'region-not-allowed',
    'terms.region',
  ],
  ['a day that does not exist', { terms: { startsOn: '2027-02-29' } }, 'not-a-date', 'terms.startsOn'],
  ['a date with a time', { terms: { reviewOn: '2028-03-31T00:00:00Z' } }, 'not-a-date', 'terms.reviewOn'],
  [
    'an end before the start',
    { terms: { endsOn: '2027-03-31', reviewOn: '2027-03-30' } },
    'dates-out-of-order',
    'terms.reviewOn',
  ],
  ['a review after the end', { terms: { endsOn: '2027-12-31' } }, 'dates-out-of-order', 'terms.reviewOn'],
  ['a program without an end in sight', { terms: { endsOn: '2030-04-02' } }, 'program-too-long', 'terms.endsOn'],
  ['a review that comes late', { terms: { reviewOn: '2028-04-02' } }, 'review-too-late', 'terms.reviewOn'],
  [
    'data every minute',
    { terms: { frequency: { count: 1440, per: 'day' } } },
    'frequency-out-of-bounds',
    'terms.frequency',
  ],
  ['data never', { terms: { frequency: { count: 0, per: 'week' } } }, 'frequency-out-of-bounds', 'terms.frequency'],
  ['a minimum age of half a year', { terms: { minimumAge: 0.5 } }, 'minimum-age-out-of-bounds', 'terms.minimumAge'],
  ['a minimum age below zero', { terms: { minimumAge: -1 } }, 'minimum-age-out-of-bounds', 'terms.minimumAge'],
  ['a target in the far future', { targetYear: 2038 }, 'target-year-out-of-bounds', 'targetYear'],
  ['a target in the past', { targetYear: 2026 }, 'target-year-out-of-bounds', 'targetYear'],
  [
    'a processor without a name',
    { terms: { processors: ['みなとシステム', ' '] } },
    'blank-processor',
    'terms.processors[1]',
  ],
  [
    'an insurer that wants checkups',
    { recipient: recipient('shiosai-insurance', 'insurer') },
    'policy-forbids',
    'terms.items[0]',
  ],
  ['checkups to be passed on', { terms: { onwardSharing: true } }, 'policy-forbids', 'terms.items[0]'],
  ['an emergency', { terms: { legalBasis: 'emergency' } }, 'policy-forbids', 'terms.items[1]'],
])('an application with %s is sent back, saying where and why in both languages', (_, changes, code, path) => {
  const findings = checkProgram(anApplication(changes), book);
  expect(findings).toContainEqual(expect.objectContaining({ code, path }));
  for (const { ja, en } of findings) {
    expect(ja).toMatch(/[ぁ-ん].*。$/s);
    expect(en).toMatch(/[a-z].*\.$/s);
  }
});

test('what the catalogue already forbids is not told a second time as a rule', () => {
  const findings = checkProgram(
    anApplication({ terms: { items: [item('care.prevention', 'mobility.trip', 'stops')] } }),
    book,
  );
  expect(findings.map(({ code }) => code)).toEqual(['purpose-not-for-category']);
});

test('a rule that forbids is named, with its own sentence and the item it was said of', () => {
  const application = anApplication({ recipient: recipient('shiosai-insurance', 'insurer') });
  const { sentence } = book.rules.get('insurers-see-no-medical-records')!;
  expect(checkProgram(application, book)).toContainEqual({
    ...{ code: 'policy-forbids', path: 'terms.items[0]', rule: 'insurers-see-no-medical-records' },
    ...sentence,
  });
});
