/** Deposits over HTTP: a source hands over records of one category, many residents at a time, under its bearer token. */
import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Pool } from 'pg';
import { z } from 'zod';
import { APP_POOL } from '../database/connections.js';
import { IdempotencyKey, type IdempotencyHeader, withIdempotency } from '../http/idempotency.js';
import { BodyLimit, depositBodyBytesMax } from '../http/limits.js';
import { RateLimits } from '../http/rate-limit.js';
import { Mistake } from '../kernel/errors.js';
import { type DepositResult, DepositsService } from './deposits.service.js';
import { sourceOf } from './source-authentication.js';

const itemsMax = 1000;
const depositSchema = z.strictObject({
  category: z.string().min(1).max(63),
  items: z
    .array(
      z.strictObject({
        resident: z.string().min(1).max(100),
        recordId: z.string().min(1).max(200),
        // PostgreSQL has no year 0.
        date: z.iso.date().refine((day) => !day.startsWith('0000'), 'there is no year 0'),
        data: z.unknown().refine((data) => data !== undefined, 'a record is needed'),
      }),
    )
    .min(1)
    .max(itemsMax),
});

@Controller('v1/deposits')
export class DepositsController {
  constructor(
    private readonly deposits: DepositsService,
    private readonly rateLimits: RateLimits,
    @Inject(APP_POOL) private readonly pool: Pool,
  ) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(depositBodyBytesMax)
  async deposit(
    @Req() request: FastifyRequest,
    @IdempotencyKey() idempotency: IdempotencyHeader,
    @Body({ schema: depositSchema }) { category, items }: z.infer<typeof depositSchema>,
  ): Promise<{ id: string } & Omit<DepositResult, 'depositId'>> {
    const source = sourceOf(request);
    this.rateLimits.take('source', source.id);
    this.deposits.requireKnown(category);
    if (!source.categories.includes(category)) {
      throw new Mistake('forbidden', 'this source is not registered for this category');
    }
    const prepared = await this.deposits.prepare(source.id, category, items);
    const subject = `source:${source.id}`;
    const { answer } = await withIdempotency(this.pool, { ...idempotency, subject }, async (transaction) => ({
      status: 200,
      answer: await this.deposits.store(transaction, prepared),
    }));
    this.deposits.settled();
    const { depositId: id, ...result } = answer;
    return { id, ...result };
  }
}
