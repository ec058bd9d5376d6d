/** Residents and their keys. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ResidentKeysService } from './resident-keys.service.js';
import { Resident } from './resident.entity.js';
import { ResidentsService } from './residents.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Resident])],
  providers: [ResidentsService, ResidentKeysService],
  exports: [ResidentsService, ResidentKeysService],
})
export class ResidentsModule {}
