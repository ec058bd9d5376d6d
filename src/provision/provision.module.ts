/** The one door through which data leaves to recipients. */
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { systemClock } from '../kernel/clock.js';
import type { PolicyBook } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { ProgramsModule } from '../programs/programs.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { ResidentsModule } from '../residents/residents.module.js';
import { VaultModule } from '../vault/vault.module.js';
import { BulkService } from './bulk.service.js';
import { DoorService } from './door.service.js';
import { EntrySealingService } from './entry-sealing.service.js';
import { GateService } from './gate.service.js';
import { GrantSweeper } from './grant-sweeper.service.js';
import { CLOCK, JudgementService } from './judgement.service.js';
import { ListService } from './list.service.js';
import { ProvisionsController } from './provisions.controller.js';

@Module({
  imports: [ProgramsModule, RecipientsModule, ResidentsModule, VaultModule],
  controllers: [ProvisionsController],
  providers: [
    ...[DoorService, JudgementService, EntrySealingService],
    GateService,
    ListService,
    BulkService,
    GrantSweeper,
    { provide: CLOCK, useValue: systemClock },
  ],
  exports: [DoorService, GateService, ListService],
})
export class ProvisionModule implements OnModuleInit {
  constructor(
    private readonly gate: GateService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
  ) {}

  onModuleInit(): void {
    this.gate.decideBy(this.book.digest);
  }
}
