/**
 * Sigstore's verifier of transparency logs, given the key of one of ours. What is served is taken apart at its lines here and handed over as it is:
 * nothing of ours decides. Sigstore's own logs have an id of 32 bytes, whose first four are the hint in a signature line; here it is C2SP's key id.
 */
import { createPublicKey } from 'node:crypto';
import { VerificationError } from '@sigstore/verify';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyTLogInclusion } from '@sigstore/verify/dist/tlog/index.js';

/** What a receipt says of its entry's place in the log. */
export interface Inclusion {
  readonly entry: Uint8Array;
  /** In decimal digits. */
  readonly index: string;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
}

type Entry = Parameters<typeof verifyCheckpoint>[0];
type Authority = Parameters<typeof verifyCheckpoint>[1][number];

export class SigstoreVerifier {
  private readonly authority: Authority;

  /** @param vkey `<name>+<key id>+<base64(0x01 ‖ public key)>` */
  constructor(vkey: string) {
    const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey)!;
    const x = Buffer.from(material!, 'base64').subarray(1).toString('base64url');
    this.authority = {
      ...{ logID: Buffer.from(id!, 'hex'), baseURL: name! },
      publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
      validFor: { start: new Date(0), end: new Date(0) },
    };
  }

  /** Whether the note is a checkpoint that the log signed. */
  hasSigned(checkpoint: Uint8Array): boolean {
    const entry = this.entryOf({ entry: Buffer.of(), index: '0', hashes: [], checkpoint });
    return accepts(() => verifyCheckpoint(entry, [this.authority]));
  }

  /** Whether the entry stands at its index in the log that the checkpoint is of, and the log signed that. */
  hasIncluded(inclusion: Inclusion): boolean {
    return accepts(() => verifyTLogInclusion(this.entryOf(inclusion), [this.authority]));
  }

  private entryOf({ entry, index, hashes, checkpoint }: Inclusion): Entry {
    return {
      ...{ logIndex: index, logId: { keyId: this.authority.logID }, canonicalizedBody: Buffer.from(entry) },
      inclusionProof: {
        ...{ logIndex: index, hashes: hashes.map((hash) => Buffer.from(hash)) },
        checkpoint: { envelope: Buffer.from(checkpoint).toString('utf8') },
        // Not looked at: both stand in the checkpoint.
        ...{ rootHash: Buffer.of(), treeSize: '0' },
      },
      // Of what else Sigstore's entries have.
      ...{ kindVersion: { kind: '', version: '' }, integratedTime: '0', inclusionPromise: undefined },
    };
  }
}

function accepts(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

/** A receipt taken apart at its lines. */
export function inclusionIn({ entry, proof }: { readonly entry: string; readonly proof: string }): Inclusion {
  const blank = proof.indexOf('\n\n');
  const [, index, ...hashes] = proof.slice(0, blank).split('\n');
  return {
    ...{ entry: Buffer.from(entry), index: index!.slice('index '.length) },
    ...{ hashes: hashes.map((hash) => Buffer.from(hash, 'base64')), checkpoint: Buffer.from(proof.slice(blank + 2)) },
  };
}
