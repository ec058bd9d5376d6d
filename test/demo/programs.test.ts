import { demoBoard, demoRecipients, demoSources } from '../../src/demo/organisations.js';
import { demoPrograms } from '../../src/demo/programs.js';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { checkProgram } from '../../src/policy/program-check.js';
import { findVagueWords } from '../../src/policy/vague-words.js';
import { thePolicyBook } from '../policy/the-policy-book.js';

const today = '2026-11-21';
const programs = demoPrograms(today);

let book: PolicyBook;
beforeAll(async () => {
  book = await thePolicyBook();
});

describe('the programs of the demo city', () => {
  it('are eight: five active, one before the board, one refused, one suspended', () => {
    expect(programs.map(({ name, status, application }) => `${application.recipient.id} ${name} ${status}`)).toEqual([
      'hamakaze-clinic checkup-follow-up active',
      'minatono-university walking-and-health active',
      'minatono-bus stop-and-timetable-planning active',
      'minatono-welfare living-alone-outreach active',
      'shiosai-insurance walking-discount in_review',
      'isobe-mart health-based-coupons refused',
      'isobe-mart returning-customer-survey suspended',
      'hamakaze-clinic medication-check active',
    ]);
  });

  it.each(programs.map((program) => [program.name, program] as const))(
    'pass the machine checks: %s',
    (_name, program) => {
      expect(checkProgram(program.application, book)).toEqual([]);
    },
  );

  it('pass them on the days on which calendars trip', () => {
    for (const day of ['2027-12-31', '2028-02-29', '2030-04-01']) {
      expect(demoPrograms(day).flatMap(({ application }) => checkProgram(application, book))).toEqual([]);
    }
  });

  it('have a decision of a member of the board exactly where the board has decided, in words that leave nothing open', () => {
    for (const { status, decision, suspension } of programs) {
      expect(decision?.outcome ?? null).toBe(
        { in_review: null, refused: 'refused', active: 'approved', suspended: 'approved' }[status],
      );
      expect(suspension !== null).toBe(status === 'suspended');
      if (decision) expect(demoBoard.map(({ id }) => id)).toContain(decision.memberId);
      for (const reason of [decision?.reason, suspension?.reason]) {
        if (!reason) continue;
        expect(findVagueWords(book.vagueWords, 'ja', reason.ja)).toEqual([]);
        expect(findVagueWords(book.vagueWords, 'en', reason.en)).toEqual([]);
      }
    }
  });

  it('ask for personal names only where somebody is to be visited or written to', () => {
    const asking = programs.filter(({ application }) =>
      application.terms.items.some(({ category, fields }) =>
        book.categories.get(category)!.fields.some(({ code, identifying }) => identifying && fields.includes(code)),
      ),
    );
    expect(asking.map(({ name }) => name)).toEqual(['living-alone-outreach', 'health-based-coupons']);
  });
});

describe('the organisations of the demo city', () => {
  it('are five sources, six recipients and a board with a lawyer, a physician and a citizen', () => {
    expect(demoSources).toHaveLength(5);
    expect(demoRecipients.map(({ kind }) => kind)).toEqual([
      'clinic',
      'university',
      'transport',
      'retailer',
      'insurer',
      'city',
    ]);
    expect(demoBoard.map(({ calling }) => calling.en)).toEqual(expect.arrayContaining(['Lawyer', 'Physician']));
    expect(demoBoard.filter(({ isChair }) => isChair)).toHaveLength(1);
  });

  it('have codes of their own and names in both languages', () => {
    const all = [...demoSources, ...demoRecipients, ...demoBoard];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { id, name } of all) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(name.ja).toMatch(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u);
      expect(name.en).toMatch(/^[A-Z][A-Za-z ,()-]+$/);
    }
  });

  it('hand over categories that the catalogue knows', () => {
    for (const { categories } of demoSources)
      for (const category of categories) expect(book.categories.has(category)).toBe(true);
  });
});
