/**
 * Recomputes every `index` and `rollup` entry from the tags it speaks of, as the log is walked: indexes follow one another from entry 0
 * without gap or overlap, none reaches beyond itself, and each has the root and number of leaves that follow from the log. A rollup says
 * the same of a whole month, beside the indexes and never instead of them (design section 6, completeness).
 */
import { isEqual } from '../../kernel/bytes.js';
import type { Entry, EntryOf } from '../entry.js';
import type { FindingCode } from '../finding.js';
import type { TagBytes } from '../tag.js';
import { TagCollection } from './tag-collection.js';

type Found = (code: FindingCode, message: string) => void;
type RangeEntry = EntryOf<'index'> | EntryOf<'rollup'>;

export class IndexRules {
  private readonly tags = new TagCollection();
  /** Up to where the entries of each kind reach. */
  private readonly reached = { index: 0, rollup: 0 };
  /** Entries that were the first of a later month than all before them. */
  private readonly months: number[] = [];
  private latest = { at: '', month: '' };

  /** Takes the entry at `index`; entries come in the order of the log, each once. @param tag the entry's, where it has one. */
  next(index: number, entry: Entry, tag: TagBytes, found: Found): void {
    if (entry.at !== this.latest.at) this.noteTime(index, entry.at);
    if ('tag' in entry && entry.tag !== undefined) this.tags.add(tag, index);
    if (entry.t === 'index' || entry.t === 'rollup') this.check(index, entry, found);
    if (entry.t === 'close') this.checkEnd(found);
  }

  private noteTime(index: number, at: string): void {
    const month = at.slice(0, 'YYYY-MM'.length);
    if (month > this.latest.month) this.months.push(index);
    this.latest = { at, month: month > this.latest.month ? month : this.latest.month };
  }

  /** A log that goes on no more indexes nothing more. */
  private checkEnd(found: Found): void {
    const first = this.tags.firstFrom(this.reached.index);
    if (first !== null) found('index-gap', `the log ends, and entry ${first} is in no index`);
  }

  private check(index: number, entry: RangeEntry, found: Found): void {
    const { t, from, to } = entry;
    const range = `entries ${from} to ${to - 1}`;
    const reached = this.reached[t];
    if (to > index) {
      found('index-beyond-itself', `it speaks of ${range}, which come after it`);
      return;
    }
    if (from >= to) {
      found('index-gap', `it covers nothing: from ${from} to ${to}`);
      return;
    }
    if (from > reached)
      found('index-gap', `entries ${reached} to ${from - 1} are in no ${t}; it begins with entry ${from}`);
    if (from < reached) found('index-overlap', `it covers ${range}, but those below ${reached} are in an earlier ${t}`);
    if (t === 'rollup') this.checkMonth(entry, found);
    // INVARIANT: the tags from the smaller of both on are kept, so only what overlaps cannot be recomputed.
    if (from >= Math.min(this.reached.index, this.reached.rollup)) this.recompute(entry, found);
    this.reached[t] = Math.max(reached, to);
    this.tags.forget(Math.min(this.reached.index, this.reached.rollup));
  }

  private recompute({ t, from, to, n, root }: RangeEntry, found: Found): void {
    const computed = this.tags.between(from, to);
    const range = `entries ${from} to ${to - 1}`;
    if (computed.n !== n) found('index-count-differs', `it says ${n} tags, but ${range} have ${computed.n}`);
    if (!isEqual(computed.root(), Buffer.from(root, 'base64'))) {
      found(
        'index-root-differs',
        `its root does not follow from the tags of ${range}: the ${t} leaves out or alters what the log holds`,
      );
    }
  }

  private checkMonth({ from, to }: RangeEntry, found: Found): void {
    if (to > this.reached.index) {
      found('index-gap', `it rolls up entries below ${to}, but they are indexed only below ${this.reached.index}`);
    }
    const month = this.months.indexOf(from);
    if (month < 0 || this.months[month + 1] !== to) {
      found('rollup-not-a-month', `entries ${from} to ${to - 1} are not those of one whole month`);
    }
  }
}
