/** What leaves is the consented fields and nothing else, under ids that mean nothing to anyone but this recipient. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Category, Field } from '../../src/policy/catalogue.js';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { project } from '../../src/policy/projection.js';
import { exampleRecords } from './example-records.js';
import { jsonFilesUnder, shared, thePolicyBook } from './the-policy-book.js';

let book: PolicyBook;
let categories: Category[];

beforeAll(async () => {
  book = await thePolicyBook();
  categories = [...book.categories.values()];
});

/** As a recipient's key would: one-way, the same each time. */
const rekeyFor = (recipient: string) => (uuid: string) => {
  const hex = createHash('sha256').update(`${recipient} ${uuid}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
const rekey = rekeyFor('hamakaze-clinic');
/** What the example records put wherever somebody is named; the last is “secret” in base64. */
const marked = /secret|999|c2VjcmV0/;
const codesOf = (fields: readonly Field[]) => fields.map(({ code }) => code);

/** Every single value in a record with its path, array positions left out. */
function leaves(value: unknown, path = ''): { path: string; value: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, part]) => leaves(part, `${path}.${key}`));
}

const anyFields = fc.tuple(fc.nat(), fc.infiniteStream(fc.boolean()));

test('whatever combination of non-identifying fields is consented, nothing that names anyone leaves', () => {
  fc.assert(
    fc.property(anyFields, ([index, choices]) => {
      const category = categories[index % categories.length]!;
      const consented = category.fields.filter((field) => choices.next().value && !field.identifying);
      const out = JSON.stringify(project(exampleRecords[category.code], category, codesOf(consented), rekey));
      return !marked.test(out);
    }),
    { numRuns: 600 },
  );
});

test('each field lets out something of its own, and only an identifying one what names somebody', () => {
  for (const category of categories) {
    for (const { code, identifying } of category.fields) {
      const out = project(exampleRecords[category.code], category, [code], rekey);
      const seen = {
        field: `${category.code} ${code}`,
        isEmpty: out === null,
        names: marked.test(JSON.stringify(out)),
      };
      expect(seen).toEqual({ field: seen.field, isEmpty: false, names: identifying });
    }
  }
});

test('more consent never takes anything away, and every value that leaves stood in the record at that place', () => {
  fc.assert(
    fc.property(anyFields, ([index, choices]) => {
      const category = categories[index % categories.length]!;
      const record = exampleRecords[category.code];
      const some = category.fields.filter(() => choices.next().value);
      const more = [...some, ...category.fields.filter((field) => choices.next().value && !some.includes(field))];
      const same = (uuid: string) => uuid;
      const inRecord = new Set(leaves(record).map((leaf) => JSON.stringify(leaf)));
      const few = leaves(project(record, category, codesOf(some), same) ?? {}).map((leaf) => JSON.stringify(leaf));
      const many = new Set(
        leaves(project(record, category, codesOf(more), same) ?? {}).map((leaf) => JSON.stringify(leaf)),
      );
      return few.every((leaf) => inRecord.has(leaf) && many.has(leaf));
    }),
    { numRuns: 300 },
  );
});

test('even with every field consented, what no field names stays behind', () => {
  const category = book.categories.get('health.checkup')!;
  const out = JSON.stringify(project(exampleRecords['health.checkup'], category, codesOf(category.fields), rekey));
  for (const kept of ['secret name', 'secret finding', 'secret narrative', '1999-05-04', 'c2VjcmV0'])
    expect(out).toContain(kept);
  const behind = [
    'secret-insurer-number',
    'secret extension',
    'secret display',
    'secret fee note',
    'secret-patient',
    'secret-bundle',
  ];
  for (const left of [...behind, 'secret-observation', 'Observation/secret-999']) expect(out).not.toContain(left);
});

test('a consented part keeps the shape of the document', () => {
  const category = book.categories.get('health.checkup')!;
  const urn = (last: string) => `urn:uuid:${rekey(`0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1${last}`)}`;
  const result = (last: string, code: string) => ({
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code, display: code }] },
    ],
    code: {
      coding: [
        {
          system: 'http://jpfhir.jp/fhir/eCheckup/CodeSystem/jlac10',
          code: `code-${Number(last)}`,
          display: `検査${Number(last)}`,
        },
      ],
    },
    subject: { reference: urn('02') },
  });
  expect(project(exampleRecords['health.checkup'], category, ['results', 'sex'], rekey)).toEqual({
    resourceType: 'Bundle',
    type: 'document',
    entry: [
      { fullUrl: urn('02'), resource: { resourceType: 'Patient', gender: 'female' } },
      {
        fullUrl: urn('09'),
        resource: {
          ...result('09', 'laboratory'),
          valueQuantity: { value: 5.4, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
          hasMember: [{ reference: urn('10') }],
        },
      },
      {
        fullUrl: urn('10'),
        resource: {
          ...result('10', 'exam'),
          valueCodeableConcept: { coding: [{ system: 'urn:oid:1.2.392.100495.100.2010', code: '1', display: 'なし' }] },
        },
      },
      { fullUrl: urn('11'), resource: result('11', 'exam') },
    ],
  });
});

const anyUuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

test('two recipients of the same record share no UUID, and one recipient meets the same thing under the same UUID', () => {
  for (const category of categories) {
    const record = exampleRecords[category.code];
    const uuidsFor = (recipient: string) => {
      const text = JSON.stringify(project(record, category, codesOf(category.fields), rekeyFor(recipient)));
      return new Set(text.match(anyUuid) ?? []);
    };
    const [ours, theirs, again] = [uuidsFor('clinic'), uuidsFor('university'), uuidsFor('clinic')];
    const original = new Set((JSON.stringify(record).match(anyUuid) ?? []).map((uuid) => uuid.toLowerCase()));
    expect([...ours].filter((uuid) => theirs.has(uuid) || original.has(uuid))).toEqual([]);
    expect(again).toEqual(ours);
  }
});

test('a UUID is replaced wherever it stands in a kept text, in either case, once per UUID', () => {
  const category = book.categories.get('mobility.trip')!;
  const uuid = 'ABCDEF01-0000-4000-8000-00000000abcd';
  const asked: string[] = [];
  const record = { operator: `see urn:uuid:${uuid} and ${uuid.toLowerCase()}`, mode: 'bus', transferOf: uuid };
  const out = project(record, category, ['route'], (each) => {
    asked.push(each);
    return 'renamed';
  });
  expect(out).toEqual({ operator: 'see urn:uuid:renamed and renamed', mode: 'bus', transferOf: 'renamed' });
  expect(asked).toEqual([uuid.toLowerCase()]);
});

test('the record itself is not changed, and a field that does not exist stops the projection', () => {
  const category = book.categories.get('health.checkup')!;
  const before = structuredClone(exampleRecords['health.checkup']);
  project(exampleRecords['health.checkup'], category, ['results', 'name'], rekey);
  expect(exampleRecords['health.checkup']).toEqual(before);
  expect(() => project({}, category, ['resultz'], rekey)).toThrow('the category health.checkup has a field resultz');
  expect(project(exampleRecords['health.checkup'], category, [], rekey)).toBeNull();
});

const samples = join(shared, 'fhir-jp-municipal-checkup');
(existsSync(samples) ? test : test.skip)(
  'from the published municipal checkups no identifying value leaves unless its field is consented',
  async () => {
    const category = book.categories.get('health.checkup')!;
    const plain = category.fields.filter(({ identifying }) => !identifying);
    const identifying = category.fields.filter((field) => field.identifying);
    const files = (await jsonFilesUnder(samples)).filter(
      ({ name }) => name.includes('Bundle') && !name.startsWith('malformed'),
    );
    expect(files.length).toBeGreaterThan(10);
    const direct =
      /健診\u3000|ケンシン|ケイシン|太郎|花子|03-1111-2222|03-2222-3333|横浜市|1955|1950-05-04|123-4567|"34567"|"45678"|トウキョウ|<div|PD94bWw|GOFSH|06123456|１２３４５/;
    for (const { name, text } of files) {
      const record: unknown = JSON.parse(text);
      const out = JSON.stringify(project(record, category, codesOf(plain), rekey));
      expect({ name, leaked: direct.exec(out)?.[0] ?? null }).toEqual({ name, leaked: null });
      const hasResults = text.includes('"valueCodeableConcept"');
      expect({ name, hasResults: /"Observation".*"valueCodeableConcept"/.test(out) }).toEqual({ name, hasResults });
      const all = JSON.stringify(project(record, category, codesOf(category.fields), rekey));
      expect({ name, named: direct.test(all) }).toEqual({ name, named: true });
      expect((all.match(anyUuid) ?? []).filter((uuid) => text.includes(uuid))).toEqual([]);
    }
    expect(identifying.length).toBeGreaterThan(8);
  },
);
