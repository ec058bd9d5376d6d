/** `GET /board`: the board's list of programs. */
import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SignedIn } from '../../http/session.guard.js';
import type { Program } from '../../programs/program.entity.js';
import { ProgramsService } from '../../programs/programs.service.js';
import { FramesService } from '../frames.service.js';
import { NamesService } from '../names.service.js';
import { CurrentVisit, page, type Visit } from '../visit.js';
import { BoardProgramsPage, waitingStatuses, type BoardProgram } from './view.js';

@Controller('board')
@ApiExcludeController()
@SignedIn('board')
export class BoardProgramsController {
  constructor(
    private readonly frames: FramesService,
    private readonly programs: ProgramsService,
    private readonly names: NamesService,
  ) {}

  @Get()
  async list(@CurrentVisit() visit: Visit): Promise<string> {
    const [frame, versions] = await Promise.all([this.frames.of(visit), this.programs.register()]);
    const programs = await Promise.all(newestVersions(versions).map((program) => this.show(program)));
    return page(visit, BoardProgramsPage({ frame, programs }));
  }

  private async show({ id, status, submittedAt, findings, recipientId, application }: Program): Promise<BoardProgram> {
    const { title, terms } = application;
    return {
      ...{ id, title, status, submittedAt, findings: findings.length, reviewOn: terms.reviewOn },
      recipient: await this.names.recipient(recipientId),
      categories: [...new Set(terms.items.map(({ category }) => category))].map((code) => this.names.category(code)),
    };
  }
}

/** The newest version is what the board has before it; what waits longest stands first. */
export function newestVersions(versions: readonly Program[]): Program[] {
  const newest = new Map<string, Program>();
  for (const program of versions.toSorted((left, right) => left.version - right.version))
    newest.set(program.id, program);
  const waits = ({ status }: Program): number => (waitingStatuses.includes(status) ? 0 : 1);
  const submitted = ({ submittedAt }: Program): number => submittedAt?.getTime() ?? 0;
  return [...newest.values()].sort((left, right) => waits(left) - waits(right) || submitted(left) - submitted(right));
}
