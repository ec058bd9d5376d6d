/**
 * `/my/erasure`: a resident has everything erased. The form is answered by the page that says so, and not by a redirection: what it shows is
 * kept nowhere, and whoever sends it again is signed in no more.
 */
import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ConsentsService } from '../../consents/consents.service.js';
import { HTTP_SETTINGS, type HttpSettings } from '../../http/http-settings.js';
import { clearedSessionCookie } from '../../http/session-cookie.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { ErasureService } from '../../vault/erasure.service.js';
import { HoldingsService } from '../../vault/holdings.service.js';
import { FramesService } from '../frames.service.js';
import { NamesService } from '../names.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, page, sendPage, type Visit } from '../visit.js';
import { confirmation, ErasedPage, ErasurePage, type ErasurePageProps } from './view.js';

const formSchema = z.strictObject({ [confirmation.field]: z.literal(confirmation.value).optional() });

@Controller('my/erasure')
@ApiExcludeController()
@SignedIn('resident')
export class ErasurePageController {
  constructor(
    private readonly frames: FramesService,
    private readonly erasure: ErasureService,
    private readonly holdings: HoldingsService,
    private readonly consents: ConsentsService,
    private readonly names: NamesService,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  @Get()
  async ask(@CurrentVisit() visit: Visit, @CurrentSession() { id }: Session): Promise<string> {
    return page(visit, ErasurePage(await this.props(visit, id, false)));
  }

  @Post()
  async erase(
    @CurrentVisit() visit: Visit,
    @CurrentSession() { id }: Session,
    @Body({ schema: formSchema }) form: z.infer<typeof formSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (form.confirm === undefined) return sendPage(reply, ErasurePage(await this.props(visit, id, true)));
    const { erasedAt, logIndex, receipt } = await this.erasure.erase(id, new Date());
    void reply.header('set-cookie', clearedSessionCookie(this.settings.address.isSecure));
    const frame = this.frames.ofStranger(visit.request);
    const text = receipt && JSON.stringify(receipt, null, 2);
    const isProved = receipt !== null && 'proof' in receipt;
    await sendPage(reply, ErasedPage({ frame, erasedAt, logIndex, receipt: text, isProved }), 200);
  }

  private async props(visit: Visit, residentId: string, isUnconfirmed: boolean): Promise<ErasurePageProps> {
    const [frame, holdings, consents] = await Promise.all([
      this.frames.of(visit, paths.erasure),
      this.holdings.holdingsOf(residentId),
      this.consents.allOf(residentId),
    ]);
    const given = consents.filter(({ state }) => state !== 'refused');
    const codes = [...new Set(given.map(({ recipientId }) => recipientId))].sort();
    return {
      ...{ frame, isUnconfirmed },
      records: holdings.reduce((sum, { records, superseded }) => sum + records + superseded, 0),
      consentsInForce: given.filter(({ state }) => state === 'active' || state === 'paused').length,
      recipients: await Promise.all(codes.map((code) => this.names.recipient(code))),
    };
  }
}
