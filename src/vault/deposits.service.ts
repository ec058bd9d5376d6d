/**
 * Taking data from sources. An item needs the resident's authorisation for this source and category, must have the category's form, and is
 * stripped of numbers that may not be held before anything is stored. Items are answered one by one; a bad one costs the others nothing.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import type { Transaction } from '../database/pool.js';
import { hmacSha256, toBase64url, utf8 } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';
import { newUuid, type Uuid } from '../kernel/ids.js';
import { decodePairwiseId } from '../kernel/pairwise-id.js';
import { type PolicyBook, requireCategory } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { validateRecord, type RecordProblem } from '../policy/record-validation.js';
import { type ResidentKeys, ResidentKeysService } from '../residents/resident-keys.service.js';
import { leafHash, rootOfLeaves } from '../transparency-log/merkle.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { stripForbiddenNumbers } from './forbidden-numbers.js';
import { sealRecord } from './record-box.js';

/** One record as JSON. A whole delivery may be larger. */
export const recordBytesMax = 256 * 1024;

export interface DepositItem {
  /** The name this source knows the resident by. */
  resident: string;
  /** The source's own id of the record; a second delivery under it supersedes the first. */
  recordId: string;
  /** `YYYY-MM-DD`: the day the record is about. */
  date: string;
  data: unknown;
}

export type ItemOutcome =
  | { outcome: 'stored' | 'superseded' | 'unchanged'; removed: { kind: string; path: string }[] }
  | { outcome: 'not-authorised' | 'duplicate' }
  | { outcome: 'invalid'; problems: readonly RecordProblem[] };

export interface DepositResult {
  depositId: Uuid;
  /** In the order of the items. */
  items: ItemOutcome[];
  /** Null when nothing was stored. */
  logIndex: number | null;
}

export interface StrippedNumber {
  /** A kind of policies/forbidden-numbers.yaml, or of the stripping itself. */
  kind: string;
  category: string;
  occurrences: number;
  sourceId: string;
  depositedAt: Date;
}

/** An item that may be stored if the resident has authorised it. */
interface Candidate {
  position: number;
  residentId: Uuid;
  keys: ResidentKeys;
  recordId: Uuid;
  sourceRecord: Buffer;
  contentMac: Buffer;
  originalMac: string;
  date: string;
  data: unknown;
  removed: { kind: string; path: string }[];
}

@Injectable()
export class DepositsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly keys: ResidentKeysService,
    private readonly publication: PublicationService,
  ) {}

  /** Lets a source deposit these categories of a resident; the name by which it will know the resident, 32 bytes. */
  async authorise(
    residentId: Uuid,
    sourceId: string,
    categories: readonly string[],
    basis: 'consent' | 'law',
  ): Promise<Buffer> {
    const { identifierKey } = await this.keys.require(residentId);
    const link = hmacSha256(identifierKey, utf8(`azukari/source-link/v1\0${sourceId}`));
    await this.pool.query({
      name: 'authorise deposits',
      text: 'SELECT azukari.authorise_deposits($1, $2, $3, $4, $5)',
      values: [residentId, sourceId, categories, basis, link],
    });
    return link;
  }

  /** Throws `unknown-category`. */
  requireKnown(category: string): void {
    requireCategory(this.book, category);
  }

  /** Checks, strips and prepares the items of one delivery. Changes nothing. Throws `unknown-category`. */
  async prepare(sourceId: string, category: string, items: readonly DepositItem[]): Promise<PreparedDeposit> {
    requireCategory(this.book, category);
    const residents = await this.residentsOf(sourceId, category, items);
    const keys = await this.keys.find([...residents.values()]);
    const outcomes: (ItemOutcome | null)[] = items.map(() => null);
    const candidates: Candidate[] = [];
    const seen = new Set<string>();
    for (const [position, item] of items.entries()) {
      const residentId = residents.get(item.resident);
      const own = residentId === undefined ? undefined : keys.get(residentId);
      if (residentId === undefined || own === undefined) {
        outcomes[position] = { outcome: 'not-authorised' };
        continue;
      }
      const identity = `${residentId}\0${item.recordId}`;
      const made = seen.has(identity)
        ? ({ outcome: 'duplicate' } as const)
        : this.examine(position, sourceId, category, item, residentId, own);
      if ('outcome' in made) outcomes[position] = made;
      else {
        seen.add(identity);
        candidates.push(made);
      }
      // Looking through a large delivery takes a while; withdrawals and reads are let through in between.
      await breathe();
    }
    return { depositId: newUuid(), sourceId, category, candidates, outcomes };
  }

  /** Stores a prepared delivery inside the caller's transaction. Call `settled` once it has committed. */
  async store(
    transaction: Transaction,
    { depositId, sourceId, category, candidates, outcomes }: PreparedDeposit,
  ): Promise<DepositResult> {
    const begun = await transaction.query<{
      outcome: 'stored' | 'superseded' | 'unchanged' | 'not-authorised';
      next_version: number;
    }>({
      name: 'begin deposit',
      text: 'SELECT outcome, next_version FROM azukari.begin_deposit($1, $2, $3::uuid[], $4::bytea[], $5::bytea[])',
      values: [
        ...[sourceId, category, candidates.map((item) => item.residentId)],
        ...[candidates.map((item) => item.sourceRecord), candidates.map((item) => item.contentMac)],
      ],
    });
    const results = [...outcomes];
    const accepted: { candidate: Candidate; version: number }[] = [];
    for (const [order, candidate] of candidates.entries()) {
      const { outcome, next_version: version } = begun.rows[order]!;
      results[candidate.position] =
        outcome === 'not-authorised' ? { outcome } : { outcome, removed: candidate.removed };
      if (outcome === 'stored' || outcome === 'superseded') accepted.push({ candidate, version });
    }
    const logIndex =
      accepted.length === 0 ? null : await this.finish(transaction, depositId, sourceId, category, accepted);
    return { depositId, items: results as ItemOutcome[], logIndex };
  }

  /** What was taken out of a resident's records before they were stored, newest first. The numbers themselves are not kept. */
  async strippedOf(residentId: Uuid): Promise<StrippedNumber[]> {
    const { rows } = await this.pool.query<StrippedNumber>(
      `SELECT s.kind, s.category, sum(s.occurrences)::integer AS occurrences, r.source_id AS "sourceId", max(r.deposited_at) AS "depositedAt"
       FROM azukari.stripped_number s JOIN azukari.deposited_records r
         ON r.resident_id = s.resident_id AND r.category = s.category AND r.id = s.record_id
       WHERE s.resident_id = $1 GROUP BY s.kind, s.category, r.source_id ORDER BY 5 DESC, 1`,
      [residentId],
    );
    return rows;
  }

  /** Tells the signer that there is something to sign. */
  settled(): void {
    this.publication.appended();
  }

  private examine(
    position: number,
    sourceId: string,
    category: string,
    item: DepositItem,
    residentId: Uuid,
    keys: ResidentKeys,
  ): Candidate | ItemOutcome {
    const sizeBytes = Buffer.byteLength(JSON.stringify(item.data));
    if (sizeBytes > recordBytesMax) {
      return {
        outcome: 'invalid',
        problems: [{ path: '', message: `must not be larger than ${recordBytesMax} bytes` }],
      };
    }
    const { record: data, removed } = stripForbiddenNumbers(item.data, this.book.forbiddenNumbers);
    const validation = validateRecord(requireCategory(this.book, category), data);
    if (!validation.ok) return { outcome: 'invalid', problems: validation.problems };
    const mac = (content: unknown) =>
      hmacSha256(keys.identifierKey, utf8(`azukari/original/v1\0${toCanonicalJson(content)}`));
    return {
      ...{ position, residentId, keys, date: item.date, data, removed, recordId: newUuid() },
      // Keyed, because a source's own id may be a number that can be guessed.
      sourceRecord: hmacSha256(keys.identifierKey, utf8(`azukari/source-record/v1\0${sourceId}\0${item.recordId}`)),
      contentMac: mac({ date: item.date, data }),
      originalMac: toBase64url(mac(item.data)),
    };
  }

  private async finish(
    transaction: Transaction,
    depositId: Uuid,
    sourceId: string,
    category: string,
    accepted: readonly { candidate: Candidate; version: number }[],
  ): Promise<number> {
    const sealed = accepted.map(({ candidate: { keys, residentId, recordId, data, originalMac }, version }) =>
      sealRecord(keys.dataKey, { residentId, category, recordId, version }, { data, originalMac }),
    );
    const column = <T>(of: (candidate: Candidate) => T): T[] => accepted.map(({ candidate }) => of(candidate));
    const { rows } = await transaction.query<{ idx: number }>({
      name: 'finish deposit',
      text: `SELECT azukari.place_in_log(azukari.finish_deposit($1, $2, $3, $4, $5::uuid[], $6::uuid[], $7::bigint[], $8::bytea[], $9::bytea[],
             $10::date[], $11::bytea[], $12)) AS idx`,
      values: [
        ...[depositId, sourceId, category, rootOfLeaves(column((item) => leafHash(item.contentMac)))],
        ...[column((item) => item.residentId), column((item) => item.recordId), accepted.map(({ version }) => version)],
        ...[column((item) => item.sourceRecord), column((item) => item.contentMac), column((item) => item.date)],
        ...[sealed, JSON.stringify(accepted.flatMap(({ candidate }) => strippedOf(candidate)))],
      ],
    });
    return rows[0]!.idx;
  }

  /** Whom the source means, where it has ever been authorised for that category. */
  private async residentsOf(
    sourceId: string,
    category: string,
    items: readonly DepositItem[],
  ): Promise<Map<string, Uuid>> {
    const links = new Map<string, string>();
    for (const { resident } of items) {
      const link = decodePairwiseId(resident);
      if (link) links.set(link.toString('hex'), resident);
    }
    const { rows } = await this.pool.query<{ resident_id: Uuid; link_id: Buffer }>({
      name: 'residents of links',
      text: 'SELECT resident_id, link_id FROM azukari.deposit_authorisation WHERE source_id = $1 AND category = $2 AND link_id = ANY ($3::bytea[])',
      values: [sourceId, category, [...links.keys()].map((hex) => Buffer.from(hex, 'hex'))],
    });
    return new Map(rows.map(({ resident_id, link_id }) => [links.get(link_id.toString('hex'))!, resident_id]));
  }
}

export interface PreparedDeposit {
  depositId: Uuid;
  sourceId: string;
  category: string;
  candidates: Candidate[];
  outcomes: (ItemOutcome | null)[];
}

function strippedOf({ residentId, recordId, removed }: Candidate): unknown[] {
  const counts = new Map<string, number>();
  for (const { kind } of removed) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, occurrences]) => ({ resident: residentId, record: recordId, kind, occurrences }));
}
