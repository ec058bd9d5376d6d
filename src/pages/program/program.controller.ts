/** `GET /programs/:id`: one program for everybody. */
import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ConsentsService } from '../../consents/consents.service.js';
import { MaybeSignedIn } from '../../http/session.guard.js';
import { Mistake } from '../../kernel/errors.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { FramesService } from '../frames.service.js';
import { NamesService } from '../names.service.js';
import { CurrentVisit, page, type Visit } from '../visit.js';
import { currentVersions, decisionOn, historyOf, programDetailOf } from './program-detail.js';
import { ProgramPage } from './view.js';

@Controller('programs')
@ApiExcludeController()
@MaybeSignedIn()
export class ProgramController {
  constructor(
    private readonly frames: FramesService,
    private readonly programs: ProgramsService,
    private readonly consents: ConsentsService,
    private readonly names: NamesService,
  ) {}

  @Get(':id')
  async program(@CurrentVisit() visit: Visit, @Param('id') id: string): Promise<string> {
    const versions = (await this.programs.register()).filter((program) => program.id === id);
    const [program] = currentVersions(versions);
    if (!program) throw new Mistake('not-found', 'there is no such program');
    const [frame, recipient, decisions, changes, ownConsent] = await Promise.all([
      this.frames.of(visit),
      this.names.recipient(program.recipientId),
      this.programs.decisionsOn(id),
      this.programs.statusChangesOf(id),
      this.ownConsent(visit, id),
    ]);
    return page(
      visit,
      ProgramPage({
        frame,
        program: programDetailOf(program, recipient, this.names),
        decision: decisionOn(program.version, decisions),
        history: historyOf(versions, decisions, changes),
        ownConsent,
      }),
    );
  }

  /** The answer in force that the resident looking at the page has given. */
  private async ownConsent({ session }: Visit, program: string): Promise<string | null> {
    if (session?.kind !== 'resident') return null;
    const own = await this.consents.allOf(session.id);
    const inForce = own.find(({ programId, state }) => programId === program && ['active', 'paused'].includes(state));
    return inForce?.id ?? null;
  }
}
