/**
 * A resident's consents over HTTP. Giving one takes a decision and the items; withdrawing takes one request with nothing in it, or with the
 * items that are withdrawn.
 */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Pool } from 'pg';
import { z } from 'zod';
import { APP_POOL } from '../database/connections.js';
import { IdempotencyKey, type IdempotencyHeader, withIdempotency } from '../http/idempotency.js';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import { isUuid } from '../kernel/ids.js';
import { Mistake } from '../kernel/errors.js';
import { type CityLog, placeIn } from '../transparency-log/city-logs.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { type Consent, decodeItem } from './consent.entity.js';
import type { ConsentNotice } from './consent-notice.js';
import { ConsentsService, type Given } from './consents.service.js';
import { OffersService } from './offers.service.js';
import { type Narrowed, WithdrawalsService, type Withdrawn } from './withdrawals.service.js';

const code = z.string().min(1).max(63);
const language = z.enum(['ja', 'en']);
const itemsSchema = z.array(z.strictObject({ purpose: code, category: code })).max(60);
const answerSchema = z.strictObject({
  program: code,
  decision: z.enum(['give', 'refuse']),
  items: itemsSchema.default([]),
  language: language.default('ja'),
  noticeSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
const withdrawalSchema = z
  .strictObject({ reason: z.string().max(500).optional(), items: itemsSchema.optional() })
  .optional();
const noticeQuerySchema = z.strictObject({ language: language.default('ja') });

@Controller('v1/consents')
@SignedIn('resident')
export class ConsentsController {
  constructor(
    private readonly consents: ConsentsService,
    private readonly withdrawals: WithdrawalsService,
    private readonly offers: OffersService,
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly log: LogStoreService,
  ) {}

  @Post()
  @HttpCode(201)
  async answer(
    @CurrentSession() { id: residentId }: Session,
    @IdempotencyKey() idempotency: IdempotencyHeader,
    @Body({ schema: answerSchema }) body: z.infer<typeof answerSchema>,
  ): Promise<{ id: string } & Omit<Given, 'consentId'>> {
    const prepared = await this.consents.prepare(residentId, { ...body, programId: body.program }, new Date());
    const subject = `resident:${residentId}`;
    const { answer } = await withIdempotency(this.pool, { ...idempotency, subject }, async (transaction) => ({
      status: 201,
      answer: await this.consents.record(transaction, prepared),
    }));
    await this.consents.journalSuperseded(residentId, answer);
    this.consents.settled();
    const { consentId: id, ...given } = answer;
    return { id, ...given };
  }

  @Get()
  async all(@CurrentSession() { id }: Session): Promise<{ consents: unknown[] }> {
    const logs = await this.log.logs();
    return { consents: (await this.consents.allOf(id)).map((consent) => consentAnswer(consent, logs)) };
  }

  /** What has to be read before answering to a program. */
  @Get('notices/:program')
  async notice(
    @CurrentSession() { id }: Session,
    @Param('program') program: string,
    @Query({ schema: noticeQuerySchema }) query: z.infer<typeof noticeQuerySchema>,
  ): Promise<Omit<ConsentNotice, 'sha256'> & { sha256: string; items: readonly unknown[] }> {
    const offer = await this.offers.require(id, program, query.language);
    const { sha256, ...notice } = offer.notice;
    return { ...notice, sha256: sha256.toString('hex'), items: offer.program.application.terms.items };
  }

  @Get(':id')
  async one(@CurrentSession() { id: residentId }: Session, @Param('id') id: string): Promise<unknown> {
    return consentAnswer(await this.consents.require(residentId, requireUuid(id)), await this.log.logs());
  }

  @Get(':id/receipt')
  async receipt(@CurrentSession() { id: residentId }: Session, @Param('id') id: string): Promise<{ receipt: string }> {
    return { receipt: (await this.consents.require(residentId, requireUuid(id))).receipt };
  }

  @Post(':id/withdrawal')
  @HttpCode(200)
  async withdraw(
    @CurrentSession() { id: residentId }: Session,
    @Param('id') id: string,
    @Body({ schema: withdrawalSchema }) body: z.infer<typeof withdrawalSchema>,
  ): Promise<Withdrawn | Narrowed> {
    const request = { items: body?.items ?? null, reason: body?.reason ?? null };
    return this.withdrawals.withdraw(residentId, id, request, new Date());
  }
}

function requireUuid(id: string): string {
  if (!isUuid(id)) throw new Mistake('not-found', 'there is no such consent of yours');
  return id;
}

/** The places of its entries are those in their logs. */
function consentAnswer(consent: Consent, logs: readonly CityLog[]): unknown {
  const {
    id,
    recipientId,
    programId,
    programVersion,
    state,
    items,
    supersedes,
    givenAt,
    endsAt,
    endedAt,
    endedBy,
    logIndex,
    endLogIndex,
  } = consent;
  const placeOf = (index: number) => placeIn(logs, index).index;
  return {
    ...{ id, recipient: recipientId, program: programId, version: programVersion, state },
    ...{ items: items.map(decodeItem), supersedes, givenAt, endsAt, endedAt, endedBy },
    ...{ logIndex: placeOf(logIndex), endLogIndex: endLogIndex === null ? null : placeOf(endLogIndex) },
  };
}
