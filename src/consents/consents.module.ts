/** Consents: what residents can be asked, and their answers. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProgramsModule } from '../programs/programs.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { ResidentsModule } from '../residents/residents.module.js';
import { Consent } from './consent.entity.js';
import { RECEIPT_SIGNER, type ReceiptSigner } from './consent-receipt.js';
import { ConsentsController } from './consents.controller.js';
import { ConsentsService } from './consents.service.js';
import { ConsentExpiry } from './expiry.service.js';
import { OffersService } from './offers.service.js';
import { OPERATOR, type Operator } from './operator.js';
import { ReceiptKeysController } from './receipt-keys.controller.js';
import { WithdrawalsService } from './withdrawals.service.js';

export interface ConsentsOptions {
  receiptSigner: ReceiptSigner;
  operator: Operator;
}

@Module({})
export class ConsentsModule {
  static register({ receiptSigner, operator }: ConsentsOptions): DynamicModule {
    return {
      module: ConsentsModule,
      global: true,
      imports: [TypeOrmModule.forFeature([Consent]), ProgramsModule, RecipientsModule, ResidentsModule],
      controllers: [ConsentsController, ReceiptKeysController],
      providers: [
        ...[ConsentsService, WithdrawalsService, OffersService, ConsentExpiry],
        { provide: RECEIPT_SIGNER, useValue: receiptSigner },
        { provide: OPERATOR, useValue: operator },
      ],
      exports: [ConsentsService, WithdrawalsService, OffersService, RECEIPT_SIGNER],
    };
  }
}
