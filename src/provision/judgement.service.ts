/**
 * Steps 2 and 3 of a read (design section 5), before the database is asked and without its locks: a program that has these items, and a policy
 * that permits them. It spares the database what is plainly refused; what it lets through is decided again in the gate.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../kernel/clock.js';
import type { Code } from '../kernel/errors.js';
import type { PolicyBook } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { policyTermsOf } from '../policy/policy-terms.js';
import type { Program } from '../programs/program.entity.js';
import { ProgramsService } from '../programs/programs.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { ageBandAt } from '../residents/age-band.js';
import type { ReadItem } from './append-item.js';
import type { Resolved } from './gate.service.js';

export const CLOCK = Symbol('clock');

/** Refused is the initial value: only a program that covers the item, and a policy that permits it, take the refusal away. */
export interface Judgement {
  program: Program | null;
  refusal: Code | null;
}

@Injectable()
export class JudgementService {
  constructor(
    private readonly programs: ProgramsService,
    private readonly recipients: RecipientsService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async judge(item: ReadItem, resolved: Resolved): Promise<Judgement> {
    const { programVersion } = resolved;
    const program = programVersion === null ? null : await this.programs.findVersion(item.programId, programVersion);
    if (program === null) return { program, refusal: 'program-not-active' };
    return { program, refusal: refusalByTerms(item, program) ?? (await this.refusalByPolicy(item, resolved, program)) };
  }

  private async refusalByPolicy(item: ReadItem, { resident }: Resolved, program: Program): Promise<Code | null> {
    // Who is not known to this recipient has no age; the database answers for them as for everybody without a consent.
    if (resident === null) return null;
    const { id, kind, country } = await this.recipients.requireKnown(item.recipientId);
    const decision = this.book.decide({
      ...{ action: 'provide', recipient: { id, kind, country }, purpose: item.purpose, categories: item.categories },
      terms: policyTermsOf(program.application.terms, item.purpose, this.book),
      residentAge: ageBandAt(resident, this.clock()),
    });
    return decision.permitted ? null : 'policy-forbids';
  }
}

function refusalByTerms(item: ReadItem, { application: { terms } }: Program): Code | null {
  const covers = (category: string) =>
    terms.items.some((own) => own.purpose === item.purpose && own.category === category);
  // Answering questions without handing over the data is not built; until it is, such a program receives nothing.
  if (terms.mode === 'answer_only') return 'outside-terms';
  return item.categories.every(covers) ? null : 'outside-terms';
}
