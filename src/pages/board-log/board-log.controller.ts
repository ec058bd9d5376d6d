/** `GET /board/log`: the log as the board reads it, with the script that verifies it in the board's own browser. */
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SignedIn } from '../../http/session.guard.js';
import { withVerifier } from '../content-security-policy.js';
import { FramesService } from '../frames.service.js';
import { paths } from '../paths.js';
import { CurrentVisit, page, queryOf, type Visit } from '../visit.js';
import { LogViewService } from './log-view.service.js';
import { ServerCheckService } from './server-check.service.js';
import type { ServerWord } from './verifier.js';
import { BoardLogPage } from './view.js';

@Controller('board/log')
@ApiExcludeController()
@SignedIn('board')
export class BoardLogController {
  constructor(
    private readonly frames: FramesService,
    private readonly view: LogViewService,
    private readonly serverCheck: ServerCheckService,
  ) {}

  @Get()
  log(@CurrentVisit() visit: Visit): Promise<string> {
    return this.show(visit, null);
  }

  /** Changes nothing, so the page itself is the answer; a form because it takes a while. */
  @Post('verification')
  @HttpCode(200)
  async verification(@CurrentVisit() visit: Visit): Promise<string> {
    return this.show(visit, await this.serverCheck.check());
  }

  private async show(visit: Visit, serverWord: ServerWord | null): Promise<string> {
    const before = queryOf(visit.request, 'before');
    const [frame, view] = await Promise.all([
      this.frames.of(visit, serverWord === null ? visit.request.url : paths.boardLog),
      this.view.before(before !== undefined && /^\d{1,15}$/.test(before) ? Number(before) : null),
    ]);
    return page(visit, BoardLogPage({ frame, serverWord, ...view }), withVerifier);
  }
}
