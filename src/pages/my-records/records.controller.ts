/** `GET /my/records`: what is kept about the resident who is looking. */
import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CurrentSession, SignedIn } from '../../http/session.guard.js';
import type { Session } from '../../http/session.js';
import { FramesService } from '../frames.service.js';
import { CurrentVisit, page, type Visit } from '../visit.js';
import { OwnRecordsService } from './own-records.service.js';
import { RecordsPage } from './view.js';

@Controller('my/records')
@ApiExcludeController()
@SignedIn('resident')
export class RecordsController {
  constructor(
    private readonly frames: FramesService,
    private readonly own: OwnRecordsService,
  ) {}

  @Get()
  async page(@CurrentVisit() visit: Visit, @CurrentSession() { id }: Session): Promise<string> {
    const [frame, records] = await Promise.all([this.frames.of(visit), this.own.of(id)]);
    return page(visit, RecordsPage({ frame, ...records }));
  }
}
