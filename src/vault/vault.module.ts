/** Sealed personal data: taking it in. It leaves through the gate only. */
import { Module } from '@nestjs/common';
import { ResidentsModule } from '../residents/residents.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { DepositsController } from './deposits.controller.js';
import { DepositsService } from './deposits.service.js';
import { ErasureController } from './erasure.controller.js';
import { ErasureService } from './erasure.service.js';
import { ErasureSweeper } from './erasure-sweeper.service.js';
import { OwnAccessController } from './own-access.controller.js';
import { OwnAccessService } from './own-access.service.js';
import { HoldingsService } from './holdings.service.js';
import { StatutorySweeper } from './statutory-sweeper.service.js';
import { StatutoryKeysService } from './statutory-keys.service.js';

@Module({
  imports: [ResidentsModule, SourcesModule],
  controllers: [DepositsController, ErasureController, OwnAccessController],
  providers: [
    DepositsService,
    ErasureService,
    ErasureSweeper,
    HoldingsService,
    OwnAccessService,
    StatutoryKeysService,
    StatutorySweeper,
  ],
  exports: [DepositsService, ErasureService, HoldingsService, OwnAccessService, StatutoryKeysService],
})
export class VaultModule {}
