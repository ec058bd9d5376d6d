import fc from 'fast-check';
import { utf8 } from '../../src/kernel/bytes.js';
import { type Entry, minuteOf, parseEntry } from '../../src/transparency-log/entry.js';
import { entryExamples, manyEntries } from './entry-examples.js';
import { formatEntry } from './entry-writer.js';

const parse = (line: string): Entry => parseEntry(utf8(line));
const { provision, refusal, program, deposit } = entryExamples;
const line = formatEntry(provision);

describe('an entry', () => {
  test('is read and written back byte for byte, with and without its optional fields', () => {
    for (const entry of manyEntries) {
      expect(parse(formatEntry(entry))).toEqual(entry);
      expect(formatEntry(parse(formatEntry(entry)))).toBe(formatEntry(entry));
    }
  });

  test('is written as the design says', () => {
    expect(formatEntry(entryExamples.void)).toBe(
      `{"v":1,"t":"void","at":"2026-11-21T02:37Z","of":4711,"reason":"not-redeemed","recipient":"hamakaze-clinic","tag":"${'5'.repeat(64)}"}`,
    );
  });

  test('that is accepted has no other spelling: no single byte can be changed to another spelling of the same entry', () => {
    for (const entry of manyEntries) {
      const original = utf8(formatEntry(entry));
      for (let position = 0; position < original.length; position += 1) {
        for (const value of [original[position]! ^ 1, original[position]! ^ 0x20, 0x20, 0x30, 0x5c, 0xe9]) {
          if (value === original[position]) continue;
          const changed = Buffer.from(original);
          changed[position] = value;
          const read = tryParse(changed);
          if (read === null) continue;
          expect(read).not.toEqual(entry);
          expect(formatEntry(read)).toBe(changed.toString('latin1'));
        }
      }
    }
  });

  test('is canonical whenever it is accepted, whatever was done to it', () => {
    const edit = fc.tuple(fc.constantFrom(...manyEntries), fc.nat(), fc.nat(3), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(edit, ([entry, at, removed, added]) => {
        const original = formatEntry(entry);
        const place = at % original.length;
        const edited = utf8(original.slice(0, place) + added + original.slice(place + removed));
        const read = tryParse(edited);
        if (read) expect(formatEntry(read)).toBe(edited.toString('latin1'));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a space', line.replace(',"at"', ', "at"'), 'field at'],
    ['a newline at its end', `${line}\n`, 'after its last field'],
    ['another version', line.replace('"v":1', '"v":2'), 'version 1'],
    ['a version with a fraction', line.replace('"v":1', '"v":1.0'), 'version 1'],
    ['an unknown kind', line.replace('"provision"', '"revision"'), 'known kind'],
    ['the name of a property as its kind', line.replace('"provision"', '"__proto__"'), 'known kind'],
    ['another order', '{"t":"policy","v":1}', 'version 1'],
    ['a field too few', line.replace(',"purpose":"care.prevention"', ''), 'field purpose'],
    ['a field too many', line.replace('}', ',"x":1}'), 'after its last field'],
    ['a field twice', line.replace(',"tag"', `,"policy":"${provision.policy}","tag"`), 'field tag'],
    ['an integer with a leading zero', line.replace('"version":1', '"version":01'), 'field version'],
    ['an integer with an exponent', line.replace('"version":1', '"version":1e3'), 'field version'],
    ['a version of zero', line.replace('"version":1', '"version":0'), 'field version'],
    ['an integer of 2^53', formatEntry(deposit).replace(':87', ':9007199254740992'), '2^53'],
    ['a negative count', formatEntry(deposit).replace(':87', ':-87'), 'field count'],
    ['a digest in upper case', line.replaceAll('1111', 'AAAA'), 'field policy'],
    ['a digest with a digit too few', line.replace(`"${'7'.repeat(64)}"`, `"${'7'.repeat(63)}"`), 'field commitment'],
    ['an escape for a letter', line.replace('care', '\\u0063are'), 'field purpose'],
    ['a letter that is not ASCII', line.replace('care', 'cäre'), 'field purpose'],
    ['a full-width digit', line.replace('"version":1', '"version":１'), 'field version'],
    ['categories out of order', formatEntry({ ...provision, categories: ['b.b', 'a.a'] }), 'not ascending'],
    ['a category twice', formatEntry({ ...provision, categories: ['a.a', 'a.a'] }), 'not ascending'],
    ['no categories', formatEntry({ ...provision, categories: [] }), 'field categories'],
    ['seconds in its time', line.replace('02:37Z', '02:37:00Z'), 'field at'],
    ['a zone in its time', line.replace('02:37Z', '02:37+09:00'), 'field at'],
    ['a month 13', line.replace('2026-11', '2026-13'), 'field at'],
    ['the 31st of November', line.replace('11-21', '11-31'), 'not a date'],
    ['the 29th of February 2027', line.replace('2026-11-21', '2027-02-29'), 'not a date'],
    ['hour 24', line.replace('T02', 'T24'), 'field at'],
    ['an unknown status', formatEntry(program).replace('"active"', '"running"'), 'field status'],
    ['a program without its version', formatEntry(refusal).replace(',"version":1', ''), 'field version'],
    ['a version without its program', formatEntry(refusal).replace(',"program":"checkup-follow-up"', ''), 'without'],
    ['base64 with bits left over', formatEntry(deposit).replace('uFU=', 'uFV='), 'field root'],
    ['4,097 bytes', formatEntry({ ...provision, purpose: 'a'.repeat(4000) }), '4096'],
    ['nothing', '', 'version 1'],
  ])('with %s is refused', (_, changed, message) => {
    expect(changed).not.toBe(line);
    expect(() => parse(changed)).toThrow(message);
  });

  test('that is refused does not have its values in the message', () => {
    const secret = line.replace('"care.prevention"', '"Yamada Hanako"');
    expect(() => parse(secret)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('Yamada') }));
  });

  test('tells its minute in milliseconds', () => {
    expect(minuteOf('2026-11-21T02:37Z')).toBe(Date.UTC(2026, 10, 21, 2, 37));
  });
});

function tryParse(bytes: Uint8Array): Entry | null {
  try {
    return parseEntry(bytes);
  } catch {
    return null;
  }
}
