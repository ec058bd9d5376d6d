/** Programs over HTTP: recipients apply, the board decides, everybody can read what was ever submitted. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { Pool } from 'pg';
import { z } from 'zod';
import { APP_POOL } from '../database/connections.js';
import { IdempotencyKey, type IdempotencyHeader, withIdempotency } from '../http/idempotency.js';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import type { Finding } from '../policy/program-check.js';
import { Authorised, CurrentAuthority } from '../tokens/authority.guard.js';
import type { ApplicationAuthority } from '../tokens/read-authenticator.js';
import { type Application, applicationSchema } from './application.js';
import type { ProgramDecision } from './program-decision.entity.js';
import type { Program } from './program.entity.js';
import { ProgramsService } from './programs.service.js';

const reasonText = z.string().trim().min(1).max(2000);
const reason = z.strictObject({ ja: reasonText, en: reasonText });
const decisionSchema = z.strictObject({
  decision: z.enum(['approve', 'return', 'refuse']),
  reason,
  /** The version that was read. */
  version: z.int().min(1).optional(),
});
const statusChangeSchema = z.strictObject({ reason });

export interface ProgramAnswer extends Application {
  id: string;
  version: number;
  recipient: string;
  status: Program['status'];
  startsAt: Date;
  endsAt: Date;
  submittedAt: Date | null;
  statusChangedAt: Date;
}

@Controller('v1/programs')
export class ProgramsController {
  constructor(
    private readonly programs: ProgramsService,
    @Inject(APP_POOL) private readonly pool: Pool,
  ) {}

  @Post()
  @Authorised('application')
  async draft(
    @CurrentAuthority() { recipientId }: ApplicationAuthority,
    @IdempotencyKey() idempotency: IdempotencyHeader,
    @Body({ schema: applicationSchema }) application: Application,
  ): Promise<ProgramAnswer & { findings: readonly Finding[] }> {
    const draft = await this.programs.prepareDraft(recipientId, application);
    const subject = `recipient:${recipientId}`;
    const { answer } = await withIdempotency(this.pool, { ...idempotency, subject }, async (transaction) => {
      await this.programs.storeDraft(transaction, draft);
      return { status: 201, answer: { id: draft.id } };
    });
    const program = await this.programs.requireNewest(answer.id);
    return { ...answerOf(program), findings: program.findings };
  }

  @Put(':id')
  @Authorised('application')
  async redraft(
    @CurrentAuthority() { recipientId }: ApplicationAuthority,
    @Param('id') id: string,
    @Body({ schema: applicationSchema }) application: Application,
  ): Promise<ProgramAnswer & { findings: readonly Finding[] }> {
    await this.programs.requireOwn(recipientId, id);
    const program = await this.programs.saveDraft(recipientId, application, id);
    return { ...answerOf(program), findings: program.findings };
  }

  @Post(':id/submission')
  @HttpCode(200)
  @Authorised('application')
  async submit(
    @CurrentAuthority() { recipientId }: ApplicationAuthority,
    @Param('id') id: string,
  ): Promise<ProgramAnswer> {
    return answerOf(await this.programs.submit(recipientId, id));
  }

  @Post(':id/decision')
  @HttpCode(200)
  @SignedIn('board')
  async decide(
    @CurrentSession() { id: memberId }: Session,
    @Param('id') id: string,
    @Body({ schema: decisionSchema }) { decision, reason, version }: z.infer<typeof decisionSchema>,
  ): Promise<ProgramAnswer> {
    return answerOf(await this.programs.decide(id, { memberId, decision, reason, version }));
  }

  @Post(':id/suspension')
  @HttpCode(200)
  @SignedIn('board')
  async suspend(
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: statusChangeSchema }) { reason }: z.infer<typeof statusChangeSchema>,
  ): Promise<ProgramAnswer> {
    return answerOf(await this.programs.changeStatus(id, 'suspended', { reason, actor }));
  }

  @Post(':id/resumption')
  @HttpCode(200)
  @SignedIn('board')
  async resume(
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: statusChangeSchema }) { reason }: z.infer<typeof statusChangeSchema>,
  ): Promise<ProgramAnswer> {
    return answerOf(await this.programs.changeStatus(id, 'active', { reason, actor }));
  }

  @Post(':id/retirement')
  @HttpCode(200)
  @SignedIn('board')
  async retire(
    @CurrentSession() { id: actor }: Session,
    @Param('id') id: string,
    @Body({ schema: statusChangeSchema }) { reason }: z.infer<typeof statusChangeSchema>,
  ): Promise<ProgramAnswer> {
    return answerOf(await this.programs.changeStatus(id, 'retired', { reason, actor }));
  }

  @Get()
  async register(): Promise<{ programs: ProgramAnswer[] }> {
    return { programs: (await this.programs.register()).map(answerOf) };
  }

  @Get(':id')
  async find(@Param('id') id: string): Promise<ProgramAnswer & { decisions: unknown[] }> {
    const program = await this.programs.requirePublic(id);
    return { ...answerOf(program), decisions: (await this.programs.decisionsOn(id)).map(decisionAnswer) };
  }
}

function answerOf({ id, version, recipientId, status, application, ...program }: Program): ProgramAnswer {
  const { startsAt, endsAt, submittedAt, statusChangedAt } = program;
  return {
    id,
    version,
    recipient: recipientId,
    status,
    ...application,
    startsAt,
    endsAt,
    submittedAt,
    statusChangedAt,
  };
}

function decisionAnswer({ programVersion, decision, reason, decidedAt, recordSha256 }: ProgramDecision): unknown {
  return { version: programVersion, decision, reason, decidedAt, record: recordSha256.toString('hex') };
}
