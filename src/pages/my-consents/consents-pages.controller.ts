/**
 * The resident's consents as pages. Withdrawing, a consent or one item of it, is one form with nothing to fill in, answered by the page that
 * says what has stopped. Nothing is looked up for it that could fail and stand in its way.
 */
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { decodeItem } from '../../consents/consent.entity.js';
import { ConsentsService } from '../../consents/consents.service.js';
import { WithdrawalsService } from '../../consents/withdrawals.service.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { FramesService } from '../frames.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, type Visit } from '../visit.js';
import { ConsentPage } from './consent-view.js';
import { OwnConsentsService } from './own-consents.service.js';
import { ConsentsPage } from './view.js';

const nothingSchema = z.strictObject({});
const itemSchema = z.strictObject({ item: z.string().regex(/^[a-z.-]{1,63}\/[a-z.-]{1,63}$/) });

@Controller('my/consents')
@ApiExcludeController()
@SignedIn('resident')
export class ConsentsPagesController {
  constructor(
    private readonly frames: FramesService,
    private readonly consents: ConsentsService,
    private readonly withdrawals: WithdrawalsService,
    private readonly own: OwnConsentsService,
  ) {}

  @Get()
  async all(@CurrentVisit() visit: Visit, @CurrentSession() { id }: Session): Promise<string> {
    const frame = await this.frames.of(visit);
    const [consents, open] = await Promise.all([this.own.all(id), this.own.open(id, frame.language)]);
    return page(visit, ConsentsPage({ frame, consents, open }));
  }

  @Get(':consent')
  async one(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id }: Session,
    @Param('consent') consentId: string,
  ): Promise<string> {
    const frame = await this.frames.of(visit);
    const [own, open] = await Promise.all([this.own.require(id, consentId), this.own.open(id, frame.language)]);
    const isOpen = open.some((program) => program.id === own.consent.program.id);
    return page(visit, ConsentPage({ frame, isOpen, ...own }));
  }

  /** The consent receipt as it was signed: a compact JWS. */
  @Get(':consent/receipt')
  async receipt(
    @CurrentVisit() { reply }: Visit,
    @CurrentSession() { id }: Session,
    @Param('consent') consentId: string,
  ): Promise<string> {
    const { consent } = await this.own.require(id, consentId);
    const { receipt } = await this.consents.require(id, consent.id);
    void reply.header('content-type', 'application/jose');
    void reply.header('content-disposition', `attachment; filename="azukari-consent-${consent.id}.jws"`);
    return receipt;
  }

  @Post(':consent/withdrawal')
  async withdraw(
    @CurrentSession() { id }: Session,
    @Param('consent') consentId: string,
    @Body({ schema: nothingSchema }) _nothing: z.infer<typeof nothingSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.withdrawals.withdraw(id, consentId, { items: null, reason: null }, new Date());
    await goTo(reply, paths.consent(consentId));
  }

  @Post(':consent/withdrawal/item')
  async withdrawItem(
    @CurrentSession() { id }: Session,
    @Param('consent') consentId: string,
    @Body({ schema: itemSchema }) { item }: z.infer<typeof itemSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const request = { items: [decodeItem(item)], reason: null };
    const rest = await this.withdrawals.withdraw(id, consentId, request, new Date());
    await goTo(reply, paths.consent('id' in rest ? rest.id : consentId));
  }
}
