/**
 * The history of a log's keys as its entries tell it, and what must be true of it: a key carries the log's name, comes once, goes once, and
 * never the last of all; and a checkpoint is signed by a key that stands at its size. A log whose entries name no key at all is held to
 * the pinned key alone.
 */
import type { OpenCheckpoint } from '../checkpoint.js';
import type { EntryOf } from '../entry.js';
import { type FindingCode, VerificationError } from '../finding.js';
import { encodeVerifierKey, parseVerifierKey } from '../note-key.js';
import { keysSigning, type KeyStanding, standingKeys } from './key-standing.js';

type Found = (code: FindingCode, message: string) => void;

export class KeyRules {
  private readonly history = new Map<string, KeyStanding>();

  constructor(private readonly origin: string) {}

  /** In the order of their introduction. */
  get keys(): KeyStanding[] {
    return [...this.history.values()];
  }

  /** Takes the key entry at `index`. */
  next(index: number, { key: vkey, status }: EntryOf<'key'>, found: Found): void {
    const id = vkey.split('+')[1]!;
    const known = this.history.get(vkey);
    if (status === 'introduced') {
      if (known) return found('key-misplaced', `key ${id} was introduced before`);
      const fault = faultOf(vkey, this.origin);
      if (fault !== null) return found('key-misplaced', `key ${id} is not one of this log: ${fault}`);
      this.history.set(vkey, { vkey, introducedAt: index, retiredAt: null });
      return;
    }
    if (!known || known.retiredAt !== null) return found('key-misplaced', `key ${id} does not stand`);
    if (standingKeys(this.keys).length === 1) found('key-misplaced', `key ${id} was the only one`);
    this.history.set(vkey, { ...known, retiredAt: index });
  }

  /** Null when a key that stands at its size has signed it, else the sentence that says so. The entries below its size have been taken. */
  faultOfSigners({ size, signers }: Pick<OpenCheckpoint, 'size' | 'signers'>): string | null {
    if (this.history.size === 0) return null;
    const standing = keysSigning(this.keys, size).map(({ vkey }) => vkey);
    if (signers.map(encodeVerifierKey).some((vkey) => standing.includes(vkey))) return null;
    const others = signers.map(({ keyId }) => keyId.toString(16).padStart(8, '0')).join(', ');
    return `the checkpoint of size ${size} is signed by ${others}, which the log never introduced or had retired before`;
  }
}

function faultOf(vkey: string, origin: string): string | null {
  try {
    const { name } = parseVerifierKey(vkey);
    return name === origin ? null : `its name is ${name}`;
  } catch (error) {
    if (error instanceof VerificationError) return error.message;
    throw error;
  }
}
