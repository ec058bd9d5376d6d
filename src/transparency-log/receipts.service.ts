/** Provision receipts: entry, opening of its commitment, and the proof that a published checkpoint covers it (c2sp.org/tlog-proof). */
import { Injectable } from '@nestjs/common';
import { toBase64url } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { VerificationError } from './finding.js';
import { LogStoreService, type PublishedCheckpoint } from './log-store.service.js';
import { encodeProof } from './proof.js';
import type { ProvisionReceipt } from './receipt.js';
import { proveInclusion } from './tiles.js';

@Injectable()
export class ReceiptsService {
  constructor(private readonly store: LogStoreService) {}

  /** The proof text that the entry at `index` is in the log of `checkpoint`, which covers it. */
  async proof(index: number, checkpoint: PublishedCheckpoint): Promise<string> {
    try {
      const hashes = await proveInclusion(index, checkpoint.size, this.store.readTile);
      return encodeProof({ index, hashes, checkpoint: checkpoint.note });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      // The database has fewer entries than the checkpoint covers. The signer finds that too, and freezes the log.
      throw new Mistake(
        'log-unavailable',
        'the log is not the one that was signed; nothing is provided before that is settled',
      );
    }
  }

  /** @param nonce 32 bytes. @param detail the exact JSON text that the entry's commitment is over. */
  async receipt(
    index: number,
    entry: string,
    nonce: Uint8Array,
    detail: string,
    checkpoint: PublishedCheckpoint,
  ): Promise<ProvisionReceipt> {
    return { entry, nonce: toBase64url(nonce), detail, proof: await this.proof(index, checkpoint) };
  }
}
