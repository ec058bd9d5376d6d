/** The operator's staff: no private door, but the same gate, by two people and with a reason. */
import { Module } from '@nestjs/common';
import { ResidentsModule } from '../residents/residents.module.js';
import { StaffController } from './staff.controller.js';
import { StaffLooksService } from './staff-looks.service.js';
import { StaffRequestsService } from './staff-requests.service.js';
import { StaffService } from './staff.service.js';
import { StaffSweeper } from './staff-sweeper.service.js';

@Module({
  imports: [ResidentsModule],
  controllers: [StaffController],
  providers: [StaffService, StaffRequestsService, StaffLooksService, StaffSweeper],
  exports: [StaffService, StaffRequestsService, StaffLooksService],
})
export class StaffModule {}
