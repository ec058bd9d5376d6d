/** What a signed-in resident takes home to check the list of accesses to their data: the key, the proof, and what we found ourselves. */
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import { nameOfLog } from '../transparency-log/city-logs.js';
import type { CompletenessFile } from '../transparency-log/completeness/completeness-file.js';
import type { KeyFile } from '../transparency-log/completeness/key-file.js';
import { CompletenessFilesService } from './completeness-files.service.js';
import { type Completeness, CompletenessService } from './completeness.service.js';

@Controller('v1/me')
@SignedIn('resident')
export class CompletenessController {
  constructor(
    private readonly files: CompletenessFilesService,
    private readonly completeness: CompletenessService,
  ) {}

  /** K_id. Whoever has it can find the resident's entries: it goes to the resident only, and is never cached. */
  @Get('identifier-key')
  @Header('content-disposition', 'attachment; filename="azukari-key.json"')
  keyFile(@CurrentSession() { id }: Session): Promise<KeyFile> {
    return this.files.keyFile(id);
  }

  /** The proof that the list is complete, for every organisation and every index of the newest log that has an index. */
  @Get('completeness-file')
  completenessFile(
    @CurrentSession() { id }: Session,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CompletenessFile> {
    return this.download(reply, this.files.completenessFile(id));
  }

  /** The same of one log, by its name: of those that are closed. */
  @Get('completeness-file/:log')
  completenessFileOf(
    @CurrentSession() { id }: Session,
    @Param('log') log: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CompletenessFile> {
    return this.download(reply, this.files.completenessFile(id, log));
  }

  /** What the page says, as this service has verified it. */
  @Get('completeness')
  state(@CurrentSession() { id }: Session): Promise<Completeness> {
    return this.completeness.of(id);
  }

  /** Under a name of its own for each log, so that those of several years lie beside each other. */
  private async download(reply: FastifyReply, made: Promise<CompletenessFile>): Promise<CompletenessFile> {
    const file = await made;
    void reply.header(
      'content-disposition',
      `attachment; filename="azukari-completeness-${nameOfLog(file.origin)}.json"`,
    );
    return file;
  }
}
