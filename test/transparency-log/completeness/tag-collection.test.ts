/** The tags of a log are kept in blocks; what is asked of them is answered as if they lay in one list. */
import { SortedIndex } from '../../../src/transparency-log/completeness/sorted-index.js';
import { TagCollection } from '../../../src/transparency-log/completeness/tag-collection.js';
import { TagBytes, tagOf } from '../../../src/transparency-log/tag.js';

const tags = Array.from({ length: 500 }, (_, n) => tagOf(Buffer.alloc(32, n % 256), `2026-${n < 256 ? 10 : 11}-01`));
/** Every third entry has no tag. */
const tagged = Array.from({ length: 20_000 }, (_, n) => ({ index: n + Math.floor(n / 2), tag: tags[n % 500]! }));

function indexOf(from: number, to: number): SortedIndex {
  const among = tagged.filter(({ index }) => index >= from && index < to);
  const bytes = Buffer.concat(among.map(({ tag }) => Buffer.from(tag, 'hex')));
  return SortedIndex.of(
    bytes,
    Float64Array.from(among, ({ index }) => index),
  );
}

test('an index of any range is that of its entries, also across blocks and after what came before is forgotten', () => {
  const collection = new TagCollection();
  for (const { index, tag } of tagged) collection.add(TagBytes.of(tag), index);
  for (const [from, to] of [
    [0, 30_000],
    [6_143, 6_145],
    [100, 29_000],
  ] as const) {
    expect(collection.between(from, to).root()).toEqual(indexOf(from, to).root());
  }
  for (const forgotten of [5, 6_143, 6_144, 20_000]) {
    collection.forget(forgotten);
    expect(collection.firstFrom(0)).toBe(tagged.find(({ index }) => index >= forgotten)!.index);
    expect(collection.between(forgotten, 25_000).root()).toEqual(indexOf(forgotten, 25_000).root());
  }
  collection.forget(40_000);
  expect(collection.firstFrom(0)).toBeNull();
  collection.add(TagBytes.of(tags[0]!), 50_000);
  expect(collection.firstFrom(0)).toBe(50_000);
  expect(collection.between(0, 60_000).n).toBe(1);
});
