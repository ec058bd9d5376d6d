/** The language of paths covers single values by name, and nothing that it does not name. */
import { compilePath } from '../../src/policy/path-pattern.js';
import type { Category } from '../../src/policy/catalogue.js';
import { project } from '../../src/policy/projection.js';

const unchanged = (uuid: string) => uuid;
const uuid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e101';

/** The parts of a category that projection reads. */
function aCategory(paths: string[], structure: string[] = []): Category {
  return { code: 'test.test', structure, fields: [{ code: 'field', paths }] } as unknown as Category;
}

test.each<[sentence: string, paths: string[], structure: string[], record: unknown, taken: unknown]>([
  ['a path names one value', ['a.b'], [], { a: { b: 1, c: 2 }, b: 3 }, { a: { b: 1 } }],
  ['braces name several', ['a.{b,c.d}'], [], { a: { b: 1, c: { d: 2, e: 3 } } }, { a: { b: 1, c: { d: 2 } } }],
  ['what lies below a named value is not named', ['a'], [], { a: { b: 1 } }, null],
  ['an array is not a value', ['a'], [], { a: [1, 2] }, null],
  ['brackets name the items of an array', ['a[]'], [], { a: [1, [2], 'x', null, {}] }, { a: [1, 'x'] }],
  ['brackets do not name a single value', ['a[]'], [], { a: 1 }, null],
  ['brackets may stand one in another', ['a[][]'], [], { a: [[1], [2, 3], 4] }, { a: [[1], [2, 3]] }],
  [
    'false, zero and the empty text are values, null is none',
    ['{a,b,c,d}'],
    [],
    { a: false, b: 0, c: '', d: null },
    { a: false, b: 0, c: '' },
  ],
  [
    'a type in parentheses chooses FHIR resources',
    ['e[].r(T).v'],
    [],
    { e: [{ r: { resourceType: 'T', v: 1 } }, { r: { resourceType: 'U', v: 2 } }, { r: { v: 3 } }] },
    { e: [{ r: { v: 1 } }] },
  ],
  [
    'an equation in parentheses looks below, also into arrays, for one of several values',
    ['e[](k[].c=x|y).v'],
    [],
    { e: [{ k: [{ c: 'n' }, { c: 'y' }], v: 1 }, { k: [{ c: 'n' }], v: 2 }, { k: { c: 'x' }, v: 3 }, { v: 4 }] },
    { e: [{ v: 1 }] },
  ],
  ['all conditions must hold', ['a(b=1)(c=2).v'], [], { a: { b: '1', c: '3', v: 1 } }, null],
  [
    'a path with conditions adds to one without',
    ['a.v', 'a(b=1).w'],
    [],
    { a: { b: '1', v: 1, w: 2 } },
    { a: { v: 1, w: 2 } },
  ],
  [
    'a reference leaves only as a UUID',
    ['{a,b,c}#'],
    [],
    { a: `urn:uuid:${uuid}`, b: 'Patient/12345', c: 7 },
    { a: `urn:uuid:${uuid}` },
  ],
  [
    'form goes with substance',
    ['e[].v'],
    ['t', 'e[].k'],
    { t: 'T', e: [{ k: 1, v: 2 }, { k: 3 }] },
    { t: 'T', e: [{ k: 1, v: 2 }] },
  ],
  ['form alone is nothing', ['e[].v'], ['t', 'e[].k'], { t: 'T', e: [{ k: 3 }] }, null],
  ['a record that is not an object has nothing', ['a'], [], 'a', null],
])('%s', (_, paths, structure, record, taken) => {
  const expanded = paths
    .map((path) =>
      path.endsWith('}#')
        ? path
            .slice(1, -2)
            .split(',')
            .map((key) => `${key}#`)
        : [path],
    )
    .flat();
  expect(project(record, aCategory(expanded, structure), ['field'], unchanged)).toEqual(taken);
});

test('members that only look like fields (a prototype, an inherited name) are not taken', () => {
  const record = JSON.parse('{"__proto__": {"a": 1}, "constructor": {"name": "x"}, "b": {"a": 2}}') as unknown;
  expect(project(record, aCategory(['a', 'toString', 'constructor.prototype']), ['field'], unchanged)).toBeNull();
});

test.each([
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a[',
  'a]',
  'a[0]',
  'a(',
  'a(b',
  'a#.b',
  'a b',
  'a.{b',
  '__proto__.a',
  'a.*',
  '**',
  'a.{}',
  'a(=x)',
  'a()',
])('what is not of the language is refused: “%s”', (source) => {
  expect(() => compilePath(source)).toThrow(/^the path /);
});

test('a path that stands for very many is refused before it is spelled out', () => {
  expect(() => compilePath('{a,b,c,d}.{a,b,c,d}.{a,b,c,d}.{a,b,c,d}.{a,b,c,d}')).toThrow('stands for too many paths');
});
