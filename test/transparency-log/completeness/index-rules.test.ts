/** Indexes and rollups in a log: what an honest operator writes passes, and each way to write a wrong one is found at its place. */
import { checkLog, type Report } from '../../../src/transparency-log/check-log.js';
import { SortedIndex } from '../../../src/transparency-log/completeness/sorted-index.js';
import type { EntryOf } from '../../../src/transparency-log/entry.js';
import { aProvision, minute, opening, publish, readerOf, trust } from '../a-log.js';
import { formatEntry } from '../entry-writer.js';

const now = new Date('2027-03-01T00:00:00Z');
const check = (lines: readonly string[]): Promise<Report> => checkLog(readerOf(publish(lines)), trust, { now });
const found = (report: Report) => report.findings.map(({ code, place }) => `${code} at ${place}`);

/** A minute in December, the month after the log began. */
const december = (minutes: number) => minute(30 * 24 * 60 + minutes);
const provision = (n: number, at = minute(1)) => formatEntry(aProvision(n, at));

/** The entry that an honest operator writes, unless told otherwise. */
function indexing(
  lines: readonly string[],
  change: Partial<EntryOf<'index'>> & { t?: 'index' | 'rollup' } = {},
): string {
  const { from = 0, to = lines.length, t = 'index', at = minute(1) } = change;
  const tagged = lines.flatMap((line, index) => {
    const tag = /"tag":"(\w+)"/.exec(line)?.[1];
    return tag === undefined || index < from || index >= to ? [] : [{ tag, index }];
  });
  const index = SortedIndex.of(
    Buffer.from(tagged.map(({ tag }) => tag).join(''), 'hex'),
    Float64Array.from(tagged, (one) => one.index),
  );
  const entry = { v: 1, t, at, from, to, n: index.n, root: index.root().toString('base64'), ...change } as const;
  return formatEntry(entry as EntryOf<'index'>);
}

// Entries 5 to 8: residents 1, 2, 1, 3.
const uses = [...opening(), ...[1, 2, 1, 3].map((n) => provision(n))];
const indexed = [...uses, indexing(uses)];
const later = [...indexed, provision(2), provision(4)];
const noRoot = Buffer.alloc(32).toString('base64');
const endOfNovember = [...later, indexing(later, { from: 9 })];
const inDecember = [...endOfNovember, provision(1, december(1)), provision(1, december(2))];
const indexedInDecember = [...inDecember, indexing(inDecember, { from: 12, at: december(3) })];
const rollup = (change: Partial<EntryOf<'index'>>) =>
  indexing(indexedInDecember, { t: 'rollup', from: 0, to: 13, at: december(3), ...change } as never);

const histories: [name: string, lines: string[], findings: string[]][] = [
  ['an index of everything before it', indexed, []],
  ['an index of a part', [...uses, indexing(uses, { to: 7 })], []],
  ['the next index', [...later, indexing(later, { from: 9 })], []],
  ['an index of a log in which nobody was spoken of', [...opening(), indexing(opening())], []],
  ['a rollup of November', [...indexedInDecember, rollup({})], []],
  [
    'an index that leaves out an entry',
    [...uses, indexing(uses.with(7, opening()[1]!))],
    ['index-root-differs at entry 9'],
  ],
  [
    'an index that leaves out a resident',
    [...uses, indexing(uses.with(6, opening()[1]!))],
    ['index-count-differs at entry 9', 'index-root-differs at entry 9'],
  ],
  ['an index with another number of tags', [...uses, indexing(uses, { n: 4 })], ['index-count-differs at entry 9']],
  ['an index with another root', [...uses, indexing(uses, { root: noRoot })], ['index-root-differs at entry 9']],
  ['an index that does not begin at 0', [...uses, indexing(uses, { from: 1 })], ['index-gap at entry 9']],
  ['a gap between indexes', [...later, indexing(later, { from: 10 })], ['index-gap at entry 12']],
  ['an overlap', [...later, indexing(later, { from: 8 })], ['index-overlap at entry 12']],
  ['an index twice', [...indexed, indexing(uses)], ['index-overlap at entry 10']],
  ['an index of nothing', [...indexed, indexing(indexed, { from: 9, to: 9 })], ['index-gap at entry 10']],
  ['an index of itself', [...uses, indexing(uses, { to: 10 })], ['index-beyond-itself at entry 9']],
  ['an index beyond the end', [...uses, indexing(uses, { to: 4711 })], ['index-beyond-itself at entry 9']],
  [
    'a wrong index and then a right one',
    [...later.with(9, indexing(uses, { root: noRoot })), indexing(later, { from: 9 })],
    ['index-root-differs at entry 9'],
  ],
  [
    'a rollup that leaves out an entry',
    [...indexedInDecember, rollup({ root: noRoot })],
    ['index-root-differs at entry 16'],
  ],
  ['a rollup of more than a month', [...indexedInDecember, rollup({ to: 14 })], ['rollup-not-a-month at entry 16']],
  ['a rollup of less than a month', [...indexedInDecember, rollup({ to: 12 })], ['rollup-not-a-month at entry 16']],
  [
    'a rollup in place of an index',
    [...later, indexing(later, { t: 'rollup', from: 0, to: 11 } as never)],
    ['index-gap at entry 12', 'rollup-not-a-month at entry 12'],
  ],
  ['a rollup twice', [...indexedInDecember, rollup({}), rollup({})], ['index-overlap at entry 17']],
];

test.each(histories)('%s', async (_name, lines, findings) => {
  // A rollup that starts where no month does has no tags to be recomputed from; what else is wrong with it is enough.
  const report = await check(lines);
  expect(
    found(report).filter((finding) => findings.includes(finding) || !finding.startsWith('index-root-differs')),
  ).toEqual(findings);
});

test('the message says which entries the index speaks of and what is wrong with it', async () => {
  const { findings } = await check([...uses, indexing(uses.with(7, opening()[1]!))]);
  expect(findings[0]!.message).toBe(
    'entry 9 (index): its root does not follow from the tags of entries 0 to 8: the index leaves out or alters what the log holds',
  );
});
