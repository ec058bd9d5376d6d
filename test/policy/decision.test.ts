/** The answer is no unless a rule says yes for everything asked; nothing that goes wrong turns into a yes. */
import fc from 'fast-check';
import type { PolicyRequest } from '../../src/policy/decision.js';
import { loadPolicyBook, requireCategory, requirePurpose, type PolicyBook } from '../../src/policy/policy-book.js';
import { policyTermsOf } from '../../src/policy/policy-terms.js';
import { someTerms } from './an-application.js';
import { change, thePolicyBook, withACopy } from './the-policy-book.js';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

function aRequest(changes: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    action: 'provide',
    recipient: { id: 'hamakaze-clinic', kind: 'clinic', country: 'JP' },
    purpose: 'care.prevention',
    categories: ['health.checkup', 'activity.steps'],
    terms: policyTermsOf(someTerms(), 'care.prevention', book),
    residentAge: 'adult',
    ...changes,
  };
}

test('a permitted request names the rule that permits each category', () => {
  expect(book.decide(aRequest())).toEqual({
    permitted: true,
    reasons: ['activity.steps', 'health.checkup'].map((category) => ({
      rule: 'consent-is-recorded',
      effect: 'permit',
      category,
      sentence: book.rules.get('consent-is-recorded')!.sentence,
    })),
  });
});

test('a refusal lists every reason against it and no permit', () => {
  const decision = book.decide(
    aRequest({
      recipient: { id: 'shiosai-insurance', kind: 'insurer', country: 'JP' },
      categories: ['health.checkup', 'mobility.trip', 'no.such'],
    }),
  );
  expect(decision.permitted).toBe(false);
  expect(decision.reasons.map(({ rule, category }) => [category, rule])).toEqual([
    ['health.checkup', 'insurers-only-for-incentives'],
    ['health.checkup', 'insurers-see-no-medical-records'],
    ['mobility.trip', 'insurers-only-for-incentives'],
    ['mobility.trip', 'location-not-for-sale'],
    ['no.such', 'unknown-category'],
  ]);
});

test.each<[string, Record<string, unknown>]>([
  ['an action that does not exist', { action: 'sell' }],
  ['a minimum age that is not a whole number', { terms: { minimumAge: 17.5 } }],
  ['a minimum age beyond Cedar’s integers', { terms: { minimumAge: 2 ** 63 } }],
  ['terms without a mode', { terms: { mode: undefined } }],
  ['a text where a truth value belongs', { terms: { onwardSharing: 'false' } }],
  ['a recipient without a kind', { recipient: { id: 'x', country: 'JP' } }],
])('what the rules cannot read is refused: %s', (_, changes) => {
  const sound = aRequest();
  const request = { ...sound, ...changes, terms: { ...sound.terms, ...(changes.terms as object) } } as PolicyRequest;
  const decision = book.decide(request);
  expect(decision.permitted).toBe(false);
  expect(new Set(decision.reasons.map(({ rule }) => rule))).toEqual(new Set(['rules-erred']));
});

test('a rule that errs while it is evaluated refuses, though Cedar skips it and a permit holds', () =>
  withACopy(async (directory) => {
    await rm(join(directory, 'cases'), { recursive: true });
    await change(directory, 'rules.cedar', (text) =>
      text.concat(
        '@id("overflows") @ja("あふれる規則です。") @en("It overflows.")\n',
        'forbid (principal, action, resource) when { context.terms.minimumAge * 9223372036854775807 < 0 };\n',
      ),
    );
    const erring = await loadPolicyBook(directory);
    expect(book.decide(aRequest()).permitted).toBe(true);
    expect(erring.decide(aRequest())).toEqual({
      permitted: false,
      reasons: ['activity.steps', 'health.checkup'].map((category) =>
        expect.objectContaining({ rule: 'rules-erred', effect: 'forbid', category }),
      ),
    });
  }));

const anyRequest = fc.record({
  action: fc.constantFrom('apply', 'consent', 'provide'),
  recipient: fc.record({
    id: fc.constantFrom('a', 'b'),
    kind: fc.constantFrom('clinic', 'university', 'transport', 'retailer', 'insurer', 'city'),
    country: fc.constantFrom('JP', 'US'),
  }),
  purposeIndex: fc.nat(),
  categoryIndexes: fc.array(fc.nat(), { maxLength: 3 }),
  residentAge: fc.constantFrom('child', 'young', 'adult', 'unknown'),
  terms: fc.record({
    mode: fc.constantFrom('view', 'store', 'answer_only'),
    region: fc.constantFrom('JP', 'GB', 'US'),
    onwardSharing: fc.boolean(),
    onwardSharingApproved: fc.boolean(),
    legalBasis: fc.constantFrom('consent', 'law', 'special_zone', 'emergency'),
    relation: fc.constantFrom('third_party_provision', 'entrustment', 'joint_use'),
    hasPublicInterest: fc.boolean(),
    hasResidentBenefit: fc.boolean(),
    hasIdentifyingFields: fc.boolean(),
    minimumAge: fc.constantFrom(0, 15, 16, 18, 65),
  }),
});

test('whatever is asked, what the board holds sacred is never permitted, and asking again gives the same answer', () => {
  const purposes = [...book.purposes.values()];
  const categories = [...book.categories.values()];
  fc.assert(
    fc.property(anyRequest, ({ purposeIndex, categoryIndexes, ...rest }) => {
      const purpose = purposes[purposeIndex % purposes.length]!;
      const asked = categoryIndexes.map((index) => categories[index % categories.length]!);
      const request = { ...rest, purpose: purpose.code, categories: asked.map(({ code }) => code) } as PolicyRequest;
      const decision = book.decide(request);
      expect(book.decide(structuredClone(request))).toBe(decision);
      if (!decision.permitted) return decision.reasons.every(({ effect }) => effect === 'forbid');
      for (const category of asked) {
        const isHealth =
          category.specialCare !== null || category.marks.some((mark) => mark === 'health' || mark === 'care');
        expect(category.purposes).toContain(purpose.code);
        expect(purpose.kind === 'advertising' && isHealth).toBe(false);
        expect(category.sensitivity === 'sensitive' && request.terms.region !== 'JP').toBe(false);
        expect(request.recipient.kind === 'insurer' && isHealth && category.code !== 'health.vitals').toBe(false);
        expect(category.specialCare !== null && request.terms.onwardSharing).toBe(false);
      }
      return asked.length > 0 && request.terms.legalBasis !== 'emergency';
    }),
    { numRuns: 400 },
  );
});

test('the terms of a program are read for the rules per purpose, and an unknown field counts as identifying', () => {
  const terms = someTerms({
    items: [
      { purpose: 'care.prevention', category: 'activity.steps', fields: ['steps'] },
      { purpose: 'care.treatment', category: 'health.checkup', fields: ['name'] },
      { purpose: 'city.statistics', category: 'activity.steps', fields: ['no-such-field'] },
    ],
    publicInterest: { ja: ' ', en: 'stated in one language only' },
    onwardSharing: true,
  });
  expect(policyTermsOf(terms, 'care.prevention', book)).toMatchObject({
    ...{
      hasIdentifyingFields: false,
      hasPublicInterest: false,
      hasResidentBenefit: true,
      onwardSharingApproved: false,
    },
  });
  expect(policyTermsOf(terms, 'care.treatment', book).hasIdentifyingFields).toBe(true);
  expect(policyTermsOf(terms, 'city.statistics', book).hasIdentifyingFields).toBe(true);
  expect(policyTermsOf(terms, 'care.treatment', book, { onwardSharing: true }).onwardSharingApproved).toBe(true);
});

test('asking the catalogue for a code it does not have is the caller’s mistake, with its own code', () => {
  expect(requireCategory(book, 'health.checkup').code).toBe('health.checkup');
  expect(requirePurpose(book, 'care.treatment').code).toBe('care.treatment');
  expect(() => requireCategory(book, 'constructor')).toThrow(expect.objectContaining({ code: 'unknown-category' }));
  expect(() => requirePurpose(book, '__proto__')).toThrow(expect.objectContaining({ code: 'unknown-purpose' }));
});
