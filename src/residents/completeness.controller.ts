/** What a signed-in resident takes home to check the list of accesses to their data: the key, the proof, and what we found ourselves. */
import { Controller, Get, Header, Param } from '@nestjs/common';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
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

  /** The proof that the list is complete, for every organisation and every index of the log that is open. */
  @Get('completeness-file')
  @Header('content-disposition', 'attachment; filename="azukari-completeness.json"')
  completenessFile(@CurrentSession() { id }: Session): Promise<CompletenessFile> {
    return this.files.completenessFile(id);
  }

  /** The same of one log, by its name: of those that are closed. */
  @Get('completeness-file/:log')
  @Header('content-disposition', 'attachment; filename="azukari-completeness.json"')
  completenessFileOf(@CurrentSession() { id }: Session, @Param('log') log: string): Promise<CompletenessFile> {
    return this.files.completenessFile(id, log);
  }

  /** What the page says, as this service has verified it. */
  @Get('completeness')
  state(@CurrentSession() { id }: Session): Promise<Completeness> {
    return this.completeness.of(id);
  }
}
