/** The private keys that sign a checkpoint: as the log's own list says, and as far as they are on this machine. */
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import type { KeyRing } from '../keys/key-ring.js';
import { keysSigning } from '../keys/key-standing.js';
import { readLogKeys } from '../keys/log-keys.js';
import type { SigningKey } from '../note-key.js';

const complainEveryMs = 60_000;

export class SigningKeys {
  private readonly logger = new Logger('signer');
  private complainedAt = -Infinity;

  constructor(
    private readonly pool: Pool,
    private readonly ring: KeyRing,
  ) {}

  /**
   * Those that sign the checkpoint of `size`, the oldest first. Where one of two is missing the other signs alone; throws where all are. Ask
   * after the entries below `size` were read: the list changes in the transactions that write its entries.
   */
  async of(size: number): Promise<SigningKey[]> {
    const signing = keysSigning(await readLogKeys(this.pool), size).map(({ vkey }) => vkey);
    const here = await this.ring.findAll(signing);
    if (here.length < signing.length) {
      const sentence = `${here.length} of the log's ${signing.length} signing keys are in the keys' directory`;
      if (here.length === 0) throw new Error(sentence);
      if (performance.now() - this.complainedAt > complainEveryMs) this.logger.warn(sentence);
      this.complainedAt = performance.now();
    }
    return here;
  }
}
