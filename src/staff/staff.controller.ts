/** What staff of the operator ask for, approve, refuse and look at, as JSON. A look is a POST, because it writes an entry. */
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import type { Session } from '../http/session.js';
import type { Uuid } from '../kernel/ids.js';
import { type StaffLook, StaffLooksService } from './staff-looks.service.js';
import { explanationLength, type StaffRequest, StaffRequestsService } from './staff-requests.service.js';

const askSchema = z.strictObject({
  /** By the name they sign in with. */
  resident: z.string().min(1).max(200),
  categories: z.array(z.string().min(1).max(63)).min(1).max(32),
  reason: z.string().min(1).max(63),
  explanation: z.string().trim().min(explanationLength.min).max(explanationLength.max),
});
const decisionSchema = z.strictObject({ decision: z.enum(['approve', 'refuse']) });
const lookSchema = z.strictObject({});

@Controller('v1/staff/requests')
@SignedIn('staff')
export class StaffController {
  constructor(
    private readonly requests: StaffRequestsService,
    private readonly looks: StaffLooksService,
  ) {}

  @Get()
  async list(@CurrentSession() session: Session): Promise<{ requests: StaffRequest[] }> {
    return { requests: await this.requests.list(session) };
  }

  @Post()
  async ask(
    @CurrentSession() session: Session,
    @Body({ schema: askSchema }) { resident: login, ...request }: z.infer<typeof askSchema>,
  ): Promise<{ id: Uuid }> {
    return { id: await this.requests.ask(session, { login, ...request }) };
  }

  @Post(':id/decision')
  @HttpCode(200)
  async decide(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Body({ schema: decisionSchema }) { decision }: z.infer<typeof decisionSchema>,
  ): Promise<{ id: Uuid; decision: 'approve' | 'refuse' }> {
    await this.requests[decision](session, id);
    return { id, decision };
  }

  @Post(':id/look')
  @HttpCode(200)
  look(
    // Whoever sends something has mistaken what this does.
    @Body({ schema: lookSchema }) _: z.infer<typeof lookSchema>,
    @CurrentSession() session: Session,
    @Param('id') id: string,
  ): Promise<StaffLook> {
    return this.looks.look(session, id);
  }
}
