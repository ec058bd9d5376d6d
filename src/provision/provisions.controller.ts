/** The door over HTTP: one resident, the list of those who consent, or a stream over many. Each answer carries its receipt. */
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { Mistake } from '../kernel/errors.js';
import { decodePairwiseId } from '../kernel/pairwise-id.js';
import { type PolicyBook, requireCategory, requirePurpose } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { Authorised, CurrentAuthority } from '../tokens/authority.guard.js';
import type { ProvisionAuthority } from '../tokens/read-authenticator.js';
import { BulkService } from './bulk.service.js';
import { DoorService, type Provided } from './door.service.js';
import type { ReadItem } from './append-item.js';
import { type ListPage, ListService } from './list.service.js';
import { refused } from './refused.js';

const code = z.string().min(1).max(63);
/** PostgreSQL has no year 0. */
const date = z.iso.date().refine((day) => !day.startsWith('0000'), 'there is no year 0');
const pairwiseId = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const window = { from: date.optional(), to: date.optional() };
const isOrdered = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || from < to;
const disordered = { path: ['to'], message: 'the window ends after it starts' };

const readSchema = z
  .strictObject({ program: code, category: z.union([code, z.array(code).max(20)]).optional(), ...window })
  .refine(isOrdered, disordered);
const listSchema = z.strictObject({
  cursor: pairwiseId.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const bulkSchema = z
  .strictObject({
    program: code,
    purpose: code.optional(),
    categories: z.array(code).min(1).max(20).optional(),
    ...window,
    cursor: pairwiseId.optional(),
    limit: z.int().min(1).max(100_000).optional(),
  })
  .refine(isOrdered, disordered);

@Controller('v1')
@Authorised('provision')
export class ProvisionsController {
  constructor(
    private readonly door: DoorService,
    private readonly list: ListService,
    private readonly bulk: BulkService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  @Get('programs/:program/residents')
  residents(
    @CurrentAuthority() authority: ProvisionAuthority,
    @Param('program') program: string,
    @Query({ schema: listSchema }) { cursor, limit }: z.infer<typeof listSchema>,
  ): Promise<ListPage> {
    requireProgram(authority, program);
    return this.list.page(authority.recipientId, program, limit, cursor ?? null);
  }

  @Get('residents/:pairwiseId/records')
  async records(
    @CurrentAuthority() authority: ProvisionAuthority,
    @Param('pairwiseId') name: string,
    @Query({ schema: readSchema }) { program, category, from, to }: z.infer<typeof readSchema>,
  ): Promise<Provided> {
    requireProgram(authority, program);
    const named = decodePairwiseId(name);
    if (named === null) throw new Mistake('invalid-request', 'a pairwise id is 43 characters of base64url');
    const item = this.itemOf(authority, named, category === undefined ? undefined : [category].flat(), from, to);
    const answer = await this.door.pass(item);
    if ('reason' in answer) throw refused(answer.reason);
    return answer;
  }

  @Post('provisions')
  @HttpCode(200)
  async provisions(
    @CurrentAuthority() authority: ProvisionAuthority,
    @Body({ schema: bulkSchema }) body: z.infer<typeof bulkSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    requireProgram(authority, body.program);
    if (body.purpose !== undefined && requirePurpose(this.book, body.purpose).code !== authority.purpose) {
      throw outsideToken();
    }
    const template = this.itemOf(authority, Buffer.alloc(32), body.categories, body.from, body.to);
    await this.bulk.requireStanding(template);
    const lines = this.bulk.lines(template, body.limit ?? Infinity, body.cursor ?? null);
    reply.header('content-type', 'application/x-ndjson; charset=utf-8');
    return new StreamableFile(Readable.from(lines, { objectMode: false, highWaterMark: 16 * 1024 }), {
      type: 'application/x-ndjson; charset=utf-8',
    });
  }

  private itemOf(
    authority: ProvisionAuthority,
    pairwise: Buffer,
    asked: readonly string[] | undefined,
    from: string | undefined,
    to: string | undefined,
  ): ReadItem {
    const categories = [...new Set(asked ?? authority.categories)].sort();
    for (const category of categories) requireCategory(this.book, category);
    if (!categories.every((category) => authority.categories.includes(category))) throw outsideToken();
    const { recipientId, programId, purpose } = authority;
    return { recipientId, pairwiseId: pairwise, programId, purpose, categories, from: from ?? null, to: to ?? null };
  }
}

function requireProgram(authority: ProvisionAuthority, program: string): void {
  if (program !== authority.programId) throw outsideToken();
}

function outsideToken(): Mistake {
  return new Mistake('insufficient-scope', 'the access token is for another program, purpose or category');
}
