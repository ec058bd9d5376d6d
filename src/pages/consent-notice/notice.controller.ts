/** The notice before a consent, and the resident's answer to it. What was shown is proved by the hash that comes back with the form. */
import { Body, Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Pool } from 'pg';
import { z } from 'zod';
import { decodeItem } from '../../consents/consent.entity.js';
import { ConsentsService } from '../../consents/consents.service.js';
import { OffersService } from '../../consents/offers.service.js';
import { APP_POOL } from '../../database/connections.js';
import { inTransaction } from '../../database/pool.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { Mistake } from '../../kernel/errors.js';
import { FramesService } from '../frames.service.js';
import type { Frame } from '../layout.js';
import { NamesService } from '../names.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, sendPage, type Visit } from '../visit.js';
import { ConsentNoticePage, type ConsentNoticePageProps } from './view.js';

const item = z.string().regex(/^[a-z.-]{1,63}\/[a-z.-]{1,63}$/);
const answerSchema = z.strictObject({
  decision: z.enum(['give', 'refuse']),
  notice: z.string().regex(/^[0-9a-f]{64}$/),
  language: z.enum(['ja', 'en']),
  item: z.union([item, z.array(item).max(60)]).default([]),
});
type AnswerForm = z.infer<typeof answerSchema>;

@Controller('my/programs')
@ApiExcludeController()
@SignedIn('resident')
export class NoticeController {
  constructor(
    private readonly frames: FramesService,
    private readonly offers: OffersService,
    private readonly consents: ConsentsService,
    private readonly names: NamesService,
    @Inject(APP_POOL) private readonly pool: Pool,
  ) {}

  @Get(':program')
  async notice(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id }: Session,
    @Param('program') program: string,
  ): Promise<string> {
    const frame = await this.frames.of(visit);
    return page(visit, ConsentNoticePage(await this.props(id, program, frame, null)));
  }

  @Post(':program')
  async answer(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id }: Session,
    @Param('program') program: string,
    @Body({ schema: answerSchema }) form: AnswerForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const failed = async (failure: ConsentNoticePageProps['failure']): Promise<void> => {
      const frame = { ...(await this.frames.of(visit, paths.notice(program))), language: form.language };
      await sendPage(reply, ConsentNoticePage(await this.props(id, program, frame, failure)));
    };
    if (form.decision === 'give' && form.item.length === 0) return failed('nothing-chosen');
    try {
      await goTo(reply, paths.consent(await this.record(id, program, form)));
    } catch (error) {
      const failure = error instanceof Mistake ? failureOf(error) : null;
      if (failure === null) throw error;
      await failed(failure);
    }
  }

  private async record(residentId: string, programId: string, form: AnswerForm): Promise<string> {
    const { decision, language, notice: noticeSha256 } = form;
    const items = [form.item].flat().map(decodeItem);
    const answer = { programId, decision, items, language, noticeSha256 };
    const prepared = await this.consents.prepare(residentId, answer, new Date());
    const given = await inTransaction(this.pool, (transaction) => this.consents.record(transaction, prepared));
    await this.consents.journalSuperseded(residentId, given);
    this.consents.settled();
    return given.consentId;
  }

  private async props(
    residentId: string,
    programId: string,
    frame: Frame,
    failure: ConsentNoticePageProps['failure'],
  ): Promise<ConsentNoticePageProps> {
    const { program, recipient, notice } = await this.offers.require(residentId, programId, frame.language);
    const { title, terms } = program.application;
    return {
      ...{ frame, failure },
      program: { id: program.id, title, recipient: { ja: recipient.nameJa, en: recipient.nameEn } },
      items: this.names.items(terms.items),
      notice: {
        name: `${notice.code}/${notice.version}`,
        title: notice.title,
        paragraphs: notice.sections.map(({ text }) => text),
        digest: notice.sha256.toString('hex'),
      },
    };
  }
}

/** What the resident can do something about on the same page. */
function failureOf({ code }: Mistake): ConsentNoticePageProps['failure'] {
  if (code === 'conflict') return 'changed';
  return code === 'policy-forbids' ? 'forbidden' : null;
}
