/** One program before the board, and what the board does about it. Every act asks for its reasons in both languages. */
import { Body, Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { BoardService } from '../../board/board.service.js';
import { failureOf } from '../../http/failure.js';
import { bodyBytesMax } from '../../http/limits.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import { policyTermsOf } from '../../policy/policy-terms.js';
import type { Program } from '../../programs/program.entity.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { RecipientsService } from '../../recipients/recipients.service.js';
import { FramesService } from '../frames.service.js';
import { NamesService } from '../names.service.js';
import { paths } from '../paths.js';
import { decisionOn, programDetailOf } from '../program/program-detail.js';
import { CurrentVisit, goTo, page, sendPage, type Visit } from '../visit.js';
import { outcomes, reasonsLengthMax, type Draft } from './review-forms.js';
import { ReviewPage, type ReviewFailure, type ReviewPageProps, type RuleSaid } from './view.js';

/** Browsers send the lines of a text area with CR LF (WHATWG HTML, form submission). */
const reasons = z
  .string()
  .max(2 * reasonsLengthMax)
  .default('')
  .transform((text) => text.replaceAll('\r\n', '\n').trim().slice(0, reasonsLengthMax));
const reasonsSchema = z.strictObject({ reasons_ja: reasons, reasons_en: reasons });
const decisionSchema = reasonsSchema.extend({
  outcome: z.enum(outcomes).or(z.literal('')).default(''),
  version: z.coerce.number().int().min(1),
});
type ReasonsForm = z.infer<typeof reasonsSchema>;

/** Where a member acts: on the page of one program. */
interface Act {
  readonly visit: Visit;
  readonly reply: FastifyReply;
  readonly id: string;
}

const nothing: Draft = { outcome: '', reasonsJa: '', reasonsEn: '' };

@Controller('board/programs')
@ApiExcludeController()
@SignedIn('board')
export class ReviewController {
  constructor(
    private readonly frames: FramesService,
    private readonly programs: ProgramsService,
    private readonly recipients: RecipientsService,
    private readonly board: BoardService,
    private readonly names: NamesService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  @Get(':id')
  async review(@CurrentVisit() visit: Visit, @Param('id') id: string): Promise<string> {
    return page(visit, ReviewPage(await this.props(visit, id, null, nothing)));
  }

  @Post(':id/decision')
  async decide(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id: memberId }: Session,
    @Param('id') id: string,
    @Body({ schema: decisionSchema }) form: z.infer<typeof decisionSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { outcome: decision } = form;
    await this.act({ visit, reply, id }, { ...draftOf(form), outcome: decision }, async (reason) => {
      if (decision === '') return 'outcome-missing';
      await this.programs.decide(id, { memberId, decision, reason, version: form.version });
      return null;
    });
  }

  @Post(':id/suspension')
  async suspend(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: reasonsSchema }) form: ReasonsForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.changeStatus({ visit, reply, id }, form, 'suspended', actor);
  }

  @Post(':id/resumption')
  async resume(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: reasonsSchema }) form: ReasonsForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.changeStatus({ visit, reply, id }, form, 'active', actor);
  }

  /** Not offered before a suspension: what cannot be undone is not one press away. */
  @Post(':id/retirement')
  async retire(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: reasonsSchema }) form: ReasonsForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.changeStatus({ visit, reply, id }, form, 'retired', actor);
  }

  private changeStatus(at: Act, form: ReasonsForm, status: 'suspended' | 'active' | 'retired', actor: string) {
    return this.act(at, draftOf(form), async (reason) => {
      await this.programs.changeStatus(at.id, status, { reason, actor });
      return null;
    });
  }

  /** Does it and leads back to the program; what the member can do something about is told beside what was written. */
  private async act(
    { visit, reply, id }: Act,
    draft: Draft,
    work: (reason: { ja: string; en: string }) => Promise<ReviewFailure | null>,
  ): Promise<void> {
    const reason = { ja: draft.reasonsJa, en: draft.reasonsEn };
    const hasReasons = reason.ja !== '' && reason.en !== '';
    const failure = hasReasons ? await work(reason).catch(asReviewFailure) : 'reasons-missing';
    if (failure === null) await goTo(reply, paths.review(id));
    else await sendPage(reply, ReviewPage(await this.props(visit, id, failure, draft)));
  }

  private async props(visit: Visit, id: string, failure: ReviewFailure | null, draft: Draft): Promise<ReviewPageProps> {
    const program = await this.programs.requirePublic(id);
    const [frame, recipient, decisions, member, rules] = await Promise.all([
      this.frames.of(visit, paths.review(id)),
      this.names.recipient(program.recipientId),
      this.programs.decisionsOn(id),
      this.board.findMember(visit.session?.id ?? ''),
      this.rulesFor(program),
    ]);
    return {
      ...{ frame, failure, draft, rules },
      program: programDetailOf(program, recipient, this.names),
      findings: program.findings.map(({ code, path, ja, en }) => ({ code, path, message: { ja, en } })),
      decision: decisionOn(program.version, decisions),
      isRecused: member?.interests.includes(program.recipientId) ?? false,
    };
  }

  /** What the rules in force say of an adult's consent, each rule once. */
  private async rulesFor({ recipientId, application: { terms } }: Program): Promise<RuleSaid[]> {
    const { id, kind, country } = await this.recipients.require(recipientId);
    const said = terms.items.flatMap(({ purpose, category }) => {
      const request = { action: 'consent', purpose, categories: [category], residentAge: 'adult' } as const;
      const policyTerms = policyTermsOf(terms, purpose, this.book);
      return this.book.decide({ ...request, recipient: { id, kind, country }, terms: policyTerms }).reasons;
    });
    const distinct = new Map(said.map((reason) => [reason.rule, reason]));
    return [...distinct.values()].map(({ rule, effect, sentence }) => ({
      rule,
      sentence,
      isPermitting: effect === 'permit',
    }));
  }
}

function draftOf({ reasons_ja: reasonsJa, reasons_en: reasonsEn }: ReasonsForm): Draft {
  return { outcome: '', reasonsJa, reasonsEn };
}

/** The database refuses what has been decided meanwhile, and members with an interest in the recipient. */
function asReviewFailure(error: unknown): ReviewFailure {
  const { code } = failureOf(error, bodyBytesMax);
  if (code === 'conflict') return 'conflict';
  if (code === 'forbidden') return 'recused';
  throw error;
}
