/**
 * `/my/records/data` and `/my/records/export`: a resident looks at their own records, or takes all of them out. Both write an entry into the log, so they
 * are forms; whoever comes to the address otherwise, or reloads it, is led back to the page with the buttons.
 */
import { Body, Controller, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { RECEIPT_SIGNER, type ReceiptSigner } from '../../consents/consent-receipt.js';
import { ConsentsService } from '../../consents/consents.service.js';
import type { City } from '../../database/city.js';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import { type Use, UsesService } from '../../residents/uses.service.js';
import { FramesService } from '../frames.service.js';
import { CITY } from '../page-options.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, type Visit } from '../visit.js';
import { DataPage } from './data-view.js';
import { exportFile } from './export-file.js';
import { OwnDataService } from './own-data.service.js';

const lookSchema = z.strictObject({ category: z.string().min(1).max(63) });
const takeOutSchema = z.strictObject({});

const usesAtOnce = 200;

@Controller('my/records')
@ApiExcludeController()
@SignedIn('resident')
export class DataController {
  constructor(
    private readonly frames: FramesService,
    private readonly data: OwnDataService,
    private readonly consents: ConsentsService,
    private readonly uses: UsesService,
    @Inject(RECEIPT_SIGNER) private readonly signer: ReceiptSigner,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    @Inject(CITY) private readonly city: City,
  ) {}

  @Get(['data', 'export'])
  back(@Res() reply: FastifyReply): Promise<void> {
    return goTo(reply, paths.records);
  }

  @Post('data')
  @HttpCode(200)
  async look(
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Body({ schema: lookSchema }) { category }: z.infer<typeof lookSchema>,
  ): Promise<string> {
    const data = await this.data.look(session, category);
    return page(visit, DataPage({ frame: await this.frames.of(visit, paths.records), data }));
  }

  @Post('export')
  @HttpCode(200)
  async takeOut(
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Body({ schema: takeOutSchema }) _: z.infer<typeof takeOutSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { language } = await this.frames.of(visit);
    const { access, shown } = await this.data.takeOut(session);
    const [consents, uses] = await Promise.all([this.consents.allOf(session.id), this.usesOf(session.id)]);
    const city = { ja: this.city.nameJa, en: this.city.nameEn }[language];
    const iriOf = (category: string) => this.book.categories.get(category)?.dpv;
    const parts = { language, city, access, shown, consents, uses, iriOf };
    const { name, zip } = await exportFile(parts, this.signer);
    await reply
      .headers({ 'content-type': 'application/zip', 'content-disposition': `attachment; filename="${name}"` })
      .send(Buffer.from(zip));
  }

  private async usesOf(residentId: string): Promise<Use[]> {
    const all: Use[] = [];
    for (;;) {
      const some = await this.uses.page(residentId, usesAtOnce, all.at(-1)?.index ?? null);
      all.push(...some);
      if (some.length < usesAtOnce) return all;
    }
  }
}
