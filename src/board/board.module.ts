/** The ethics board's view. */
import { Module } from '@nestjs/common';
import { ProgramsModule } from '../programs/programs.module.js';
import { BoardService } from './board.service.js';

@Module({ imports: [ProgramsModule], providers: [BoardService], exports: [BoardService, ProgramsModule] })
export class BoardModule {}
