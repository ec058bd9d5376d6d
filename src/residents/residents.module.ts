/** Residents and their keys. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CompletenessController } from './completeness.controller.js';
import { CompletenessFilesService } from './completeness-files.service.js';
import { CompletenessService } from './completeness.service.js';
import { ResidentKeysService } from './resident-keys.service.js';
import { Resident } from './resident.entity.js';
import { ResidentsController } from './residents.controller.js';
import { ResidentsService } from './residents.service.js';
import { UsesService } from './uses.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Resident])],
  controllers: [ResidentsController, CompletenessController],
  providers: [ResidentsService, ResidentKeysService, UsesService, CompletenessService, CompletenessFilesService],
  exports: [ResidentsService, ResidentKeysService, UsesService, CompletenessService],
})
export class ResidentsModule {}
