/**
 * What the entries of a log say of consents: by tag (one resident, one recipient, one month), then by program; at most one is in force for these.
 * Nearly every tag has one program, so the consents of a tag are a list and not a map: a log has as many tags as it has residents and months. They are
 * found by a number that begins the tag: a map of long texts takes twice as long to look into.
 */
import { copyOf, type EntryOf } from './entry.js';

export interface ConsentStanding {
  /** Lost: given in entries that a restored database knows only from the log. */
  state: EntryOf<'consent'>['state'] | 'lost';
  version: number;
  /** Of the entry that says so. */
  index: number;
  /** `YYYY-MM` */
  month: string;
}

interface Consent extends ConsentStanding {
  readonly tag: string;
  readonly program: string;
  /** Under a tag that begins like this one: nearly always this one. */
  readonly next: Consent | null;
}

export class ConsentLedger {
  private readonly byStart = new Map<number, Consent>();
  /** One text for each, however often it is named. */
  private readonly programs = new Map<string, string>();

  /** Undefined where nothing was said: a consent of an earlier month stands under another tag. */
  find(tag: string, program: string): Readonly<ConsentStanding> | undefined {
    return among(this.byStart.get(startOf(tag)), tag, program);
  }

  note(tag: string, program: string, standing: ConsentStanding): void {
    const start = startOf(tag);
    const first = this.byStart.get(start);
    const known = among(first, tag, program);
    if (known) Object.assign(known, standing);
    else {
      const own = first?.tag === tag ? first.tag : copyOf(tag);
      this.byStart.set(start, { ...standing, tag: own, program: this.oneOf(program), next: first ?? null });
    }
  }

  private oneOf(program: string): string {
    const known = this.programs.get(program);
    if (known !== undefined) return known;
    const copy = copyOf(program);
    this.programs.set(copy, copy);
    return copy;
  }

  /** Consents given in the entries from `from` up to `to`, exclusive, count no more. */
  lose(from: number, to: number): void {
    for (const first of this.byStart.values()) {
      for (const consent of listOf(first)) {
        if (consent.state === 'active' && consent.index >= from && consent.index < to) consent.state = 'lost';
      }
    }
  }

  /** Those under tags under which something was said in this month. */
  ofMonth(month: string): ConsentLedger {
    const ledger = new ConsentLedger();
    for (const [start, first] of this.byStart) {
      // A few more than those, where tags begin alike: who asks, asks by the whole tag.
      if ([...listOf(first)].some((consent) => consent.month === month)) ledger.byStart.set(start, first);
    }
    return ledger;
  }
}

function* listOf(first: Consent): Generator<Consent> {
  for (let consent: Consent | null = first; consent !== null; consent = consent.next) yield consent;
}

/** Asked for each provision of a log, so without a generator. */
function among(first: Consent | undefined, tag: string, program: string): Consent | undefined {
  let consent: Consent | null | undefined = first;
  while (consent && (consent.program !== program || consent.tag !== tag)) consent = consent.next;
  return consent ?? undefined;
}

/** 28 bits: as many as V8 keeps without an object of their own. */
function startOf(tag: string): number {
  return Number.parseInt(tag.slice(0, 7), 16);
}
