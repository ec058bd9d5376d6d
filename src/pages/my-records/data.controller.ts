/**
 * `/my/records/data` and `/my/records/export`: a resident looks at their own records, or exports all of them. Both write an entry into the log, so they
 * are forms; whoever comes to the address otherwise, or reloads it, is led back to the page with the buttons.
 */
import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { FramesService } from '../frames.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, goTo, page, type Visit } from '../visit.js';
import { DataPage } from './data-view.js';
import { ExportService } from './export.service.js';
import { OwnDataService } from './own-data.service.js';

const lookSchema = z.strictObject({ category: z.string().min(1).max(63) });
const exportSchema = z.strictObject({});

@Controller('my/records')
@ApiExcludeController()
@SignedIn('resident')
export class DataController {
  constructor(
    private readonly frames: FramesService,
    private readonly data: OwnDataService,
    private readonly exports: ExportService,
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
  async exportAll(
    @CurrentVisit() visit: Visit,
    @CurrentSession() session: Session,
    @Body({ schema: exportSchema }) _: z.infer<typeof exportSchema>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { language } = await this.frames.of(visit);
    const { name, zip } = await this.exports.fileFor(session, language);
    await reply
      .headers({ 'content-type': 'application/zip', 'content-disposition': `attachment; filename="${name}"` })
      .send(Buffer.from(zip));
  }
}
