/** A log that the test plays, honest or not: numbered leaves, the naive definitions of RFC 6962, and the log's real key. */
import { toBase64 } from '../../src/transparency-log/base64.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { encodeVerifierKey, generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { naiveConsistencyProof, naiveRoot, numberedLeaves } from '../transparency-log/naive-tree.js';

export class GrowingLog {
  readonly key;
  readonly vkey;

  /** @param leaves all that it will ever have. */
  constructor(
    readonly origin = 'minatono.azukari.example/log/2026',
    private readonly leaves = numberedLeaves(300),
    skey = generateNoteKey(origin).skey,
  ) {
    this.key = parseSigningKey(skey);
    this.vkey = encodeVerifierKey(this.key);
  }

  /** Signed by the same key, with the same entries below `from` and others from there on. */
  fork(from: number): GrowingLog {
    const others = numberedLeaves(600).slice(300);
    const fork = new GrowingLog(this.origin, [...this.leaves.slice(0, from), ...others.slice(from)]);
    return Object.assign(fork, { key: this.key, vkey: this.vkey });
  }

  root(size: number): Buffer {
    return naiveRoot(this.leaves.slice(0, size));
  }

  checkpoint(size: number, root = this.root(size), key = this.key): string {
    return signCheckpoint({ origin: this.origin, size, root }, key);
  }

  proof(oldSize: number, size: number): string[] {
    return oldSize === 0 || oldSize > size
      ? []
      : naiveConsistencyProof(oldSize, this.leaves.slice(0, size)).map(toBase64);
  }

  /** The request as the text of c2sp.org/tlog-witness spells it. */
  request(oldSize: number, size: number, changes: { proof?: string[]; checkpoint?: string } = {}): string {
    const { proof = this.proof(oldSize, size), checkpoint = this.checkpoint(size) } = changes;
    return `old ${oldSize}\n${proof.map((line) => `${line}\n`).join('')}\n${checkpoint}`;
  }
}
