/**
 * The private keys that sign a checkpoint: as the entries it covers say, by the verifier's own rules, and as far as they are on this machine. Nothing
 * else counts, neither a table nor a setting; and a key that nobody here has ever had is vouched for by no signature of ours.
 */
import { Logger } from '@nestjs/common';
import { closeOf } from '../ends-of-log.js';
import { parseEntry } from '../entry.js';
import { VerificationError } from '../finding.js';
import type { KeyRing } from '../keys/key-ring.js';
import { KeyRules } from '../keys/key-rules.js';
import { keysSigning, type KeyStanding } from '../keys/key-standing.js';
import { encodeVerifierKey, type SigningKey } from '../note-key.js';
import { LogDiffers } from './log-differs.js';
import type { KeyLine, LogHead } from './log-head.js';

const complainEveryMs = 60_000;

export class SigningKeys {
  private readonly logger = new Logger('signer');
  private complainedAt = -Infinity;

  constructor(
    private readonly origin: string,
    private readonly ring: KeyRing,
  ) {}

  /**
   * Those that sign the checkpoint of `head`, the oldest first. Where one of two is missing the other signs alone; but the first checkpoint over
   * a key's introduction is signed only where that key is: whoever can write into the database could otherwise have us vouch for theirs.
   * @param signed what the last checkpoint covers
   * @throws LogDiffers when the entries tell of keys what cannot be
   */
  async of(head: LogHead, signed: number): Promise<SigningKey[]> {
    const signing = keysSigning(historyOf(head.keys, this.origin), head.size);
    const here = await this.ring.findAll(signing.map(({ vkey }) => vkey));
    const others = signing.filter(({ vkey }) => !here.some((key) => isOf(key, vkey)));
    const introduced = others.find(({ introducedAt }) => introducedAt >= signed);
    if (introduced) {
      throw new Error(`entry ${introduced.introducedAt} introduces a key whose file is not in the keys' directory`);
    }
    const sentence = `${here.length} of the log's ${signing.length} signing keys are in the keys' directory`;
    if (here.length === 0) throw new Error(sentence);
    if (others.length > 0) this.complain(sentence);
    return here;
  }

  /** As for a key's introduction: the last entry of a log vouches for the first key of the next, so it is signed only where that key is. */
  async requireNext({ last, size }: LogHead): Promise<void> {
    const close = last && closeOf(last);
    if (close && (await this.ring.find(close.key)) === null) {
      throw new Error(`entry ${size - 1} names a key of the next log whose file is not in the keys' directory`);
    }
  }

  private complain(sentence: string): void {
    if (performance.now() - this.complainedAt < complainEveryMs) return;
    this.complainedAt = performance.now();
    this.logger.warn(sentence);
  }
}

function isOf(key: SigningKey, vkey: string): boolean {
  return encodeVerifierKey(key) === vkey;
}

function historyOf(lines: readonly KeyLine[], origin: string): KeyStanding[] {
  const rules = new KeyRules(origin);
  for (const { index, entry: bytes } of lines) {
    const differs = (message: string) => new LogDiffers(`entry ${index} (key): ${message}`);
    try {
      const entry = parseEntry(bytes);
      if (entry.t !== 'key') continue;
      rules.next(index, entry, (_code, message) => {
        throw differs(message);
      });
    } catch (error) {
      if (error instanceof VerificationError) throw differs(error.message);
      throw error;
    }
  }
  return rules.keys;
}
