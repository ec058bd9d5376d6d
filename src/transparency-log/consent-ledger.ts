/**
 * What the entries of a log say of consents: by tag (one resident, one recipient, one month), then by program; at most one is in force for these.
 * Nearly every tag has one program, so the consents of a tag are a list and not a map: a log has as many tags as it has residents and months.
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
  readonly program: string;
  /** Under the same tag. */
  readonly next: Consent | null;
}

export class ConsentLedger {
  private readonly byTag = new Map<string, Consent>();
  /** One text for each, however often it is named. */
  private readonly programs = new Map<string, string>();

  /** Undefined where nothing was said: a consent of an earlier month stands under another tag. */
  find(tag: string, program: string): Readonly<ConsentStanding> | undefined {
    return among(this.byTag.get(tag), program);
  }

  note(tag: string, program: string, standing: ConsentStanding): void {
    const first = this.byTag.get(tag);
    const known = among(first, program);
    if (known) Object.assign(known, standing);
    else this.byTag.set(first ? tag : copyOf(tag), { ...standing, program: this.oneOf(program), next: first ?? null });
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
    for (const first of this.byTag.values()) {
      for (const consent of listOf(first)) {
        if (consent.state === 'active' && consent.index >= from && consent.index < to) consent.state = 'lost';
      }
    }
  }

  /** Those under tags under which something was said in this month. */
  ofMonth(month: string): ConsentLedger {
    const ledger = new ConsentLedger();
    for (const [tag, first] of this.byTag) {
      if ([...listOf(first)].some((consent) => consent.month === month)) ledger.byTag.set(tag, first);
    }
    return ledger;
  }
}

function* listOf(first: Consent): Generator<Consent> {
  for (let consent: Consent | null = first; consent !== null; consent = consent.next) yield consent;
}

/** Asked for each provision of a log, so without a generator. */
function among(first: Consent | undefined, program: string): Consent | undefined {
  let consent: Consent | null | undefined = first;
  while (consent && consent.program !== program) consent = consent.next;
  return consent ?? undefined;
}
