/** Programs and the board's decisions on them. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { ResidentsModule } from '../residents/residents.module.js';
import { BoardMember } from './board-member.entity.js';
import { ConsentEndings } from './consent-endings.service.js';
import { ProgramDecision } from './program-decision.entity.js';
import { Program } from './program.entity.js';
import { ProgramTransitions } from './program-transitions.service.js';
import { ProgramsController } from './programs.controller.js';
import { ProgramsService } from './programs.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Program, ProgramDecision, BoardMember]), RecipientsModule, ResidentsModule],
  controllers: [ProgramsController],
  providers: [ProgramsService, ProgramTransitions, ConsentEndings],
  exports: [ProgramsService, ConsentEndings, TypeOrmModule],
})
export class ProgramsModule {}
