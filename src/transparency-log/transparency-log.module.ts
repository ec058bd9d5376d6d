/** The log: reading it, waiting for it, signing it, having it cosigned. */
import { type DynamicModule, Module } from '@nestjs/common';
import { IndexPartsService } from './completeness/index-parts.service.js';
import { IndexerService } from './completeness/indexer.service.js';
import { IndexesController } from './completeness/indexes.controller.js';
import { LogKeysService } from './keys/log-keys.service.js';
import { LogController } from './log.controller.js';
import { LOG_OPTIONS, type LogOptions } from './log-options.js';
import { LogStoreService } from './log-store.service.js';
import { MirrorsService } from './mirrors.service.js';
import { PublicationService } from './publication.service.js';
import { ReceiptsService } from './receipts.service.js';
import { SignerService } from './signer.service.js';
import { CosignerService } from './witness/cosigner.service.js';

@Module({})
export class TransparencyLogModule {
  /** Global: everything that appends tells the signer. */
  static register(options: LogOptions): DynamicModule {
    const log = [LogStoreService, PublicationService, ReceiptsService, MirrorsService, SignerService, CosignerService];
    const shared = [...log, LogKeysService, IndexerService, IndexPartsService];
    return {
      module: TransparencyLogModule,
      global: true,
      controllers: [LogController, IndexesController],
      providers: [{ provide: LOG_OPTIONS, useValue: options }, ...shared],
      exports: [LOG_OPTIONS, ...shared],
    };
  }
}
