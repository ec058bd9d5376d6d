import { demoDeposits, type DemoDeposit } from '../../src/demo/deposits.js';
import { demoSources } from '../../src/demo/organisations.js';
import { demoPeople } from '../../src/demo/people.js';
import { demoPrograms } from '../../src/demo/programs.js';
import { requireCategory, type PolicyBook } from '../../src/policy/policy-book.js';
import { validateRecord } from '../../src/policy/record-validation.js';
import { stripForbiddenNumbers } from '../../src/vault/forbidden-numbers.js';
import { thePolicyBook } from '../policy/the-policy-book.js';

const today = '2026-11-21';
const people = demoPeople(1000, today);
const byPerson = people.map((person) => demoDeposits(person, 'test', today));
const deposits = byPerson.flat();
const of = (category: string) => deposits.filter((deposit) => deposit.category === category);

let book: PolicyBook;
beforeAll(async () => {
  book = await thePolicyBook();
});

interface Bundle {
  entry: { fullUrl: string; resource: { resourceType: string; [element: string]: unknown } }[];
}

describe('what the sources of the demo city hand over', () => {
  it('is byte for byte the same for the same seed, and other for another', () => {
    const text = (seed: string) =>
      JSON.stringify(people.slice(0, 40).map((person) => demoDeposits(person, seed, today)));
    expect(text('test')).toBe(JSON.stringify(byPerson.slice(0, 40)));
    expect(text('other')).not.toBe(text('test'));
  });

  it('has the form of its category, before and after the numbers that may not be held are taken out', () => {
    for (const { category, recordId, data } of byPerson.slice(0, 300).flat()) {
      const { record } = stripForbiddenNumbers(data, book.forbiddenNumbers);
      for (const form of [data, record]) {
        expect({ category, recordId, ...validateRecord(requireCategory(book, category), form) }).toEqual({
          category,
          recordId,
          ok: true,
        });
      }
    }
  });

  it('comes from a known source that hands over this category', () => {
    for (const { source, category } of deposits) {
      expect(demoSources.find(({ id }) => id === source)?.categories).toContain(category);
    }
  });

  it('speaks of no later day than today, and every record has a name of its own', () => {
    for (const { onDate } of deposits) {
      expect(onDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(onDate < today).toBe(true);
    }
    expect(new Set(deposits.map(({ source, recordId }) => `${source} ${recordId}`)).size).toBe(deposits.length);
  });

  it('is enough of everything that a program asks for', () => {
    expect(of('profile.contact')).toHaveLength(1000);
    expect(of('profile.household')).toHaveLength(1000);
    expect(of('health.checkup').length).toBeGreaterThan(540);
    expect(of('activity.steps').length).toBeGreaterThan(12_000);
    const asked = demoPrograms(today).flatMap(({ application }) =>
      application.terms.items.map(({ category }) => category),
    );
    for (const category of asked) expect(of(category).length).toBeGreaterThan(500);
    const first = new Set(byPerson[0]!.map(({ category }) => category));
    expect(first).toEqual(new Set(deposits.map(({ category }) => category)));
  });
});

describe('a checkup report of the demo city', () => {
  const reports = of('health.checkup') as (DemoDeposit & { data: Bundle })[];
  const coverageOf = ({ data }: { data: Bundle }) =>
    data.entry.find(({ resource }) => resource.resourceType === 'Coverage');

  it('is of 8 to 16 KB and refers to nothing outside itself', () => {
    for (const { data } of reports) {
      const text = JSON.stringify(data);
      expect(Buffer.byteLength(text)).toBeGreaterThan(8_000);
      expect(Buffer.byteLength(text)).toBeLessThan(16_500);
      const own = new Set(data.entry.map(({ fullUrl }) => fullUrl));
      for (const [, reference] of text.matchAll(/"reference":"([^"]+)"/g)) expect(own).toContain(reference);
      expect(own.size).toBe(data.entry.length);
    }
  });

  it('is given to residents of 40 and over only', () => {
    for (const { data } of reports) {
      const patient = JSON.stringify(data.entry.find(({ resource }) => resource.resourceType === 'Patient'));
      expect(Number(/"valueAge":\{"value":(\d+)/.exec(patient)![1])).toBeGreaterThanOrEqual(40);
    }
  });

  it('carries an insured person’s symbol and number in about a third, the first resident’s among them', () => {
    const covered = reports.filter(coverageOf);
    expect(covered.length / reports.length).toBeGreaterThan(0.25);
    expect(covered.length / reports.length).toBeLessThan(0.45);
    expect(coverageOf(reports[0]!)).toBeDefined();
    for (const { data } of covered)
      expect(JSON.stringify(coverageOf({ data }))).toMatch(/被保険者証記号・番号：[０-９]{5}・[０-９]{6}/);
  });

  it('has neither left after stripping, and all others come back equal', () => {
    for (const { data } of reports) {
      const { record, removed } = stripForbiddenNumbers(data, book.forbiddenNumbers);
      const coverage = coverageOf({ data })?.resource;
      if (!coverage) {
        expect(record).toBe(data);
        continue;
      }
      expect(removed).toHaveLength(5);
      const expected = structuredClone(data);
      const left = coverageOf({ data: expected })!.resource;
      delete left['extension'];
      delete left['dependent'];
      const text = left['text'] as { div: string };
      text.div = text.div.replace(/：[０-９・]+</, '：（削除）<').replace(/枝番：\d+/, '枝番：（削除）');
      expect(record).toEqual(expected);
    }
  });

  it('is the only kind of record in which such a number stands', () => {
    const others = byPerson
      .slice(0, 300)
      .flat()
      .filter(({ category }) => category !== 'health.checkup');
    for (const { data } of others) expect(stripForbiddenNumbers(data, book.forbiddenNumbers).removed).toEqual([]);
  });
});

describe('the measurements of the demo city', () => {
  it('are what people have', () => {
    const points = of('activity.steps') as (DemoDeposit & { data: { body: { step_count: { value: number } } } })[];
    const steps = points.map(({ data }) => data.body.step_count.value);
    const mean = steps.reduce((sum, value) => sum + value) / steps.length;
    expect(mean).toBeGreaterThan(4_000);
    expect(mean).toBeLessThan(8_000);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    for (const { data } of of('health.vitals') as {
      data: { bloodPressure: { systolic: number; diastolic: number } };
    }[]) {
      expect(data.bloodPressure.systolic).toBeGreaterThan(data.bloodPressure.diastolic + 20);
    }
  });

  it('let every ride arrive after it left', () => {
    for (const { data } of of('mobility.trip') as { data: { origin: { at: string }; destination: { at: string } } }[]) {
      expect(data.destination.at > data.origin.at).toBe(true);
    }
  });
});
