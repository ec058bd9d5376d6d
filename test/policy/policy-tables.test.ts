/** The smaller tables: vague words, the status matrix, notices, numbers that may not be held, roles. */
import fc from 'fast-check';
import { fillNotice } from '../../src/policy/notices.js';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { mayStill, programStatuses, recipientStatuses } from '../../src/policy/status-matrix.js';
import { findVagueWords } from '../../src/policy/vague-words.js';
import { thePolicyBook } from './the-policy-book.js';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

test.each<['ja' | 'en', string, string[]]>([
  ['ja', '健診等の結果を使います。', ['等']],
  ['ja', '歩数や体重などを見ます。', ['など']],
  ['ja', 'その他の目的に各種の情報を適宜使います。', ['その他', '各種', '適宜']],
  ['ja', '氏名等は受け取りません。', []],
  ['ja', '氏名等と住所等を受け取ります。', ['等']],
  ['ja', '血圧及び体重（以下「血圧等」という。）を受け取り、血圧等を比べます。', []],
  ['ja', '血圧及び体重（以下「血圧等」という。）と脈拍等を比べます。', ['等']],
  ['ja', '高等学校の生徒を平等に扱い、同等の機会を等しく設けます。', []],
  ['ja', 'みなとの市のバス停を見直します。', []],
  ['en', 'Illness, cost, etc.', ['etc']],
  ['en', 'VARIOUS  reasons, AND  SO ON', ['and so on', 'various']],
  ['en', 'Sketches of variously coloured, fetched things.', []],
  ['en', 'Including but not limited to steps, among others', ['among others', 'including but not limited to']],
])('in %s, what is vague in “%s” is %j', (language, text, words) => {
  expect(findVagueWords(book.vagueWords, language, text)).toEqual(words);
});

test('full-width letters do not hide a vague word', () => {
  expect(findVagueWords(book.vagueWords, 'en', 'Cost, ｅｔｃ.')).toEqual(['etc']);
});

test('the catalogue speaks without vague words, as it asks of others', () => {
  const texts = [
    ...[...book.purposes.values(), ...book.categories.values()].flatMap(({ name, description }) => [name, description]),
    ...[...book.categories.values()].flatMap(({ fields }) => fields.map(({ name }) => name)),
    ...[...book.rules.values()].map(({ sentence }) => sentence),
    ...[...book.notices.values()].flatMap(({ title, sections }) => [title, ...sections]),
  ];
  const vague = texts.filter(
    ({ ja, en }) =>
      findVagueWords(book.vagueWords, 'ja', ja).length + findVagueWords(book.vagueWords, 'en', en).length > 0,
  );
  expect(vague).toEqual([]);
});

test('what still works for a recipient that is not active is what protects residents, and nothing that gives it data', () => {
  const works = (recipient: (typeof recipientStatuses)[number], program: (typeof programStatuses)[number]) =>
    Object.keys(book.statuses.activities).filter((activity) =>
      mayStill(book.statuses, activity as 'apply', { recipient, program }),
    );
  expect(works('active', 'active')).toEqual(Object.keys(book.statuses.activities));
  for (const recipient of recipientStatuses) {
    for (const program of programStatuses) {
      const gives = works(recipient, program).filter((activity) =>
        ['consent', 'ask', 'token', 'list', 'provide'].includes(activity),
      );
      if (recipient !== 'active' || program !== 'active')
        expect({ recipient, program, gives }).toEqual({ recipient, program, gives: [] });
    }
  }
  expect(works('suspended', 'active')).toEqual(['withdraw', 'notify', 'attest', 'receipts', 'answer']);
  expect(works('active', 'suspended')).toEqual(['withdraw', 'notify', 'attest', 'receipts', 'answer']);
  expect(works('removed', 'retired')).toEqual(['withdraw', 'notify', 'attest', 'receipts']);
});

test('a notice is filled in both languages, and never with a gap', () => {
  const notice = book.notices.get('consent')!;
  const values = Object.fromEntries(notice.placeholders.map((name) => [name, `<${name}>`]));
  for (const language of ['ja', 'en'] as const) {
    const filled = fillNotice(notice, language, values);
    const all = [filled.title, ...filled.sections.map(({ text }) => text)].join(' ');
    expect(all).not.toMatch(/[{}]/);
    for (const value of Object.values(values)) expect(all).toContain(value);
    expect(filled).toMatchObject({ code: 'consent', version: notice.version });
  }
  for (const name of notice.placeholders) {
    const rest = Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
    expect(() => fillNotice(notice, 'ja', rest)).toThrow(`the notice consent needs ${name}`);
  }
  expect(() => fillNotice(notice, 'ja', Object.create(values) as Record<string, string>)).toThrow('needs');
});

test('what a value says cannot open another placeholder', () => {
  const notice = book.notices.get('withdrawal')!;
  const filled = fillNotice(notice, 'en', { recipient: '{program}', program: 'P' });
  expect(filled.sections[0]!.text).toContain('Nothing more is given to {program}');
});

test('every consent notice says what the law and the promises demand', () => {
  const codes = book.notices.get('consent')!.sections.map(({ code }) => code);
  expect(codes).toEqual([
    ...['what', 'why', 'data', 'how', 'where', 'benefit', 'board', 'list', 'no-disadvantage', 'withdraw', 'record'],
  ]);
});

test('the numbers that may not be held are these, each with its law', () => {
  expect(book.forbiddenNumbers.kinds.map(({ kind }) => kind)).toEqual([
    ...['individual-number', 'resident-record-code', 'insured-person-number', 'basic-pension-number'],
  ]);
  for (const { ground } of book.forbiddenNumbers.kinds) {
    expect(ground.ja).toMatch(/法.* 第\d+条/);
    expect(ground.en).toMatch(/Act.*Articles? \d+/);
  }
});

test('no field of any category covers an element that holds a number that may not be held', () => {
  const forbidden = book.forbiddenNumbers.kinds.flatMap(({ keys, systems }) =>
    [...keys, ...systems].map((name) => name.toLowerCase()),
  );
  const covering = [...book.categories.values()].flatMap(({ code, fields, structure }) =>
    [...structure, ...fields.flatMap(({ paths }) => paths)]
      .filter(
        (path) =>
          path
            .toLowerCase()
            .split(/[.{},()[\]=#]+/)
            .some((key) => forbidden.includes(key)) || /JP_Coverage_Insured/.test(path),
      )
      .map((path) => `${code} ${path}`),
  );
  expect(covering).toEqual([]);
});

test('who applies never votes, and who audits never operates', () => {
  const role = (code: string) => book.roles.find((candidate) => candidate.code === code)!;
  expect(role('recipient-officer').apartFrom).toContain('board-member');
  expect(role('board-member').apartFrom).toContain('recipient-officer');
  expect(role('auditor').apartFrom).toContain('operator');
  expect(role('operator').rights).not.toContain('program.vote');
});

test('finding vague words takes any text without failing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) =>
        Array.isArray(findVagueWords(book.vagueWords, 'ja', text)) &&
        Array.isArray(findVagueWords(book.vagueWords, 'en', text)),
    ),
  );
});
