/**
 * Whether the list of a resident's entries is complete, and up to when (design section 6). Nothing is said before the proofs have been verified
 * against the published checkpoint, for every organisation ever registered and every month, by the code that verifies them at home.
 *
 * State: how far each resident's proofs have been verified, so that a visit verifies only what is new. Indexes never change.
 */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { isEqual, utf8 } from '../kernel/bytes.js';
import type { Uuid } from '../kernel/ids.js';
import { pairwiseIdOf } from '../kernel/pairwise-id.js';
import { type OpenCheckpoint, openCheckpoint } from '../transparency-log/checkpoint.js';
import { type Dated, monthsOf, ResidentTags, stillNeeded } from '../transparency-log/completeness/expected-tags.js';
import { IndexPartsService } from '../transparency-log/completeness/index-parts.service.js';
import { openProvedAs } from '../transparency-log/completeness/proved-entry.js';
import { treeOf, verifyIndexPart } from '../transparency-log/completeness/verify-index-part.js';
import { minuteOf, parseEntry } from '../transparency-log/entry.js';
import { type Finding, VerificationError } from '../transparency-log/finding.js';
import { LogKeysService } from '../transparency-log/keys/log-keys.service.js';
import { LOG_OPTIONS, type LogOptions } from '../transparency-log/log-options.js';
import { LogStoreService, type PublishedCheckpoint } from '../transparency-log/log-store.service.js';
import { parseVerifierKey } from '../transparency-log/note-key.js';
import { ResidentKeysService } from './resident-keys.service.js';

export interface Completeness {
  /** Everything logged before this minute is accounted for; null while nothing is. */
  upTo: Date | null;
  /** Entries about the resident that stand in the log and not in their list, ascending. */
  unlisted: number[];
  /** Recipients that know the resident by a name that is not made of their key, ascending. What stands under such a name is in no proof. */
  foreign: string[];
  /** Whether every proof there should be was there and held. */
  isProved: boolean;
}

interface Progress {
  /** For these organisations. */
  organisations: string;
  /** The entries below this one are accounted for. */
  to: number;
  /** The indexes verified, or the start, as far as the months of the next one depend on them. */
  dated: readonly Dated[];
  own: number[];
}

const rememberedMax = 20_000;

@Injectable()
export class CompletenessService {
  private readonly logger = new Logger('completeness');
  private readonly verified = new Map<Uuid, Progress>();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
    private readonly store: LogStoreService,
    private readonly parts: IndexPartsService,
    private readonly keys: ResidentKeysService,
    private readonly logKeys: LogKeysService,
  ) {}

  async of(residentId: Uuid): Promise<Completeness> {
    const published = await this.store.checkpoint();
    const foreign = await this.foreign(residentId);
    if (published === null) return { upTo: null, unlisted: [], foreign, isProved: true };
    try {
      const { progress, findings } = await this.verify(residentId, published);
      for (const { code, place } of findings) this.logger.error(`${code} at ${place}`);
      const upTo = progress.to === 0 ? null : await this.timeOf(progress.to);
      const unlisted = await this.unlisted(residentId, progress.own);
      return { upTo, unlisted, foreign, isProved: findings.length === 0 };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      this.logger.error(error.message);
      return { upTo: null, unlisted: [], foreign, isProved: false };
    }
  }

  /** Goes on from where the last visit ended; stops before the first index that does not hold. */
  private async verify(
    residentId: Uuid,
    published: PublishedCheckpoint,
  ): Promise<{ progress: Progress; findings: Finding[] }> {
    const logKeys = (await this.logKeys.history()).map(({ vkey }) => parseVerifierKey(vkey));
    const checkpoint = openCheckpoint(published.note, { origin: this.options.origin, logKeys });
    const organisations = await this.organisations(published, checkpoint);
    const { identifierKey } = await this.keys.require(residentId);
    const tags = new ResidentTags(identifierKey);
    let progress = await this.progressOf(residentId, organisations.join(), published, checkpoint);
    const findings: Finding[] = [];
    const ranges = (await this.parts.ranges(published)).filter(({ to }) => to > progress.to);
    const entries = await this.parts.proved(
      ranges.map(({ entry }) => entry),
      published,
    );
    for (const [position, range] of ranges.entries()) {
      const index = entries[position]!;
      const entry = openProvedAs(index, checkpoint, 'index');
      if (entry.from !== progress.to)
        throw new VerificationError('index-missing', `entry ${range.entry} begins with ${entry.from}`);
      const written = { index: range.entry, at: entry.at };
      const expected = tags.all(organisations, monthsOf(entry.from, written, progress.dated));
      const part = await this.parts.part(
        range,
        index,
        expected.map(({ tag }) => tag),
      );
      const shown = verifyIndexPart(part, treeOf(entry), expected, (finding) => findings.push(finding));
      if (findings.length > 0) break;
      progress = {
        ...{ organisations: progress.organisations, to: entry.to },
        dated: stillNeeded(entry.to, [...progress.dated, written]),
        own: [...progress.own, ...shown.map((one) => one.index)],
      };
      this.remember(residentId, progress);
    }
    return { progress, findings };
  }

  /** An organisation that is new may stand in old entries too: then everything is verified again. */
  private async progressOf(
    residentId: Uuid,
    organisations: string,
    published: PublishedCheckpoint,
    checkpoint: OpenCheckpoint,
  ): Promise<Progress> {
    const known = this.verified.get(residentId);
    if (known?.organisations === organisations) return known;
    const [start] = await this.parts.proved([0], published);
    const { at } = openProvedAs(start!, checkpoint, 'start');
    return { organisations, to: 0, dated: [{ index: 0, at }], own: [] };
  }

  private remember(residentId: Uuid, progress: Progress): void {
    if (this.verified.size >= rememberedMax) this.verified.delete(this.verified.keys().next().value!);
    this.verified.set(residentId, progress);
  }

  private async organisations(published: PublishedCheckpoint, checkpoint: OpenCheckpoint): Promise<string[]> {
    const proved = await this.parts.proved(await this.parts.organisations(published), published);
    return [...new Set(proved.map((one) => openProvedAs(one, checkpoint, 'org').org))];
  }

  /** Everything below `to` was logged in this minute or before it, and nothing from `to` on was logged earlier: the log's minutes ascend. */
  private async timeOf(to: number): Promise<Date> {
    const [first] = await this.store.entries(to, to + 1);
    return new Date(minuteOf(parseEntry(utf8(first!.entry)).at));
  }

  /** The database takes the first name it is given for a recipient and a resident; whether it is theirs, only their key tells. */
  private async foreign(residentId: Uuid): Promise<string[]> {
    const { identifierKey } = await this.keys.require(residentId);
    const { rows } = await this.pool.query<{ recipient_id: string; pairwise_id: Buffer }>({
      name: 'names of a resident',
      text: 'SELECT recipient_id, pairwise_id FROM azukari.pairwise WHERE resident_id = $1 ORDER BY 1',
      values: [residentId],
    });
    return rows
      .filter((row) => !isEqual(row.pairwise_id, pairwiseIdOf(identifierKey, row.recipient_id)))
      .map((row) => row.recipient_id);
  }

  /** A void stands in the list beside the provision it takes back, not on a line of its own. */
  private async unlisted(residentId: Uuid, own: readonly number[]): Promise<number[]> {
    const { rows } = await this.pool.query<{ idx: number }>({
      name: 'entries not in the list',
      text: `SELECT e.idx FROM unnest($2::bigint[]) AS own (idx) JOIN azukari.log_entry e ON e.idx = own.idx
             WHERE NOT EXISTS (SELECT FROM azukari.entry_detail d WHERE d.resident_id = $1 AND d.idx =
               coalesce((substring(e.entry FROM '^{"v":1,"t":"void","at":"[^"]+","of":([0-9]+)'))::bigint, e.idx)) ORDER BY 1`,
      values: [residentId, own],
    });
    return rows.map(({ idx }) => idx);
  }
}
