/**
 * Under which tags a resident's entries can stand: one for each organisation ever registered, consented to or not, and each month. Who holds
 * the resident's identifier key can compute them all, and nobody else any (design section 6).
 */
import type { KeyObject } from 'node:crypto';
import { pairwiseIdOf } from '../../kernel/pairwise-id.js';
import { VerificationError } from '../finding.js';
import { tagOf } from '../tag.js';

export interface ExpectedTag {
  readonly organisation: string;
  /** `YYYY-MM` */
  readonly month: string;
  /** 64 hex digits. */
  readonly tag: string;
}

/** More than clocks differ, and than computing an index takes. */
const marginMs = 86_400_000;

/** No index is a hundred years late; whoever writes so would only keep a verifier busy. */
const monthsMax = 1200;

/** An entry whose place and minute are proved: the start of the log, or an index. */
export interface Dated {
  readonly index: number;
  /** As in the entry. */
  readonly at: string;
}

/**
 * The months in which the entries of an index can be dated: none before the newest of `before` that stands at `from` or below, none after the
 * index itself. The index before it does not count as such: it may stand long after the entries that it left to this one.
 * @param before the start of the log, which is entry 0, and the indexes before this one.
 */
export function monthsOf(from: number, written: Dated, before: readonly Dated[]): string[] {
  return monthsBetween(newestBelow(from, before).at, written.at);
}

/** Of `before` what an index that begins at `from`, or any later one, can still ask for. */
export function stillNeeded(from: number, before: readonly Dated[]): Dated[] {
  const { index } = newestBelow(from, before);
  return before.filter((one) => one.index >= index);
}

function newestBelow(from: number, before: readonly Dated[]): Dated {
  return before.filter(({ index }) => index <= from).reduce((one, other) => (other.index > one.index ? other : one));
}

/** The months between two minutes, a day more at either end; both as in `at`. */
export function monthsBetween(fromAt: string, toAt: string): string[] {
  const [from, to] = [
    Date.parse(fromAt.replace('Z', ':00Z')) - marginMs,
    Date.parse(toAt.replace('Z', ':00Z')) + marginMs,
  ];
  const [first, last] = [monthNumber(new Date(from)), monthNumber(new Date(to))];
  if (last - first > monthsMax)
    throw new VerificationError('index-missing', `there is none between ${fromAt} and ${toAt}`);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, position) => monthText(first + position));
}

/** Remembers the pairwise ids and tags of one resident. */
export class ResidentTags {
  private readonly pairwiseIds = new Map<string, Buffer>();
  private readonly tags = new Map<string, ExpectedTag>();

  /** @param identifierKey K_id, of 32 bytes. */
  constructor(private readonly identifierKey: KeyObject) {}

  /** The tag under one organisation in one month (`YYYY-MM`). */
  of(organisation: string, month: string): ExpectedTag {
    const key = `${organisation}/${month}`;
    let expected = this.tags.get(key);
    if (expected === undefined) {
      expected = { organisation, month, tag: tagOf(this.pairwiseIdFor(organisation), `${month}-01T00:00Z`) };
      this.tags.set(key, expected);
    }
    return expected;
  }

  /** All tags of these organisations in these months. */
  all(organisations: readonly string[], months: readonly string[]): ExpectedTag[] {
    return months.flatMap((month) => organisations.map((organisation) => this.of(organisation, month)));
  }

  private pairwiseIdFor(organisation: string): Buffer {
    const known = this.pairwiseIds.get(organisation) ?? pairwiseIdOf(this.identifierKey, organisation);
    this.pairwiseIds.set(organisation, known);
    return known;
  }
}

function monthNumber(date: Date): number {
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function monthText(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;
}
