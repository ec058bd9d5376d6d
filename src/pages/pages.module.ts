/** HTML for residents, recipients, the board and the public: one folder per page, each with its view, its words and its controller. */
import { type DynamicModule, Module } from '@nestjs/common';
import { BoardModule } from '../board/board.module.js';
import type { City } from '../database/city.js';
import { ProgramsModule } from '../programs/programs.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { ResidentsModule } from '../residents/residents.module.js';
import { SourcesModule } from '../sources/sources.module.js';
import { StaffModule } from '../staff/staff.module.js';
import { VaultModule } from '../vault/vault.module.js';
import { AssetsController } from './assets.controller.js';
import { loadAssets } from './assets.js';
import { BoardLogController } from './board-log/board-log.controller.js';
import { DailyCountsService } from './board-log/daily-counts.service.js';
import { LogViewService } from './board-log/log-view.service.js';
import { ServerCheckService } from './board-log/server-check.service.js';
import { BoardProgramsController } from './board-programs/board-programs.controller.js';
import { ReviewController } from './board-review/review.controller.js';
import { NoticeController } from './consent-notice/notice.controller.js';
import { FramesService } from './frames.service.js';
import { FrontController } from './front/front.controller.js';
import { LogStateService } from './log-state.service.js';
import { ConsentsPagesController } from './my-consents/consents-pages.controller.js';
import { OwnConsentsService } from './my-consents/own-consents.service.js';
import { ErasurePageController } from './my-erasure/erasure-page.controller.js';
import { DataController } from './my-records/data.controller.js';
import { ExportEvidenceService } from './my-records/export-evidence.service.js';
import { ExportService } from './my-records/export.service.js';
import { OwnDataService } from './my-records/own-data.service.js';
import { OwnRecordsService } from './my-records/own-records.service.js';
import { RecordsController } from './my-records/records.controller.js';
import { OwnUsesService } from './my-uses/own-uses.service.js';
import { StaffNamesService } from './staff/staff-names.service.js';
import { StaffPagesController } from './staff/staff-pages.controller.js';
import { UsesController } from './my-uses/uses.controller.js';
import { NamesService } from './names.service.js';
import { ASSETS, CITY } from './page-options.js';
import { FailurePagesService } from './problem/failure-pages.service.js';
import { ProgramController } from './program/program.controller.js';
import { DemoAccountsService } from './sign-in/demo-accounts.service.js';
import { ReceiptCheckController } from './receipt-check/receipt-check.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';

const controllers = [
  ...[AssetsController, FrontController, ProgramController, ReceiptCheckController, SignInController],
  ...[
    UsesController,
    DataController,
    RecordsController,
    ErasurePageController,
    ConsentsPagesController,
    NoticeController,
  ],
  ...[BoardLogController, BoardProgramsController, ReviewController, StaffPagesController],
];

const services = [
  ...[ExportService, ExportEvidenceService],
  ...[FramesService, NamesService, LogStateService, FailurePagesService, DemoAccountsService],
  ...[
    OwnUsesService,
    OwnRecordsService,
    OwnDataService,
    OwnConsentsService,
    DailyCountsService,
    LogViewService,
    ServerCheckService,
    StaffNamesService,
  ],
];

@Module({})
export class PagesModule {
  static register({ city }: { city: City }): DynamicModule {
    return {
      module: PagesModule,
      imports: [
        BoardModule,
        ProgramsModule,
        RecipientsModule,
        ResidentsModule,
        SourcesModule,
        StaffModule,
        VaultModule,
      ],
      controllers,
      providers: [{ provide: CITY, useValue: city }, { provide: ASSETS, useFactory: loadAssets }, ...services],
    };
  }
}
