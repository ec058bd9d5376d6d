/** The register of recipients. */
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Recipient } from './recipient.entity.js';
import { RecipientsService } from './recipients.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Recipient])],
  providers: [RecipientsService],
  exports: [RecipientsService],
})
export class RecipientsModule {}
