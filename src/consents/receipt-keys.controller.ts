/** The public keys with which anyone can verify a consent receipt (RFC 7517). */
import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { JWK } from 'jose';
import { RECEIPT_SIGNER, ReceiptSigner } from './consent-receipt.js';

@Controller('.well-known')
export class ReceiptKeysController {
  constructor(@Inject(RECEIPT_SIGNER) private readonly signer: ReceiptSigner) {}

  @Get('azukari-receipt-keys')
  @Header('cache-control', 'public, max-age=3600')
  keys(): { keys: JWK[] } {
    return { keys: [this.signer.publicJwk] };
  }
}
