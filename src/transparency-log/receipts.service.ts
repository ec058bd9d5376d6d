/** Provision receipts: entry, opening of its commitment, and the proof that a published checkpoint covers it (c2sp.org/tlog-proof). */
import { Injectable } from '@nestjs/common';
import { toBase64url } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { logOf } from './city-logs.js';
import { VerificationError } from './finding.js';
import { LogStoreService, type PublishedCheckpoint } from './log-store.service.js';
import { encodeProof } from './proof.js';
import type { ProvisionReceipt } from './receipt.js';
import { proveInclusion } from './tiles.js';

@Injectable()
export class ReceiptsService {
  constructor(private readonly store: LogStoreService) {}

  /**
   * The proof text that the entry of this number is in its log. Throws `log-unavailable` when that log was closed a moment ago and its last checkpoint
   * is not signed yet.
   * @param checkpoint covers the entry, or belongs to a later log: then it is the last one of the entry's own log that proves it.
   */
  async proof(index: number, checkpoint: PublishedCheckpoint): Promise<string> {
    const { base, size, note } = index >= checkpoint.base ? checkpoint : await this.last(index);
    const own = index - base;
    try {
      const hashes = await proveInclusion(own, size, this.store.tilesOf(base));
      return encodeProof({ index: own, hashes, checkpoint: note });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      // The database has fewer entries than the checkpoint covers. The signer finds that too, and freezes the log.
      throw new Mistake(
        'log-unavailable',
        'the log is not the one that was signed; nothing is provided before that is settled',
      );
    }
  }

  private async last(index: number): Promise<Pick<PublishedCheckpoint, 'base' | 'size' | 'note'>> {
    const { base, size, finalNote } = logOf(await this.store.logs(), index);
    if (size === null || finalNote === null) {
      throw new Mistake('log-unavailable', 'the log of this entry is being closed; ask again in a moment');
    }
    return { base, size, note: finalNote };
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
