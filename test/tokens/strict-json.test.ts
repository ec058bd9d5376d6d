/** Strict JSON takes what JSON.parse takes, but for members that are named twice, bytes that are not UTF-8, and what is no object. */
import fc from 'fast-check';
import { parseJsonObject, parseStrictJson } from '../../src/tokens/proof/strict-json.js';

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"b":2}}',
  '[{"a":1},{"a":1,"a":{"c":1}}]',
  '{"__proto__":1,"__proto__":2}',
  '{"a":":","a":1}',
  '{ "a" : "\\"" , "a" : 1 }',
])('%s names a member twice', (text) => {
  expect(parseStrictJson(text)).toBeUndefined();
});

test.each(['{', '', 'undefined', '{"a":01}', "{'a':1}", '{"a":1,}', '\ufeff{}'])('%j is not JSON', (text) => {
  expect(parseStrictJson(text)).toBeUndefined();
});

test('whatever JSON there is comes back, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, spaces) => {
      const text = JSON.stringify(value, null, spaces);
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
    { seed: 20261121 },
  );
});

test('any member repeated anywhere is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
      const text = JSON.stringify(object);
      const [name] = Object.keys(object);
      expect(parseStrictJson(`${text.slice(0, -1)},${JSON.stringify(name)}:null}`)).toBeUndefined();
      expect(parseStrictJson(`[1,{"x":${text.slice(0, -1)},${JSON.stringify(name)}:null}}]`)).toBeUndefined();
    }),
    { seed: 20261121 },
  );
});

test.each([['null'], ['[]'], ['"text"'], ['7']])('%s is no object', (text) => {
  expect(parseJsonObject(Buffer.from(text))).toBeNull();
});

test('bytes that are not UTF-8 are no object', () => {
  expect(parseJsonObject(Buffer.from('{"a":"\xe3\x81"}', 'latin1'))).toBeNull();
  expect(parseJsonObject(Buffer.from('{"a":"預かり"}'))).toEqual({ a: '預かり' });
});
