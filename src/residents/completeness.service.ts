/**
 * Whether the list of a resident's entries is complete, and up to when (design section 6). Nothing is said before the proofs have been verified, log
 * by log: those that are closed against their last checkpoint and to their end, the open one against the published checkpoint; for every
 * organisation ever registered and every month, by the code that verifies them at home.
 *
 * State: how far each resident's proofs have been verified, and which organisations stand in each log as far as it was looked at, so that a visit
 * verifies only what is new. Indexes never change.
 */
import type { KeyObject } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { isEqual, utf8 } from '../kernel/bytes.js';
import type { Uuid } from '../kernel/ids.js';
import { pairwiseIdOf, unitsKeyOf } from '../kernel/pairwise-id.js';
import { type CityLog, type EntryPlace, logOf, nameOfLog, placeIn } from '../transparency-log/city-logs.js';
import { type OpenCheckpoint, openCheckpoint } from '../transparency-log/checkpoint.js';
import { type Dated, monthsOf, ResidentTags, stillNeeded } from '../transparency-log/completeness/expected-tags.js';
import { type CoveredLog, IndexPartsService } from '../transparency-log/completeness/index-parts.service.js';
import { openProvedAs } from '../transparency-log/completeness/proved-entry.js';
import { treeOf, verifyIndexPart } from '../transparency-log/completeness/verify-index-part.js';
import { minuteOf, parseEntry } from '../transparency-log/entry.js';
import { type Finding, VerificationError } from '../transparency-log/finding.js';
import { LogKeysService } from '../transparency-log/keys/log-keys.service.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { parseVerifierKey } from '../transparency-log/note-key.js';
import { ResidentKeysService } from './resident-keys.service.js';

export interface Completeness {
  /** Everything logged before this minute is accounted for; null while nothing is. */
  upTo: Date | null;
  /** Entries about the resident that stand in a log and not in their list, ascending. */
  unlisted: EntryPlace[];
  /** Recipients that know the resident by a name that is not made of their key, ascending. What stands under such a name is in no proof. */
  foreign: string[];
  /** Whether every proof there should be was there and held. */
  isProved: boolean;
  /** The names of the logs that are closed, the oldest first: each has a completeness file of its own. */
  closedLogs: string[];
}

/** Under the checkpoint against which it is verified. */
type VerifiedLog = CoveredLog & { readonly isClosed: boolean };

/** In the numbers of one log. */
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
  /** By resident and base of the log. */
  private readonly verified = new Map<string, Progress>();
  /** By base of the log: those in its first `size` entries, the same for every resident. */
  private readonly known = new Map<number, { size: number; organisations: readonly string[] }>();

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly store: LogStoreService,
    private readonly parts: IndexPartsService,
    private readonly keys: ResidentKeysService,
    private readonly logKeys: LogKeysService,
  ) {}

  async of(residentId: Uuid): Promise<Completeness> {
    const logs = await this.store.logs();
    const closedLogs = logs.filter(({ finalNote }) => finalNote !== null).map(({ origin }) => nameOfLog(origin));
    const foreign = await this.foreign(residentId);
    let upTo: Date | null = null;
    try {
      const own: number[] = [];
      const findings: Finding[] = [];
      let before: ReadonlySet<string> = new Set();
      for (const log of await this.signed(logs)) {
        const verified = await this.verify(residentId, log, before);
        findings.push(...verified.findings);
        own.push(...verified.progress.own.map((index) => log.base + index));
        before = new Set(verified.organisations);
        if (verified.progress.to > 0) upTo = await this.timeOf(log.base + verified.progress.to);
        if (findings.length > 0) break;
      }
      for (const { code, place } of findings) this.logger.error(`${code} at ${place}`);
      const unlisted = (await this.unlisted(residentId, own, logs)).map((index) => placeIn(logs, index));
      return { upTo, unlisted, foreign, isProved: findings.length === 0, closedLogs };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      this.logger.error(error.message);
      return { upTo: null, unlisted: [], foreign, isProved: false, closedLogs };
    }
  }

  /** Every log of which something has been signed, the oldest first. */
  private async signed(logs: readonly CityLog[]): Promise<VerifiedLog[]> {
    const published = await this.store.checkpoint();
    return logs.flatMap(({ origin, base, size, finalNote }) => {
      if (size !== null && finalNote !== null) return { origin, base, size, note: finalNote, isClosed: true };
      if (published?.base !== base) return [];
      return { origin, base, size: published.size, note: published.note, isClosed: false };
    });
  }

  /** Goes on from where the last visit ended; stops before the first index that does not hold. @param before organisations of the log before */
  private async verify(
    residentId: Uuid,
    log: VerifiedLog,
    before: ReadonlySet<string>,
  ): Promise<{ progress: Progress; findings: Finding[]; organisations: string[] }> {
    const logKeys = (await this.logKeys.history(log.base)).map(({ vkey }) => parseVerifierKey(vkey));
    const checkpoint = openCheckpoint(log.note, { origin: log.origin, logKeys });
    // Whom the log before knew is asked for as well, stated again or not.
    const organisations = [...new Set([...before, ...(await this.organisations(log, checkpoint))])];
    const { identifierKey } = await this.keys.require(residentId);
    const tags = new ResidentTags(identifierKey);
    let progress = await this.progressOf(residentId, organisations.join(), log, checkpoint);
    const findings: Finding[] = [];
    const ranges = (await this.parts.ranges(log)).filter(({ to }) => to > progress.to);
    const entries = await this.parts.proved(
      ranges.map(({ entry }) => entry),
      log,
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
      this.remember(residentId, log, progress);
    }
    // Behind the last index of a log that is closed stand the index itself and the entry that closes it.
    if (log.isClosed && findings.length === 0 && progress.to < log.size - 2)
      throw new VerificationError('index-missing', `the last entries of ${log.origin} are in none`);
    return { progress, findings, organisations };
  }

  /** An organisation that is new may stand in old entries too: then everything is verified again. */
  private async progressOf(
    residentId: Uuid,
    organisations: string,
    log: VerifiedLog,
    checkpoint: OpenCheckpoint,
  ): Promise<Progress> {
    const known = this.verified.get(`${residentId}/${log.base}`);
    if (known?.organisations === organisations) return known;
    const [start] = await this.parts.proved([0], log);
    const { at } = openProvedAs(start!, checkpoint, 'start');
    return { organisations, to: 0, dated: [{ index: 0, at }], own: [] };
  }

  private remember(residentId: Uuid, { base }: VerifiedLog, progress: Progress): void {
    if (this.verified.size >= rememberedMax) this.verified.delete(this.verified.keys().next().value!);
    this.verified.set(`${residentId}/${base}`, progress);
  }

  private async organisations(log: VerifiedLog, checkpoint: OpenCheckpoint): Promise<readonly string[]> {
    const known = this.known.get(log.base);
    if (known?.size === log.size) return known.organisations;
    const proved = await this.parts.proved(await this.parts.organisations(log), log);
    const organisations = [...new Set(proved.map((one) => openProvedAs(one, checkpoint, 'org').org))];
    this.known.set(log.base, { size: log.size, organisations });
    return organisations;
  }

  /** Everything below `to` (in the database) was logged in this minute or before it, and nothing from `to` on was logged earlier: the minutes ascend. */
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
    const foreign = rows.filter((row) => !isEqual(row.pairwise_id, pairwiseIdOf(identifierKey, row.recipient_id)));
    return [...foreign.map((row) => row.recipient_id), ...(await this.foreignUnits(residentId, identifierKey))];
  }

  /** The ids of units are made from one value, which was given when the resident was registered. */
  private async foreignUnits(residentId: Uuid, identifierKey: KeyObject): Promise<string[]> {
    const { rows } = await this.pool.query<{ units_key: Buffer; units: string[] }>({
      name: 'key of the units',
      text: `SELECT units_key, ARRAY(SELECT id::text FROM azukari.unit ORDER BY id COLLATE "C") AS units
             FROM azukari.resident WHERE id = $1`,
      values: [residentId],
    });
    return rows.flatMap(({ units_key, units }) => (isEqual(units_key, unitsKeyOf(identifierKey)) ? [] : units));
  }

  /** A void stands in the list beside the provision it takes back, not on a line of its own. It names it by its place in their log. */
  private async unlisted(residentId: Uuid, own: readonly number[], logs: readonly CityLog[]): Promise<number[]> {
    const { rows } = await this.pool.query<{ idx: number }>({
      name: 'entries not in the list',
      text: `SELECT e.idx FROM unnest($2::bigint[], $3::bigint[]) AS own (idx, base) JOIN azukari.log_entry e ON e.idx = own.idx
             WHERE NOT EXISTS (SELECT FROM azukari.entry_detail d WHERE d.resident_id = $1 AND d.idx =
               coalesce(own.base + (substring(e.entry FROM '^{"v":1,"t":"void","at":"[^"]+","of":([0-9]+)'))::bigint, e.idx)) ORDER BY 1`,
      values: [residentId, own, own.map((index) => logOf(logs, index).base)],
    });
    return rows.map(({ idx }) => idx);
  }
}
