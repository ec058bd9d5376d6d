import fc from 'fast-check';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { stripForbiddenNumbers, type ForbiddenNumberRules } from '../../src/vault/forbidden-numbers.js';
import { thePolicyBook } from '../policy/the-policy-book.js';
import {
  anIndividualNumber,
  aSpelling,
  base64,
  digitsWithin,
  fullWidth,
  groups,
  individualNumber as own,
  residentRecordCode as code,
} from './sample-numbers.js';

let rules: ForbiddenNumberRules;

beforeAll(async () => {
  const book: PolicyBook = await thePolicyBook();
  rules = book.forbiddenNumbers;
});

const strip = (record: unknown) => stripForbiddenNumbers(record, rules);
const extension = (part: string) =>
  `http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson${part}`;

describe('a number that may not be held', () => {
  it.each([
    ['within a sentence', `私の番号は${own}です`, '私の番号は（削除）です'],
    ['in full width', `番号：${fullWidth(own)}。`, '番号：（削除）。'],
    ['in groups of four with full-width spaces', `番号${groups(fullWidth(own), '　', 4, 4, 4)}`, '番号（削除）'],
    ['in groups with full-width hyphens', `→${groups(fullWidth(own), '－', 4, 4, 4)}←`, '→（削除）←'],
    ['with long-vowel marks for hyphens', `(${groups(own, 'ー', 4, 4, 4)})`, '(（削除）)'],
    ['digit by digit', `x: ${[...own].join(' ')};`, 'x: （削除）;'],
    ['with invisible characters between', `x: ${[...own].join('\u200b')};`, 'x: （削除）;'],
    [
      'as character references',
      `<p>${[...own].map((d) => `&#x${d.charCodeAt(0).toString(16)};`).join('')}</p>`,
      '<p>（削除）</p>',
    ],
    ['after a date', `2026-11-21 ${own}`, '2026-11-21 （削除）'],
    ['in a list', `a,${own},b`, 'a,（削除）,b'],
    ['in an address of the web', `https://x.example/p/${own}?q`, 'https://x.example/p/（削除）?q'],
    ['a resident record code', `コード ${code} です`, 'コード （削除） です'],
    ['a resident record code in groups', `コード ${groups(code, '-', 4, 4, 3)} です`, 'コード （削除） です'],
    ['labelled, with a wrong check digit', 'マイナンバー: 1234-5678-9999', 'マイナンバー: （削除）'],
    ['a basic pension number', '基礎年金番号は1234-567890です', '基礎年金番号は（削除）です'],
    ['symbol and number', '被保険者証記号・番号：１２３４５・６７８９０', '被保険者証記号・番号：（削除）'],
    ['symbol and number named one by one', '記号 １２ 番号 ３４５６', '記号 （削除） 番号 （削除）'],
    ['a symbol that begins with words', '記号・番号　みなと国12・345 本人', '記号・番号　（削除） 本人'],
    ['in a table', '<th>枝番</th><td>01</td>', '<th>枝番</th><td>（削除）</td>'],
    ['between tags', '<b>被保険者番号</b>: 12345<br/>', '<b>被保険者番号</b>: （削除）<br/>'],
    ['in English', 'Insured person number: 12345-67, valid', 'Insured person number: （削除）, valid'],
    [
      'in a column',
      '氏名,被保険者番号,年\n太郎,123,2020\n花子,"456",2021\n',
      '氏名,被保険者番号,年\n太郎,（削除）,2020\n花子,"（削除）",2021\n',
    ],
    [
      'in CDA',
      '<symbol root="1.2.392.200119.6.204" extension="111" />',
      '<symbol root="1.2.392.200119.6.204" extension="（削除）" />',
    ],
    [
      'in CDA, the other way round',
      "<number extension='１' root='1.2.392.200119.6.205'/>",
      "<number extension='（削除）' root='1.2.392.200119.6.205'/>",
    ],
    [
      'in FHIR XML',
      `<extension url="${extension('Number')}"><valueString value="77"/></extension>`,
      `<extension url="${extension('Number')}"><valueString value="（削除）"/></extension>`,
    ],
    [
      'in an XML identifier',
      '<system value="urn:oid:1.2.392.200119.6.205"/><value value="345"/>',
      '<system value="urn:oid:1.2.392.200119.6.205"/><value value="（削除）"/>',
    ],
  ])('is taken out of a text: %s', (_name, text, expected) => {
    const { record, removed } = strip({ note: text, kept: 1 });
    expect(record).toEqual({ note: expected, kept: 1 });
    expect(removed.map(({ path }) => path)).toEqual(['/note']);
  });

  it.each([
    ['a property', { a: own, b: 1 }, { b: 1 }, ['/a']],
    ['an array element', { a: ['x', own, 'y'] }, { a: ['x', 'y'] }, ['/a/1']],
    ['a JSON number', { a: Number(own), b: Number(code), c: 5 }, { c: 5 }, ['/a', '/b']],
    ['a property of that name, whatever its value', { 個人番号: '12', b: 1 }, { b: 1 }, ['/個人番号']],
    ['a name in another spelling', { 'insured_person-number': { v: 1 }, b: 1 }, { b: 1 }, ['/insured_person-number']],
    ['a property name', { [own]: { b: 1 } }, { '（削除）': { b: 1 } }, ['/（削除）']],
    [
      'two property names',
      { [own]: 1, '983205673214': 2 },
      { '（削除）': 1, '（削除）2': 2 },
      ['/（削除）', '/（削除）2'],
    ],
    ['a value beside its label', { label: '被保険者番号', value: 'A-1' }, { label: '被保険者番号' }, ['/value']],
    [
      'an identifier',
      { identifier: [{ system: 'urn:oid:1.2.392.200119.6.204', value: 'み' }], b: 1 },
      { b: 1 },
      ['/identifier/0'],
    ],
    [
      'an extension',
      {
        extension: [
          { url: `${extension('Symbol')}|1.1`, valueString: '１' },
          { url: 'http://x.example', valueCode: 'a' },
        ],
      },
      { extension: [{ url: 'http://x.example', valueCode: 'a' }] },
      ['/extension/0'],
    ],
    [
      'an extension that loses its value',
      { extension: [{ url: 'http://x.example', valueString: own }], b: 1 },
      { b: 1 },
      ['/extension/0/valueString'],
    ],
    [
      'the identifier of a Coverage',
      { resourceType: 'Coverage', identifier: [{ value: '06:1:2:01' }] },
      { resourceType: 'Coverage' },
      ['/identifier'],
    ],
    ['the record itself', own, null, ['']],
  ])('is dropped where it is all there is: %s', (_name, record, expected, paths) => {
    const stripped = strip(record);
    expect(stripped.record).toEqual(expected);
    expect(stripped.removed.map(({ path }) => path)).toEqual(paths);
  });

  it('is recognised where it stands unnamed once it is named elsewhere', () => {
    const { record } = strip({
      before: '保険証 １２３４５６７８９０',
      coverage: [
        { url: extension('Symbol'), valueString: '１２３４５' },
        { url: extension('Number'), valueString: '６７８９０' },
      ],
      note: '保険証 12345-67890 を確認。受付 12345、番号札 67890',
      id: 6789012345,
    });
    expect(record).toEqual({
      before: '保険証 （削除）',
      note: '保険証 （削除） を確認。受付 12345、番号札 67890',
      id: 6789012345,
    });
  });

  it('is not mistaken for a part of an identifier once it is known', () => {
    const identifiers = ['urn:uuid:4bc68294-1895-4159-8551-1f0c2d3e4f50', '1.2.1895.4159.7', 'A1895-4159'];
    const { record } = strip({ 被保険者証記号: '1895', 被保険者証番号: '4159', identifiers, note: '1895-4159 と' });
    expect(record).toEqual({ identifiers, note: '（削除） と' });
  });

  it('is told with kind and place and never with itself', () => {
    const { removed } = strip({ a: { [own]: own, 枝番: '01' }, 'b/~c': [own] });
    expect(removed).toEqual([
      { kind: 'individual-number', path: '/a/（削除）' },
      { kind: 'insured-person-number', path: '/a/枝番' },
      { kind: 'individual-number', path: '/b~1~0c/0' },
    ]);
    expect(JSON.stringify(removed)).not.toContain(own);
  });
});

describe('what only looks like such a number', () => {
  const untouched = [
    `1.2.392.${own}`,
    `urn:oid:1.2.392.100495.100.1.${code}`,
    `0.${own}`,
    `${own}.5`,
    `A${own}`,
    `${own}kg`,
    `ABC-${own}`,
    `1${own}`,
    `${own}1`,
    `4bc68294-1895-4159-8551-${own}`,
    `urn:uuid:4bc68294-1895-4159-855b-${own}`,
    '9P502000000000011',
    '090-1234-5678',
    '09012345678',
    '0800-123-4567',
    '+819012345678',
    '81-90-1234-5678',
    '202611211212',
    '000000000000',
    '2026-11-21-1212',
    '120 80 72 170 65',
    '2015 2016 2017',
    '2020 2021 2022',
    '123,456,789,018',
    '保険者番号：06123456',
    '個人番号カードの交付は2026年4月1日から',
    '個人番号は12桁の番号です',
    '被保険者番号を窓口で確認してください',
    '記号・番号の確認は3日以内',
    '枝番は不要です',
    'my number of steps is 5818',
    base64('歩数は 12345 歩でした'),
    base64(Uint8Array.from({ length: 64 }, (_, position) => (position * 151 + 7) % 256)),
  ];

  it.each(untouched)('comes back equal: %s', (text) => {
    const record = { text, list: [text], [text]: 1 };
    expect(strip(record)).toEqual({ record, removed: [] });
  });

  it('is told from a number of as many digits by the check digit alone', () => {
    const wrong = own.slice(0, 11) + ((Number(own[11]) + 1) % 10);
    expect(strip({ wrong, as: Number(wrong) }).removed).toEqual([]);
  });

  it('comes back as the very same value when nothing had to go', () => {
    const record = { a: [1, null, true, { b: '' }] };
    expect(strip(record).record).toBe(record);
  });
});

describe('for any record', () => {
  const number = fc.tuple(anIndividualNumber, aSpelling);
  const around = fc.constantFrom<(text: string) => unknown>(
    (text) => ({ a: text }),
    (text) => [1, [text]],
    (text) => ({ a: { note: `前（${text}）後` } }),
    (text) => ({ [`鍵 ${text}`]: 0 }),
    (text) => ({ attachment: { contentType: 'text/plain', data: base64(`番号は ${text} です`) } }),
    (text) => ({ contentType: 'application/json', data: base64(JSON.stringify({ a: { b: [text] } })) }),
    (text) => ({ payload: JSON.stringify([{ a: text }]) }),
    (text) => `data:text/xml;base64,${base64(`<a>${base64(`<b>${text}</b>これは本文です`)}</a>`)}`,
  );

  it('no individual number survives in any spelling or place', () => {
    fc.assert(
      fc.property(number, around, fc.jsonValue({ maxDepth: 2 }), ([digits, spell], place, other) => {
        const { record, removed } = strip({ planted: place(spell(digits)), other });
        expect(digitsWithin(record)).not.toContain(digits);
        expect(removed.some(({ kind }) => kind === 'individual-number')).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('a second run finds nothing, and the original is not changed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, around), { maxLength: 4 }), fc.jsonValue(), (planted, other) => {
        const record = [other, ...planted.map(([[digits, spell], place]) => place(`被保険者番号：${spell(digits)}`))];
        const before = JSON.stringify(record);
        const once = strip(record);
        expect(JSON.stringify(record)).toBe(before);
        expect(strip(once.record)).toEqual({ record: once.record, removed: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('what is not reported comes back equal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (record) => {
        const { record: after, removed } = strip(record);
        if (removed.length === 0) expect(after).toBe(record);
        else expect(after).not.toEqual(record);
      }),
      { numRuns: 300 },
    );
  });

  it('nesting beyond the bound is taken out rather than held unseen', () => {
    let deep: unknown = own;
    for (let depth = 0; depth < 5000; depth += 1) deep = [deep];
    const { record, removed } = strip({ deep, kept: 1 });
    expect(record).toEqual({ kept: 1 });
    expect(removed.map(({ kind }) => kind)).toEqual(['too-deep']);
  });

  it('a property called __proto__ stays a property', () => {
    const { record } = strip(JSON.parse(`{"__proto__": {"a": "${own}", "b": 1}, "c": "${own}"}`));
    expect(JSON.stringify(record)).toBe('{"__proto__":{"b":1}}');
  });

  it('a megabyte made to be slow is read all the same', () => {
    const slow = [
      '1-'.repeat(400_000),
      '枝番 1-1-1個'.repeat(60_000),
      `<"${':'.repeat(390)}`.repeat(2500),
      ' '.repeat(900_000),
    ];
    // Quadratic searching would take minutes, and so run into the time limit every test has.
    for (const text of slow) expect(strip({ text: `被保険者番号,\n${text}` }).record).toHaveProperty('text');
  });
});
