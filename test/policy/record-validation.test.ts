/** A record is taken only in the form of its category; a problem says where and what, never the value. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyBook } from '../../src/policy/policy-book.js';
import { validateRecord } from '../../src/policy/record-validation.js';
import { exampleRecords } from './example-records.js';
import { jsonFilesUnder, shared, thePolicyBook } from './the-policy-book.js';

let book: PolicyBook;

beforeAll(async () => {
  book = await thePolicyBook();
});

const validate = (code: string, record: unknown) => validateRecord(book.categories.get(code)!, record);

function changed(code: string, edit: (record: Record<string, never>) => void): unknown {
  const record = structuredClone(exampleRecords[code]) as Record<string, never>;
  edit(record);
  return record;
}

test('there is a sound example of every category, and its schema takes it', () => {
  expect(Object.keys(exampleRecords).sort()).toEqual([...book.categories.keys()]);
  for (const [code, record] of Object.entries(exampleRecords)) {
    expect({ code, ...validate(code, record) }).toEqual({ code, ok: true });
  }
});

test('no category takes a record of another, an empty object, a list, a text or nothing', () => {
  for (const code of book.categories.keys()) {
    for (const [other, record] of Object.entries(exampleRecords)) {
      if (other !== code) expect({ code, other, ok: validate(code, record).ok }).toEqual({ code, other, ok: false });
    }
    for (const record of [{}, [], 'text', 7, null])
      expect({ code, record, ok: validate(code, record).ok }).toEqual({ code, record, ok: false });
  }
});

test('a required member that is missing or of another type is refused, whichever it is', () => {
  for (const [code, record] of Object.entries(exampleRecords)) {
    const isOpen = code === 'health.checkup' || code === 'activity.steps';
    for (const key of Object.keys(record as object)) {
      const mistyped = { ...(record as object), [key]: [[]] };
      if (!isOpen || key !== 'meta')
        expect({ code, key, ok: validate(code, mistyped).ok }).toEqual({ code, key, ok: false });
    }
    const extended = validate(code, { ...(record as object), surprise: 1 });
    expect({ code, ok: extended.ok }).toEqual({ code, ok: isOpen });
  }
});

test.each<[string, string, (record: never) => void, string]>([
  [
    'a bundle that is no document',
    'health.checkup',
    (record: { type: string }) => (record.type = 'collection'),
    '/type',
  ],
  [
    'a report without a patient',
    'health.checkup',
    (record: { entry: unknown[] }) => record.entry.splice(1, 1),
    '/entry',
  ],
  [
    'a report about two patients',
    'health.checkup',
    (record: { entry: unknown[] }) => record.entry.push(record.entry[1]),
    '/entry',
  ],
  [
    'a report that does not begin with its composition',
    'health.checkup',
    (record: { entry: unknown[] }) => record.entry.reverse(),
    '/entry/0/resource/resourceType',
  ],
  [
    'a resource of a type that no field covers',
    'health.checkup',
    (record: { entry: { resource: { resourceType: string } }[] }) =>
      (record.entry[8]!.resource.resourceType = 'Binary'),
    '/entry/8/resource/resourceType',
  ],
  [
    'a test result without a category',
    'health.checkup',
    (record: { entry: { resource: { category?: unknown } }[] }) => delete record.entry[8]!.resource.category,
    '/entry/8/resource',
  ],
  [
    'steps at a point in time',
    'activity.steps',
    (record: { body: { effective_time_frame: unknown } }) =>
      (record.body.effective_time_frame = { date_time: '2026-05-01T00:00:00Z' }),
    '/body/effective_time_frame',
  ],
  [
    'a negative step count',
    'activity.steps',
    (record: { body: { step_count: unknown } }) => (record.body.step_count = -1),
    '/body/step_count',
  ],
  [
    'a data point of another schema',
    'activity.steps',
    (record: { header: { schema_id: { name: string } } }) => (record.header.schema_id.name = 'heart-rate'),
    '/header/schema_id/name',
  ],
  [
    'a day that does not exist',
    'health.immunization',
    (record: { administeredOn: string }) => (record.administeredOn = '2026-02-30'),
    '/administeredOn',
  ],
  [
    'a measurement of nothing',
    'health.vitals',
    (record: Record<string, unknown>) =>
      [
        'bodyHeight',
        'bodyWeight',
        'bloodPressure',
        'heartRate',
        'bodyTemperature',
        'bloodGlucose',
        'oxygenSaturation',
      ].forEach((key) => delete record[key]),
    '',
  ],
])('%s is refused, and the problem names the place', (_, code, edit, place) => {
  const validation = validate(code, changed(code, edit as (record: Record<string, never>) => void));
  expect(validation).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([expect.objectContaining({ path: place })]) as unknown,
  });
});

test('a problem never repeats what the record said, and very many problems are cut short', () => {
  const record = {
    ...(exampleRecords['mobility.trip'] as object),
    mode: 'secret mode',
    fareType: 'secret fare',
    fareYen: 'secret yen',
    origin: { stopId: 7, at: 'secret time' },
  };
  const validation = validate('mobility.trip', record);
  expect(validation).toMatchObject({ ok: false });
  expect(JSON.stringify(validation)).not.toContain('secret');
  const days = Array.from({ length: 90 }, () => ({ date: 'secret' }));
  const many = validate('water.usage', { ...(exampleRecords['water.usage'] as object), days });
  expect(many.ok === false && many.problems.length).toBe(20);
});

const published = join(shared, 'fhir-jp-municipal-checkup');
(existsSync(published) ? test : test.skip)('the published municipal checkups are taken', async () => {
  const files = [
    ...(await jsonFilesUnder(join(published, 'valid-json'))),
    ...(await jsonFilesUnder(join(published, 'alias-resolved'))).filter(({ name }) => !name.includes('negative')),
  ];
  expect(files.length).toBeGreaterThanOrEqual(8);
  for (const { name, text } of files) {
    expect({ name, ...validate('health.checkup', JSON.parse(text)) }).toEqual({ name, ok: true });
  }
});

const steps = join(shared, 'openmhealth/test-data/omh/step-count');
(existsSync(steps) ? test : test.skip)(
  'the published Open mHealth step counts are taken or refused as they say',
  async () => {
    const files = (await jsonFilesUnder(steps)).filter(({ name }) => !name.startsWith('1.0'));
    expect(files.length).toBeGreaterThanOrEqual(10);
    for (const { name, text } of files) {
      const { header } = exampleRecords['activity.steps'] as { header: object };
      const ok = validate('activity.steps', { header, body: JSON.parse(text) as unknown }).ok;
      expect({ name, ok }).toEqual({ name, ok: name.includes('shouldPass') });
    }
  },
);
