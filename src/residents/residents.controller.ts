/** What a signed-in resident can ask about themselves: who they are to us, who used their data, and the proof of each use. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type { Session } from '../http/session.js';
import { CurrentSession, SignedIn } from '../http/session.guard.js';
import { Mistake } from '../kernel/errors.js';
import type { ProvisionReceipt } from '../transparency-log/receipt.js';
import { ageBandAt } from './age-band.js';
import { ResidentsService } from './residents.service.js';
import { type Use, UsesService } from './uses.service.js';

const pageSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.coerce.number().int().min(0).optional(),
});

@Controller('v1/me')
@SignedIn('resident')
export class ResidentsController {
  constructor(
    private readonly residents: ResidentsService,
    private readonly uses: UsesService,
  ) {}

  @Get()
  async me(@CurrentSession() { id }: Session): Promise<Record<string, unknown>> {
    const resident = await this.residents.require(id);
    const { kind, login, language, municipalityCode } = resident;
    const ageBand = ageBandAt(resident, new Date());
    return { name: await this.residents.nameOf(resident), kind, login, language, ageBand, municipalityCode };
  }

  @Get('uses')
  async allUses(
    @CurrentSession() { id }: Session,
    @Query({ schema: pageSchema }) { limit, before }: z.infer<typeof pageSchema>,
  ): Promise<{ uses: Use[]; next: number | null }> {
    const uses = await this.uses.page(id, limit, before ?? null);
    return { uses, next: uses.length === limit ? uses.at(-1)!.index : null };
  }

  @Get('uses/:index/receipt')
  receipt(@CurrentSession() { id }: Session, @Param('index') index: string): Promise<ProvisionReceipt> {
    if (!/^\d{1,15}$/.test(index)) throw new Mistake('not-found', 'there is no such entry about you');
    return this.uses.receipt(id, Number(index));
  }
}
