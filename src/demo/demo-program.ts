/** One data use program of the demo city with the way it goes: what is applied for, what the board decides, where it stands. */
import type { Bilingual } from '../policy/catalogue.js';
import type { ProgramApplication } from '../policy/program-terms.js';
import { addDays } from './days.js';
import { demoRecipients } from './organisations.js';

export interface DemoDecision {
  readonly outcome: 'approved' | 'refused';
  /** Id of the member whose vote decides. */
  readonly memberId: string;
  readonly reason: Bilingual;
}

export interface DemoProgram {
  /** Stable short name within the demo: `checkup-follow-up`. */
  readonly name: string;
  readonly application: ProgramApplication;
  /** Null while the board has not decided. */
  readonly decision: DemoDecision | null;
  /** Why the operator stopped it after it had become active, or null. */
  readonly suspension: { readonly reason: Bilingual } | null;
  /** Where it stands once the city is founded. */
  readonly status: 'in_review' | 'refused' | 'active' | 'suspended';
}

/** The recipient as an application names it. @throws Error when the demo has no such recipient. */
export function recipientOf(id: string): ProgramApplication['recipient'] {
  const recipient = demoRecipients.find((candidate) => candidate.id === id);
  if (!recipient) throw new Error(`the demo has no recipient ${id}`);
  return { id: recipient.id, kind: recipient.kind, country: recipient.country };
}

/** Dates of a program that begins today and is looked at again after at most a year. */
export function running(today: string, days: number): { startsOn: string; endsOn: string; reviewOn: string } {
  return { startsOn: today, endsOn: addDays(today, days), reviewOn: addDays(today, Math.min(days, 365)) };
}

export function yearAfter(today: string, years: number): number {
  return Number(today.slice(0, 4)) + years;
}
