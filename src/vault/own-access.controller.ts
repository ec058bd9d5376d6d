/** A resident's own data, as JSON. Each answer stands in the log before it is made; reading is a POST, because it writes an entry. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import type { Session } from '../http/session.js';
import { type OwnAccess, OwnAccessService } from './own-access.service.js';

const lookSchema = z.strictObject({ category: z.string().min(1).max(63) });
const exportSchema = z.strictObject({});

@Controller('v1/me')
@SignedIn('resident')
export class OwnAccessController {
  constructor(private readonly own: OwnAccessService) {}

  @Post('access')
  @HttpCode(200)
  look(
    @CurrentSession() session: Session,
    @Body({ schema: lookSchema }) { category }: z.infer<typeof lookSchema>,
  ): Promise<OwnAccess> {
    return this.own.look(session, category, new Date());
  }

  @Post('export')
  @HttpCode(200)
  exportAll(
    // Whoever sends something has mistaken what this does.
    @Body({ schema: exportSchema }) _: z.infer<typeof exportSchema>,
    @CurrentSession() session: Session,
  ): Promise<OwnAccess> {
    return this.own.exportAll(session, new Date());
  }
}
