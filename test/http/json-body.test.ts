/** The strict JSON parser accepts what `JSON.parse` accepts, apart from what could mean two things or come back changed. */
import fc from 'fast-check';
import { parseFormBody } from '../../src/http/form-body.js';
import { parseJsonBody } from '../../src/http/json-body.js';
import { Mistake } from '../../src/kernel/errors.js';

const repeatable = { seed: 8259 };

const storable = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
const anyJson = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }).filter((value) => {
  const text = JSON.stringify(value);
  return !text.includes('\\u0000') && !text.includes('__proto__');
});

test('every other JSON value comes back equal, however it is spaced and escaped', () => {
  fc.assert(
    fc.property(anyJson, fc.constantFrom(0, 1, '\t'), fc.boolean(), (value, indent, escapes) => {
      const spaced = JSON.stringify(value, null, indent);
      const text = escapes
        ? spaced.replace(/[^\x20-\x7e\s]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : spaced;
      expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text));
    }),
    repeatable,
  );
});

test('whatever bytes arrive, the answer is a value or a coded mistake that does not repeat them', () => {
  const nearlyJson = fc.array(
    fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'u0000', 'ud83d', '1', 'e9', 'null', ' ', 'あ'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        nearlyJson.map((parts) => Buffer.from(parts.join(''))),
      ),
      (bytes) => {
        try {
          parseJsonBody(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Mistake);
          expect((error as Mistake).message).toMatch(/^[a-zA-Z0-9 ()+_-]+$/);
        }
      },
    ),
    { ...repeatable, numRuns: 1000 },
  );
});

test('a member repeated anywhere is found', () => {
  fc.assert(
    fc.property(
      anyJson,
      storable.filter((name) => name !== '__proto__'),
      fc.array(fc.boolean(), { maxLength: 20 }),
      (value, name, way) => {
        const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        const text = way.reduce(
          (inner, isObject) => (isObject ? `{"a":${inner}}` : `[1,${inner}]`),
          `{${member},${member}}`,
        );
        expect(() => parseJsonBody(Buffer.from(text))).toThrow('two members of one name');
      },
    ),
    repeatable,
  );
});

test('every form a browser makes comes back equal', () => {
  const name = storable.filter((text) => text !== '__proto__');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, storable), { maxLength: 30 }), (pairs) => {
      const form = parseFormBody(Buffer.from(new URLSearchParams(pairs).toString()));
      for (const key of new Set(pairs.map(([first]) => first))) {
        const values = pairs.filter(([first]) => first === key).map(([, second]) => second);
        expect(form[key]).toEqual(values.length === 1 ? values[0] : values);
      }
    }),
    repeatable,
  );
});
