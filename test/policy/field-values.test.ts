/** What a person reads of a record: fields by name, a number with its unit, and nothing that no field names. */
import { fieldValuesOf } from '../../src/policy/field-values.js';
import type { Category } from '../../src/policy/catalogue.js';

const name = { ja: '名', en: 'name' };
const field = (code: string, ...paths: string[]) => ({ code, name, identifying: false, paths });
const category = {
  fields: [
    field('weight', 'weight.{value,unit,code}'),
    field('flags', '{isTaxed,year}'),
    field('rows', 'rows[].{name,count}'),
    field('missing', 'nowhere'),
  ],
} as unknown as Category;

test.each<[string, unknown, Record<string, (string | boolean)[]>]>([
  ['a number and its unit', { weight: { value: 61.5, unit: 'kg', code: 'x1' } }, { weight: ['61.5 kg', 'x1'] }],
  ['a unit without a number', { weight: { value: 'heavy', unit: 'kg' } }, { weight: ['heavy', 'kg'] }],
  ['a number beside a truth', { year: 2026, isTaxed: false }, { flags: ['2026', false] }],
  [
    'lists',
    {
      rows: [
        { name: '豆腐', count: 2 },
        { name: '卵', count: null },
      ],
    },
    { rows: ['豆腐', '2', '卵'] },
  ],
  ['what no field names', { weight: { else: 1 }, other: 'x', __proto__: { nowhere: 'y' } }, {}],
  ['no object', 'text', {}],
  ['nothing', null, {}],
])('%s', (_, record, expected) => {
  const read = fieldValuesOf(record, category).map(({ field: { code }, values }) => [code, values]);
  expect(Object.fromEntries(read)).toEqual(expected);
});
