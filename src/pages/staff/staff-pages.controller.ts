/** The pages on which staff ask, approve, refuse and look. A look is a form, never a link: it writes an entry. */
import { Body, Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { failureOf } from '../../http/failure.js';
import { bodyBytesMax } from '../../http/limits.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import type { Code } from '../../kernel/errors.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import { StaffLooksService } from '../../staff/staff-looks.service.js';
import { explanationLength, StaffRequestsService } from '../../staff/staff-requests.service.js';
import { FramesService } from '../frames.service.js';
import { OwnDataService } from '../my-records/own-data.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, sendPage, type Visit } from '../visit.js';
import { StaffLookPage } from './look-view.js';
import { StaffNamesService } from './staff-names.service.js';
import type { StaffFailure } from './text.js';
import { type AskDraft, StaffPage } from './view.js';

/** Browsers send one value or several under one name, and lines with CR LF (WHATWG HTML, form submission). */
const askSchema = z.strictObject({
  resident: z.string().max(200).default(''),
  category: z.union([z.string(), z.array(z.string()).max(32)]).default([]),
  reason: z.string().max(63).default(''),
  explanation: z
    .string()
    .max(2 * explanationLength.max)
    .default('')
    .transform((text) => text.replaceAll('\r\n', '\n').trim().slice(0, explanationLength.max)),
});
const decisionSchema = z.strictObject({ decision: z.enum(['approve', 'refuse']) });
const lookSchema = z.strictObject({});

interface Act {
  readonly visit: Visit;
  readonly reply: FastifyReply;
  readonly session: Session;
  /** What was written. */
  readonly draft: AskDraft;
}

/** As many of a category as anybody reads on one page. */
const shownMax = 100;
const nothing: AskDraft = { resident: '', categories: [], reason: '', explanation: '' };

@Controller('staff')
@ApiExcludeController()
@SignedIn('staff')
export class StaffPagesController {
  constructor(
    private readonly frames: FramesService,
    private readonly requests: StaffRequestsService,
    private readonly looks: StaffLooksService,
    private readonly names: StaffNamesService,
    private readonly data: OwnDataService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  @Get()
  async list(@CurrentVisit() visit: Visit, @CurrentSession() session: Session): Promise<string> {
    return page(visit, StaffPage(await this.props(visit, session, nothing, null)));
  }

  @Post()
  async ask(
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Body({ schema: askSchema }) form: z.infer<typeof askSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { resident, reason, explanation } = form;
    const draft = { resident: resident.trim(), reason, explanation, categories: [form.category].flat() };
    const isComplete =
      draft.categories.length > 0 &&
      reason !== '' &&
      explanation.length >= explanationLength.min &&
      draft.resident !== '';
    const ask = () => this.requests.ask(session, { ...draft, login: draft.resident });
    await this.act({ visit, reply, session, draft }, isComplete ? ask : 'incomplete', askFailures);
  }

  @Get([':id/decision', ':id/look'])
  back(@Res() reply: FastifyReply): Promise<void> {
    return goTo(reply, paths.staff);
  }

  @Post(':id/decision')
  async decide(
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Body({ schema: decisionSchema }) { decision }: z.infer<typeof decisionSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.act(
      { visit, reply, session, draft: nothing },
      () => this.requests[decision](session, id),
      decisionFailures,
    );
  }

  @Post(':id/look')
  async look(
    @Body({ schema: lookSchema }) _: z.infer<typeof lookSchema>,
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const looked = await this.looks.look(session, id).catch((error: unknown) => toldBy(lookFailures)(error));
    if (typeof looked === 'string') {
      return sendPage(reply, StaffPage(await this.props(visit, session, nothing, looked)));
    }
    const { at, place, request, records } = looked;
    const show = await this.data.showing();
    const frame = await this.frames.of(visit, paths.staff);
    const categories = request.categories.map((code) => {
      const own = records.filter(({ category }) => category === code);
      return { category: this.names.category(code), count: own.length, records: own.slice(0, shownMax).map(show) };
    });
    await sendPage(reply, StaffLookPage({ frame, login: request.login, at, place, categories }), 200);
  }

  /** Does it and leads back to the list; what can be done about a failure is told beside what was written. */
  private async act(
    { visit, reply, session, draft }: Act,
    work: StaffFailure | (() => Promise<unknown>),
    failures: Failures,
  ): Promise<void> {
    const failure = typeof work === 'string' ? work : await work().then(() => null, toldBy(failures));
    if (failure === null) await goTo(reply, paths.staff);
    else await sendPage(reply, StaffPage(await this.props(visit, session, draft, failure)));
  }

  private async props(visit: Visit, session: Session, draft: AskDraft, failure: StaffFailure | null) {
    const [frame, requests] = await Promise.all([
      this.frames.of(visit, paths.staff),
      this.names.requests(await this.requests.list(session), session.id),
    ]);
    return {
      ...{ frame, requests, draft, failure },
      categories: [...this.book.categories.keys()].map((code) => this.names.category(code)),
      reasons: [...this.book.staffReasons.values()],
    };
  }
}

type Failures = Readonly<Partial<Record<Code, StaffFailure>>>;

const askFailures: Failures = {
  'not-found': 'unknown-resident',
  conflict: 'too-many',
  'invalid-request': 'incomplete',
  'unknown-category': 'incomplete',
};
const decisionFailures: Failures = {
  'not-found': 'gone',
  conflict: 'decided',
  forbidden: 'own',
};
const lookFailures: Failures = {
  'not-found': 'gone',
  conflict: 'again',
  forbidden: 'not-approved',
  'log-unavailable': 'log',
  'log-unwitnessed': 'log',
};

/** What can be done something about is told on the page; anything else is an error as everywhere. */
function toldBy(failures: Failures): (error: unknown) => StaffFailure {
  return (error) => {
    const failure = failures[failureOf(error, bodyBytesMax).code];
    if (failure === undefined) throw error;
    return failure;
  };
}
