/** The board's cases come out as it expects, and every rule is needed: without it some case would come out otherwise. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CedarRules } from '../../src/policy/cedar-rules.js';
import { Decider, ownReasons } from '../../src/policy/decision.js';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { change, policies, thePolicyBook, withACopy } from './the-policy-book.js';
import { loadPolicyBook } from '../../src/policy/policy-book.js';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

test('every case comes out as the board expects, with its rule and a sentence in both languages', () => {
  expect(book.cases.length).toBeGreaterThanOrEqual(30);
  for (const { name, request, expect: expected } of book.cases) {
    const decision = book.decide(request);
    const said = decision.reasons.map(({ rule, effect }) => `${effect} ${rule}`);
    expect({ name, permitted: decision.permitted, said }).toEqual({
      name,
      permitted: expected.effect === 'permit',
      said: expect.arrayContaining([`${expected.effect} ${expected.rule}`]),
    });
    for (const { sentence } of decision.reasons) {
      expect(sentence.ja).toMatch(/[ぁ-ん].*。$/s);
      expect(sentence.en).toMatch(/^[ -~’“”]+\.$/);
    }
  }
});

test('every rule, and every reason that no rule gives, is what some case expects', () => {
  const expected = new Set(book.cases.map((policyCase) => policyCase.expect.rule));
  expect([...book.rules.keys()].filter((id) => !expected.has(id))).toEqual([]);
  // An evaluation that errs cannot be written as a case: the rules have none. It has a test of its own.
  expect(Object.keys(ownReasons).filter((id) => !expected.has(id))).toEqual(['rules-erred']);
});

test('without any one of the rules at least one case comes out otherwise', async () => {
  const text = await readFile(join(policies, 'rules.cedar'), 'utf8');
  const schema = await readFile(join(policies, 'schema.cedarschema'));
  const unneeded = [...book.rules.keys()].filter((id) => {
    const rest = text.replace(new RegExp(`@id\\("${id}"\\)[^;]*;`), '');
    expect(rest).not.toBe(text);
    const files = new Map([
      ['rules.cedar', Buffer.from(rest)],
      ['schema.cedarschema', schema],
    ]);
    const decider = new Decider(book.purposes, book.categories, CedarRules.parse(files, `without ${id}`));
    return book.cases.every(({ request, expect: { effect, rule } }) => {
      const { permitted, reasons } = decider.decide(request);
      return permitted === (effect === 'permit') && reasons.some((reason) => reason.rule === rule);
    });
  });
  expect(unneeded).toEqual([]);
});

test('a book in which a case comes out otherwise is not loaded, and the error names the file and the case', () =>
  withACopy(async (directory) => {
    await change(directory, 'cases/insurance.yaml', (yaml) =>
      yaml.replace('expect: forbid insurers-only-for-incentives', 'expect: permit consent-is-recorded'),
    );
    await expect(loadPolicyBook(directory)).rejects.toThrow(
      'policies/cases/insurance.yaml at An insurer as a health adviser: expected permit, but the rules say: insurers-only-for-incentives',
    );
  }));
