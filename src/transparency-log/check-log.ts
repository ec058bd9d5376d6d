/**
 * The one checker for a whole log: for the auditor, and at the end of every test that touches the log. It trusts a public key and nothing
 * else, recomputes every hash from the entries, and applies every rule of `log-rules.ts`. Streaming: memory does not grow with the
 * size of the log but for a few bytes per entry.
 */
import { isEqual } from '../kernel/bytes.js';
import { toBase64 } from './base64.js';
import { type Checkpoint, openCheckpoint, type OpenCheckpoint, parseCheckpointText, type Trust } from './checkpoint.js';
import { coveredReader, orMissing } from './covered-reader.js';
import { decodeBundle } from './entry-bundle.js';
import { type Entry, parseEntry } from './entry.js';
import { type Finding, toFinding } from './finding.js';
import { openFollowing } from './keys/follow-keys.js';
import type { KeyStanding } from './keys/key-standing.js';
import type { ConsentLedger } from './consent-ledger.js';
import { LogRules } from './log-rules.js';
import { hashAt, hashBytes, leafHashes } from './merkle.js';
import { parseNote } from './note.js';
import { readAhead } from './read-ahead.js';
import { type LogReader, ReadFailure } from './reader.js';
import { verifyReceipt } from './receipt.js';
import { type CompletedTile, RightEdge } from './right-edge.js';
import { entriesThatDiffer, tileThatDiffers } from './tile-differences.js';
import { TagBytes } from './tag.js';
import { bundlePath, tileWidth } from './tile-path.js';
import type { Standing } from './turn/standing.js';

/** Something the auditor brought along, with the name to report it by. */
export interface Evidence {
  readonly label: string;
  readonly content: string | Uint8Array;
}

export interface CheckOptions {
  /** Checkpoints this log signed earlier, from wherever they were kept: each must be a beginning of the log. */
  readonly earlier?: readonly Evidence[];
  /** Provision receipts, as JSON: each must stand in the log. */
  readonly receipts?: readonly Evidence[];
  /** How far time may run backwards between entries. Default 2. */
  readonly toleranceMinutes?: number;
  /** The present, to find entries dated in the future. */
  readonly now?: Date;
  /** What a later log quotes of this one: believed instead of a signed checkpoint. */
  readonly quoted?: { readonly size: number; readonly root: Buffer };
  /** Consents as the log before left them. */
  readonly consentsBefore?: ConsentLedger;
  /** How many findings to keep; all are counted. Default 100. */
  readonly findingsMax?: number;
  /** Sees every entry that can be read, in order. */
  readonly onEntry?: (index: number, entry: Entry) => void;
  readonly onProgress?: (entries: number, size: number) => void;
}

export interface Report {
  readonly origin: string;
  /** Entries the checkpoint covers. */
  readonly size: number;
  /** Base64; empty when there is no checkpoint to believe. */
  readonly root: string;
  /** Every entry was read. Otherwise a finding says where it ended, or `unreadable`. */
  readonly isComplete: boolean;
  /** Why it could not be read on, once something was found. */
  readonly unreadable: string | null;
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
  /** Entries of each kind. */
  readonly counts: Readonly<Partial<Record<Entry['t'], number>>>;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Verified cosignatures on the checkpoint. */
  readonly cosignatures: OpenCheckpoint['cosignatures'];
  /** The log's keys as its entries tell, in the order of their introduction; none where they name none. */
  readonly keys: readonly KeyStanding[];
  /** What stands at the end, to be stated again in a log that follows. */
  readonly standing: Standing;
  /** Consents under the tags of the last month, for a log that follows. */
  readonly consentsOfLastMonth: ConsentLedger;
  /** The checkpoint bears no pinned key's signature: it is believed for a key that an earlier checkpoint vouches for. */
  readonly isFollowed: boolean;
  readonly receiptsChecked: number;
  readonly earlierChecked: number;
}

/** A size at which the log must have had a certain root. */
interface Milestone {
  readonly label: string;
  readonly checkpoint: OpenCheckpoint;
}

/**
 * Checks everything that can be checked. Findings are values; it throws only `ReadFailure` (the log cannot be read, and nothing was found before) and bugs.
 */
export async function checkLog(reader: LogReader, trust: Trust, options: CheckOptions = {}): Promise<Report> {
  const check = new LogCheck(reader, trust, options);
  return check.run();
}

class LogCheck {
  private readonly findings: Finding[] = [];
  private findingsTotal = 0;
  private readonly counts: Partial<Record<Entry['t'], number>> = {};
  private firstAt: string | null = null;
  private lastAt: string | null = null;
  private readonly edge = RightEdge.empty();
  private readonly rules: LogRules;
  /** Of the entry that is looked at. */
  private readonly tag = new TagBytes();
  private milestones: Milestone[] = [];
  private readonly evidence: { label: string; signed: OpenCheckpoint }[] = [];
  private isFollowed = false;
  private readonly receipts = new Map<number, { label: string; line: string }[]>();
  private lastAgreed = 0;
  private readonly disagreeing: { milestone: Milestone; lastAgreed: number }[] = [];
  private hasTileFinding = false;
  private unreadable: string | null = null;

  constructor(
    private reader: LogReader,
    private readonly trust: Trust,
    private readonly options: CheckOptions,
  ) {
    const { toleranceMinutes = 2, now, consentsBefore } = options;
    const rules = {
      ...{ origin: trust.origin, toleranceMinutes },
      ...(now ? { now } : {}),
      ...(consentsBefore ? { consentsBefore } : {}),
    };
    this.rules = new LogRules(rules, (finding) => this.report(finding));
  }

  async run(): Promise<Report> {
    const { quoted } = this.options;
    if (quoted) return this.runQuoted({ origin: this.trust.origin, ...quoted, extensions: [] });
    const note = await this.reader.checkpoint();
    const claimed = this.open(note);
    if (claimed === null) return this.conclude(null, false);
    if (claimed.extensions.length > 0) {
      this.report({ code: 'malformed-checkpoint', place: 'checkpoint', message: 'the checkpoint has extension lines' });
    }
    this.takeEvidence(claimed.size);
    const isComplete = await this.walkAsFarAsItCan(claimed.size);
    const checkpoint = 'signers' in claimed ? claimed : this.follow(note);
    if (checkpoint === null) return this.conclude(null, isComplete);
    if (isComplete) {
      this.compareRoots(checkpoint);
      this.checkSigners(checkpoint);
    }
    return this.conclude(checkpoint, isComplete);
  }

  private async runQuoted(quoted: Checkpoint): Promise<Report> {
    const isComplete = await this.walkAsFarAsItCan(quoted.size);
    if (isComplete) this.compareRoots(quoted);
    return this.conclude(quoted, isComplete);
  }

  /**
   * The checkpoint; or, where only its key is unknown and earlier checkpoints are at hand, what it claims, to be believed when one of
   * those turns out to vouch for that key. Null when there is nothing to go on.
   */
  private open(note: Buffer): OpenCheckpoint | Checkpoint | null {
    try {
      return openCheckpoint(note, this.trust);
    } catch (error) {
      const finding = toFinding(error, 'checkpoint');
      if (finding.code === 'untrusted' && (this.options.earlier ?? []).length > 0) {
        const claimed = parseCheckpointText(parseNote(note).text);
        if (claimed.origin === this.trust.origin) return claimed;
      }
      this.report(finding);
      return null;
    }
  }

  /** An earlier checkpoint of a pinned key, whose root these entries give, vouches for the keys that they introduce. */
  private follow(note: Buffer): OpenCheckpoint | null {
    try {
      const checkpoint = openFollowing(note, this.trust, this.rules.keys.keys, this.lastAgreed);
      this.isFollowed = true;
      return checkpoint;
    } catch (error) {
      this.report(toFinding(error, 'checkpoint'));
      return null;
    }
  }

  /** Of this checkpoint and of the earlier ones: a key that had been retired, or never came, signs nothing that counts. */
  private checkSigners(checkpoint: OpenCheckpoint): void {
    for (const { label, signed } of [{ label: 'checkpoint', signed: checkpoint }, ...this.evidence]) {
      const fault = this.rules.keys.faultOfSigners(signed);
      if (fault !== null) this.report({ code: 'key-not-standing', place: label, message: fault });
    }
  }

  private report(finding: Finding): void {
    this.findingsTotal += 1;
    if (this.findings.length < (this.options.findingsMax ?? 100)) this.findings.push(finding);
  }

  /**
   * Opens what the auditor brought; a receipt's checkpoint is as good as any other earlier one. The log's own signature is enough
   * here: what it once signed binds it, whether a witness saw it or not.
   */
  private takeEvidence(size: number): void {
    const { origin, logKeys } = this.trust;
    for (const { label, content } of this.options.earlier ?? []) {
      try {
        this.milestones.push({ label, checkpoint: openCheckpoint(content, { origin, logKeys }) });
      } catch (error) {
        this.report(toFinding(error, label));
      }
    }
    for (const { label, content } of this.options.receipts ?? []) {
      const receipt = verifyReceipt(Buffer.from(content).toString('utf8'), { origin, logKeys }, {}, label);
      if (!receipt.ok) {
        this.report(receipt.finding);
        continue;
      }
      const { index, line, checkpoint } = receipt;
      this.milestones.push({ label, checkpoint });
      this.receipts.set(index, [...(this.receipts.get(index) ?? []), { label, line }]);
    }
    this.milestones.sort((left, right) => left.checkpoint.size - right.checkpoint.size);
    for (const { label, checkpoint } of this.milestones.filter((milestone) => milestone.checkpoint.size > size)) {
      const message = `the log shows ${size} entries, but signed ${checkpoint.size} before (${label})`;
      this.report({ code: 'rolled-back', place: `entries ${size} to ${checkpoint.size - 1}`, index: size, message });
    }
    this.milestones = this.milestones.filter(({ checkpoint }) => checkpoint.size <= size);
    this.evidence.push(...this.milestones.map(({ label, checkpoint }) => ({ label, signed: checkpoint })));
    this.compareMilestones();
  }

  /** What was found stands, also where the log cannot be read on: else whoever serves it need only fail at its end. */
  private async walkAsFarAsItCan(size: number): Promise<boolean> {
    try {
      return await this.walk(size);
    } catch (error) {
      if (!(error instanceof ReadFailure) || this.findingsTotal === 0) throw error;
      this.unreadable = error.message;
      return false;
    }
  }

  /** Reads all entries in order, and the tiles over them. False when a bundle is not there or does not decode: what follows it cannot be placed. */
  private async walk(size: number): Promise<boolean> {
    const bundles = Math.ceil(size / tileWidth);
    this.reader = coveredReader(this.reader, { origin: this.trust.origin, size });
    const read = async (n: number) => {
      const width = Math.min(tileWidth, size - n * tileWidth);
      const parts = [this.reader.entries(n, width), this.reader.tile(0, n, width)] as const;
      const [bundle, tile] = await Promise.all(parts.map(orMissing));
      return { n, width, bundle: bundle!, tile: tile! };
    };
    for await (const { n, width, bundle, tile } of readAhead(bundles, this.reader.readsAtOnce ?? 1, read)) {
      if ('code' in bundle) this.report(bundle);
      if ('code' in tile) this.reportTile(tile);
      const entries = 'code' in bundle ? null : this.decode(bundle, { n, width });
      if (entries === null) return false;
      const completed = this.take(n * tileWidth, entries, 'code' in tile ? null : tile);
      for (const { level, n: number, hashes: computed } of completed) {
        // Level 0 was compared entry by entry.
        if (level > 0) await this.compareTile(level, number, computed);
      }
      this.options.onProgress?.(n * tileWidth + width, size);
    }
    await this.comparePartialTiles();
    return true;
  }

  /** Null when the bundle does not decode. */
  private decode(bundle: Buffer, place: { n: number; width: number }): Buffer[] | null {
    try {
      return decodeBundle(bundle, place.width);
    } catch (error) {
      this.report(toFinding(error, bundlePath(place)));
      return null;
    }
  }

  private reportTile(finding: Finding): void {
    this.hasTileFinding = true;
    this.report(finding);
  }

  /** The entries of one bundle, from `first` on; without the tile over them where it is missing. Returns the tiles that they completed. */
  private take(first: number, entries: readonly Buffer[], tile: Buffer | null): CompletedTile[] {
    const leaves = leafHashes(entries);
    if (tile !== null) for (const finding of entriesThatDiffer(first, leaves, tile)) this.reportTile(finding);
    // Nobody asks for a root within most bundles, so most are appended as a whole.
    const next = this.milestones[0]?.checkpoint.size ?? Infinity;
    const completed = entries.length === tileWidth && next >= first + tileWidth ? this.edge.appendTile(leaves) : [];
    for (const [position, entry] of entries.entries()) {
      if (this.edge.size === first + position) completed.push(...this.edge.append(hashAt(leaves, position)));
      this.read(first + position, entry);
      if (this.receipts.size > 0) this.compareReceipts(first + position, entry);
      this.compareMilestones();
    }
    return completed;
  }

  private read(index: number, bytes: Buffer): void {
    try {
      const entry = parseEntry(bytes, this.tag);
      this.counts[entry.t] = (this.counts[entry.t] ?? 0) + 1;
      this.firstAt ??= entry.at;
      this.lastAt = entry.at;
      this.rules.next(index, entry, this.tag);
      this.options.onEntry?.(index, entry);
    } catch (error) {
      this.report({ ...toFinding(error, `entry ${index}`), index });
    }
  }

  private compareReceipts(index: number, bytes: Buffer): void {
    for (const { label, line } of this.receipts.get(index) ?? []) {
      if (isEqual(bytes, Buffer.from(line))) continue;
      const message = `entry ${index} is not the one that ${label} was given for`;
      this.report({ code: 'receipt-not-in-log', place: `entry ${index}`, index, message });
    }
  }

  /** Those that the walk has just reached. */
  private compareMilestones(): void {
    while (this.milestones[0]?.checkpoint.size === this.edge.size) {
      const milestone = this.milestones.shift()!;
      if (isEqual(this.edge.root(), milestone.checkpoint.root)) this.lastAgreed = milestone.checkpoint.size;
      else this.disagreeing.push({ milestone, lastAgreed: this.lastAgreed });
    }
  }

  private async compareTile(level: number, n: number, computed: Buffer): Promise<void> {
    const width = computed.length / hashBytes;
    const served = await orMissing(this.reader.tile(level, n, width));
    if ('code' in served) return this.reportTile(served);
    const finding = tileThatDiffers(level, n, computed, served);
    if (finding) this.reportTile(finding);
  }

  private async comparePartialTiles(): Promise<void> {
    for (const { level, n } of this.edge.partialTiles()) {
      if (level > 0) await this.compareTile(level, n, this.edge.partialHashes(level));
    }
  }

  private compareRoots(checkpoint: Checkpoint): void {
    const isSigned = isEqual(this.edge.root(), checkpoint.root);
    if (!isSigned) {
      const cause = this.hasTileFinding
        ? 'see the findings about its tiles'
        : 'entries and tiles agree with one another: both were rewritten after the checkpoint was signed';
      const place = `entries ${this.lastAgreed} to ${checkpoint.size - 1}`;
      this.report({ code: 'root-differs', place, message: `${place} do not give the signed root; ${cause}` });
    }
    for (const { milestone, lastAgreed } of this.disagreeing) {
      const { size } = milestone.checkpoint;
      const place = size > lastAgreed ? `entries ${lastAgreed} to ${size - 1}` : `checkpoints of size ${size}`;
      // With today's root good and yesterday's not, the log itself signed both; otherwise somebody may have altered what we read.
      this.report({
        code: isSigned ? 'forked' : 'root-differs',
        place,
        index: lastAgreed,
        message: `${place} are not those covered by the checkpoint of size ${size} (${milestone.label})`,
      });
    }
  }

  private conclude(checkpoint: OpenCheckpoint | Checkpoint | null, isComplete: boolean): Report {
    return {
      origin: this.trust.origin,
      size: checkpoint?.size ?? 0,
      root: checkpoint ? toBase64(checkpoint.root) : '',
      ...{ isComplete, unreadable: this.unreadable },
      findings: this.findings,
      findingsTotal: this.findingsTotal,
      counts: this.counts,
      firstAt: this.firstAt,
      lastAt: this.lastAt,
      cosignatures: checkpoint && 'cosignatures' in checkpoint ? checkpoint.cosignatures : [],
      keys: this.rules.keys.keys,
      ...{ standing: this.rules.standing, consentsOfLastMonth: this.rules.consentsOfLastMonth },
      isFollowed: this.isFollowed,
      receiptsChecked: this.options.receipts?.length ?? 0,
      earlierChecked: this.options.earlier?.length ?? 0,
    };
  }
}
