/** `GET /verify`: anybody checks a provision receipt in their own browser. The page carries the script and the key; the receipt never comes here. */
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { MaybeSignedIn } from '../../http/session.guard.js';
import type { Assets } from '../assets.js';
import { withReceiptVerifier } from '../content-security-policy.js';
import { FramesService } from '../frames.service.js';
import { LogStateService } from '../log-state.service.js';
import { ASSETS } from '../page-options.js';
import { CurrentVisit, page, type Visit } from '../visit.js';
import { ReceiptCheckPage } from './view.js';

@Controller('verify')
@ApiExcludeController()
@MaybeSignedIn()
export class ReceiptCheckController {
  constructor(
    private readonly frames: FramesService,
    private readonly logState: LogStateService,
    @Inject(ASSETS) private readonly assets: Assets,
  ) {}

  @Get()
  async show(@CurrentVisit() visit: Visit): Promise<string> {
    const [frame, { verifierKey, otherKeys }] = await Promise.all([this.frames.of(visit), this.logState.now()]);
    const content = ReceiptCheckPage({ frame, verifierKey, otherKeys, module: this.assets.receiptVerifier });
    return page(visit, content, withReceiptVerifier);
  }
}
