/** The public register of recipients, and the board's power to suspend one. */
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import type { Recipient } from './recipient.entity.js';
import { RecipientsService } from './recipients.service.js';

const reasonText = z.string().trim().min(1).max(2000);
const statusChangeSchema = z.strictObject({ reason: z.strictObject({ ja: reasonText, en: reasonText }) });

@Controller('v1/recipients')
export class RecipientsController {
  constructor(private readonly recipients: RecipientsService) {}

  @Get()
  async all(): Promise<{ recipients: unknown[] }> {
    return { recipients: (await this.recipients.all()).map(answerOf) };
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<unknown> {
    return answerOf(await this.recipients.require(id));
  }

  @Post(':id/suspension')
  @HttpCode(200)
  @SignedIn('board')
  async suspend(
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: statusChangeSchema }) { reason }: z.infer<typeof statusChangeSchema>,
  ): Promise<unknown> {
    await this.recipients.changeStatus(id, 'suspended', { reason, actor });
    return answerOf(await this.recipients.require(id));
  }

  @Post(':id/resumption')
  @HttpCode(200)
  @SignedIn('board')
  async resume(
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: statusChangeSchema }) { reason }: z.infer<typeof statusChangeSchema>,
  ): Promise<unknown> {
    await this.recipients.changeStatus(id, 'active', { reason, actor });
    return answerOf(await this.recipients.require(id));
  }
}

function answerOf({
  id,
  kind,
  nameJa,
  nameEn,
  country,
  municipalityCode,
  status,
  statusChangedAt,
}: Recipient): unknown {
  return { id, kind, name: { ja: nameJa, en: nameEn }, country, municipalityCode, status, statusChangedAt };
}
