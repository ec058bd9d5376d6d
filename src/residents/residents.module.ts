/** Residents and their keys. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ResidentKeysService } from './resident-keys.service.js';
import { Resident } from './resident.entity.js';
import { ResidentsController } from './residents.controller.js';
import { ResidentsService } from './residents.service.js';
import { UsesService } from './uses.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Resident])],
  controllers: [ResidentsController],
  providers: [ResidentsService, ResidentKeysService, UsesService],
  exports: [ResidentsService, ResidentKeysService, UsesService],
})
export class ResidentsModule {}
