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

/** An index covers what was appended since the one before it was computed: a day is more than that takes, and than clocks differ. */
const marginMs = 86_400_000;

/** No index is a hundred years late; whoever writes so would only keep a verifier busy. */
const monthsMax = 1200;

/** The months an index can hold, between the minute of the entry it follows and its own; both as in `at`. */
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
