/** The ethics board's view. */
import { Module } from '@nestjs/common';
import { ProgramsModule } from '../programs/programs.module.js';
import { BoardService } from './board.service.js';
import { LogCountsService } from './log-counts.service.js';

@Module({
  imports: [ProgramsModule],
  providers: [BoardService, LogCountsService],
  exports: [BoardService, LogCountsService, ProgramsModule],
})
export class BoardModule {}
