/** What a log says of consents is found again by tag and program, also where tags begin alike. */
import * as fc from 'fast-check';
import { ConsentLedger, type ConsentStanding } from '../../src/transparency-log/consent-ledger.js';
import { TagBytes } from '../../src/transparency-log/tag.js';

/** Six tags, three of which begin alike. */
const tags = ['a', 'b', 'c', 'd', 'e', 'f'].map((end, n) => `${n < 3 ? '0123456' : `765432${n}`}${end.repeat(57)}`);
const programs = ['walking', 'checkup'];
const states = ['active', 'paused', 'withdrawn'] as const;

test('it answers as a map by tag and program would, and keeps months apart', () => {
  const act = fc.record({
    tag: fc.constantFrom(...tags),
    program: fc.constantFrom(...programs),
    state: fc.constantFrom(...states),
    month: fc.constantFrom('0999-10', '2026-10', '2026-11'),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.nat(40), (acts, lostFrom) => {
      const ledger = new ConsentLedger();
      const model = new Map<string, ConsentStanding>();
      for (const [index, { tag, program, state, month }] of acts.entries()) {
        const standing = { state, version: index + 1, index, month };
        ledger.note(TagBytes.of(tag), program, standing);
        model.set(`${tag} ${program}`, standing);
      }
      ledger.lose(lostFrom, lostFrom + 5);
      for (const [key, standing] of model)
        if (standing.state === 'active' && standing.index >= lostFrom && standing.index < lostFrom + 5)
          model.set(key, { ...standing, state: 'lost' });
      const last = ledger.ofMonth('2026-11');
      for (const tag of tags)
        for (const program of programs) {
          const expected = model.get(`${tag} ${program}`);
          const found = ledger.find(TagBytes.of(tag), program);
          expect(found?.state).toBe(expected?.state);
          expect(found?.version).toBe(expected?.version);
          if (expected?.month === '2026-11')
            expect(last.find(TagBytes.of(tag), program)?.version).toBe(expected.version);
        }
    }),
  );
});

test('it finds each of ten thousand consents after it has grown, and none that was never noted', () => {
  const ledger = new ConsentLedger();
  const tagOf = (n: number) => TagBytes.of(n.toString(16).padStart(64, '0'));
  for (let n = 0; n < 10_000; n += 1) {
    ledger.note(tagOf(n), programs[n % 2]!, { state: 'active', version: n + 1, index: n, month: '2026-10' });
  }
  for (let n = 0; n < 10_000; n += 1) {
    expect(ledger.find(tagOf(n), programs[n % 2]!)).toEqual({ state: 'active', version: n + 1 });
    expect(ledger.find(tagOf(n), programs[(n + 1) % 2]!)).toBeUndefined();
  }
  expect(ledger.find(tagOf(10_000), programs[0]!)).toBeUndefined();
});

test.each([
  ['count up', (n: number) => n.toString(16).padStart(64, '0')],
  ['differ in the highest bits of each word alone', (n: number) => tagOfWords(n, (part) => part * 2 ** 26)],
  ['differ in the lowest bits of each word alone', (n: number) => tagOfWords(n, (part) => part)],
  ['undo in one word what they do in the one before', (n: number) => tagOfUndone(n)],
])('tags that somebody chose, and that %s, are found without long searches', (_, tagOf) => {
  const ledger = new ConsentLedger();
  for (let n = 0; n < 20_000; n += 1) {
    ledger.note(TagBytes.of(tagOf(n)), programs[0]!, { state: 'active', version: 1, index: n, month: '2026-10' });
  }
  expect(ledger.longestSearch()).toBeLessThan(100);
});

/** Against a hash that multiplies and shifts by 15: a difference in the high bits of one word, taken back in the next. */
function tagOfUndone(n: number): string {
  const tag = Buffer.alloc(32);
  for (let word = 0; word < 7; word += 1) {
    const [own, before] = [(n >>> word) & 1, word === 0 ? 0 : (n >>> (word - 1)) & 1];
    tag.writeUInt32LE(((own * 0x80000000) ^ (before * 0x80010000)) >>> 0, 4 * word);
  }
  tag.writeUInt32LE(n >>> 7, 28);
  return tag.toString('hex');
}

/** Six bits of the number in each of three words of the tag, the lower ones first. */
function tagOfWords(n: number, wordOf: (part: number) => number): string {
  const tag = Buffer.alloc(32);
  for (let word = 0; word < 3; word += 1) tag.writeUInt32LE(wordOf((n >>> (6 * word)) & 63), 4 * word);
  return tag.toString('hex');
}
