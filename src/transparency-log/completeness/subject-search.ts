/** Finds a resident's entries in a whole log as it is walked: under every organisation, in every month, whether an index names them or not. */
import type { KeyObject } from 'node:crypto';
import type { Entry, EntryOf } from '../entry.js';
import { type ExpectedTag, ResidentTags } from './expected-tags.js';
import type { OwnEntry } from './verify-completeness.js';

export class SubjectSearch {
  readonly entries: OwnEntry[] = [];
  /** Entries under a tag that is not that of the organisation they name, or of another month. */
  readonly misplaced: number[] = [];
  /** Every organisation, with the entry that registered it first. */
  readonly organisations = new Map<string, number>();
  start: EntryOf<'start'> | null = null;
  /** The entry that closes the log. */
  close: EntryOf<'close'> | null = null;
  private readonly months = new Set<string>();
  private readonly wanted = new Map<string, ExpectedTag>();
  private readonly tags: ResidentTags;
  private latestAt = '';

  /** @param identifierKey K_id, of 32 bytes. */
  constructor(identifierKey: KeyObject) {
    this.tags = new ResidentTags(identifierKey);
  }

  /** Takes the entry at `index`; entries come in the order of the log. */
  next(index: number, entry: Entry): void {
    if (entry.at !== this.latestAt) {
      this.latestAt = entry.at;
      this.expectMonth(entry.at.slice(0, 'YYYY-MM'.length));
    }
    if (entry.t === 'start') this.start ??= entry;
    if (entry.t === 'close') this.close = entry;
    if (entry.t === 'org') this.expectOrganisation(entry.org, index);
    const tag = 'tag' in entry ? entry.tag : undefined;
    const expected = tag === undefined ? undefined : this.wanted.get(tag);
    if (expected === undefined) return;
    this.entries.push({ index, entry, organisation: expected.organisation });
    const recipient = 'recipient' in entry ? entry.recipient : undefined;
    if (recipient !== expected.organisation || !entry.at.startsWith(expected.month)) this.misplaced.push(index);
  }

  private expectMonth(month: string): void {
    if (this.months.has(month)) return;
    this.months.add(month);
    for (const expected of this.tags.all([...this.organisations.keys()], [month]))
      this.wanted.set(expected.tag, expected);
  }

  private expectOrganisation(organisation: string, index: number): void {
    if (this.organisations.has(organisation)) return;
    this.organisations.set(organisation, index);
    for (const expected of this.tags.all([organisation], [...this.months])) this.wanted.set(expected.tag, expected);
  }
}
