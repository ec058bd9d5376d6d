/** `GET /`: everything on it is public, and none of it can be traced to one resident. */
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { LogCountsService } from '../../board/log-counts.service.js';
import { HTTP_SETTINGS, type HttpSettings } from '../../http/http-settings.js';
import { MaybeSignedIn } from '../../http/session.guard.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { FramesService } from '../frames.service.js';
import { LogStateService } from '../log-state.service.js';
import { NamesService } from '../names.service.js';
import { currentVersions } from '../program/program-detail.js';
import { CurrentVisit, page, type Visit } from '../visit.js';
import { FrontPage, type PublicCommands, type PublicCounts, type RegisterRow } from './view.js';

@Controller()
@ApiExcludeController()
@MaybeSignedIn()
export class FrontController {
  constructor(
    private readonly frames: FramesService,
    private readonly programs: ProgramsService,
    private readonly names: NamesService,
    private readonly logState: LogStateService,
    private readonly logCounts: LogCountsService,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  @Get()
  async front(@CurrentVisit() visit: Visit): Promise<string> {
    const [frame, register, log, counts] = await Promise.all([
      this.frames.of(visit),
      this.register(),
      this.logState.now(),
      this.counts(),
    ]);
    return page(visit, FrontPage({ frame, register, log, counts, commands: this.commands(log.verifierKey) }));
  }

  private async register(): Promise<RegisterRow[]> {
    const programs = currentVersions(await this.programs.register());
    return Promise.all(
      programs.map(async ({ id, status, endsAt: until, recipientId, application: { title, terms } }) => ({
        ...{ id, title, status, until },
        recipient: (await this.names.recipient(recipientId)).name,
        purposes: [...new Set(terms.items.map(({ purpose }) => purpose))].map((code) => this.names.purpose(code)),
        categories: [...new Set(terms.items.map(({ category }) => category))].map((code) => this.names.category(code)),
      })),
    );
  }

  private async counts(): Promise<PublicCounts> {
    const { upTo, consentsInForce, provisions, refusals, withdrawals, otherBasis, staff } =
      await this.logCounts.counts();
    return {
      counted: upTo,
      activeConsents: consentsInForce,
      provisions,
      refusals,
      withdrawals,
      withoutConsent: otherBasis,
      staff,
    };
  }

  private commands(verifierKey: string): PublicCommands {
    const log = `${this.settings.address.origin}/log`;
    return {
      keepCheckpoint: `curl -o checkpoint.txt ${log}/checkpoint`,
      checkConsistency: `npm run azukari -- verify consistency checkpoint.txt ${log} --vkey "${verifierKey}"`,
      checkReceipt: `npm run azukari -- verify receipt receipt.json --vkey "${verifierKey}"`,
    };
  }
}
