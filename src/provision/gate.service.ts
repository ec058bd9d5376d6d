/**
 * The gate, as the service sees it: three statements, each answering for everything that waits. What they decide is decided in the
 * database (migrations/city/gate-append.ts, gate-redeem.ts); nothing here can make it say yes.
 */
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseError, Pool, type QueryResult, type QueryResultRow } from 'pg';
import { bigintArray, byteaArray, integerArray, textArray } from '../database/array-parameter.js';
import { APP_POOL } from '../database/connections.js';
import { inAnotherRun } from '../database/database-run.js';
import { inOneMessage, inOneStatement } from '../database/pool.js';
import { Batcher } from '../kernel/batcher.js';
import { type Code, invariant, Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import type { AgeBand, KnownAge } from '../residents/age-band.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import { type AppendItem, appendStatement, type ReadItem } from './append-item.js';

/** Who and what the item is about, as far as it is known. It decides nothing. */
export interface Resolved {
  resident: ({ id: Uuid; sealedName: Buffer } & KnownAge) | null;
  /** The version in force, or the newest; null when this recipient has no such program. */
  programVersion: number | null;
  /** Of each category, in order; 0 where nothing was ever deposited. */
  versions: number[];
}

export interface Appended {
  index: number;
  entry: string;
  /** Null when a grant was made. */
  reason: Code | null;
}

/** A grant that was redeemed, as far as looking again needs it. */
export interface RedeemedGrant {
  index: number;
  item: ReadItem;
  program: { version: number };
}

export interface RedeemedRecord {
  category: string;
  recordId: Uuid;
  version: number;
  sourceId: string;
  /** `YYYY-MM-DD`. */
  onDate: string;
  sealed: Buffer;
}

export interface Provision {
  outcome: 'provided';
  residentId: Uuid;
  /** By category, date and id. */
  records: RedeemedRecord[];
}

export type Redeemed = Provision | { outcome: 'already-used' | 'not-redeemed' | Code };

/**
 * Items per batch: enough to share a commit, and few enough that a withdrawal does not wait long behind one and that this process and the
 * database work at the same time. With 256 in flight, batches of 256 went through both in one convoy, each waiting for the other.
 */
const appendMax = 64;
const othersMax = 32;

@Injectable()
export class GateService {
  private readonly resolving = new Batcher((items: ReadItem[]) => this.resolveAll(items), othersMax, 2);
  private readonly appending = new Batcher((items: AppendItem[]) => this.appendAll(items), appendMax);
  private readonly redeeming = new Batcher((indexes: number[]) => this.redeemAll(indexes), othersMax, 2);
  private policy = '';

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly publication: PublicationService,
  ) {}

  /** The digest of the policy this node decides by; the database refuses a batch decided by another. */
  decideBy(policy: string): void {
    this.policy = policy;
  }

  resolve(item: ReadItem): Promise<Resolved> {
    return this.resolving.submit(item);
  }

  /** Writes a provision or a refusal entry; committed when it returns. */
  append(item: AppendItem): Promise<Appended> {
    return this.appending.submit(item);
  }

  /**
   * Hands over the sealed records of a grant whose entry is covered by a published checkpoint. The record that the law demands of the provision is
   * written and committed first.
   */
  redeem(index: number): Promise<Redeemed> {
    return this.redeeming.submit(index);
  }

  /**
   * The indexes of those whose consent, program or recipient no longer stands. All are of one recipient, program, purpose and list of categories, those of
   * the first. All have fallen while the log is frozen or the gate is shut.
   */
  async fallen(granted: readonly RedeemedGrant[]): Promise<Set<number>> {
    const [first] = granted;
    if (first === undefined) return new Set();
    const { recipientId, programId, purpose, categories } = first.item;
    const { rows } = await this.pool.query<{ place: number }>({
      name: 'consents that stand',
      text: 'SELECT place FROM azukari.consents_that_stand($1, $2, $3::text[], $4::integer[], $5::bytea[], $6::bigint[])',
      values: [
        ...[recipientId, programId, textArray(categories.map((category) => `${purpose}/${category}`))],
        integerArray(granted.map(({ program }) => program.version)),
        byteaArray(granted.map(({ item }) => item.pairwiseId)),
        bigintArray(granted.map(({ index }) => index)),
      ],
    });
    const stillStanding = new Set(rows.map(({ place }) => granted[place - 1]!.index));
    return new Set(granted.map(({ index }) => index).filter((index) => !stillStanding.has(index)));
  }

  /** Logs the handing out of one page of a program's list of pairwise ids. */
  async appendList(recipientId: string, programId: string, count: number): Promise<Appended> {
    const rows = await orShut(() =>
      inOneStatement<{ idx: number; entry: string; reason: Code | null }>(this.pool, {
        name: 'append list',
        text: 'SELECT idx, entry, reason FROM azukari.append_list($1, $2, $3, $4)',
        values: [this.policy, recipientId, programId, count],
      }),
    );
    this.publication.appended();
    return { index: rows[0]!.idx, entry: rows[0]!.entry, reason: rows[0]!.reason };
  }

  private async resolveAll(items: ReadItem[]): Promise<Resolved[]> {
    const { rows } = await this.pool.query<{
      resident_id: Uuid | null;
      age_band: AgeBand;
      age_band_until: string | null;
      sealed_name: Buffer;
      version: number | null;
      versions: number[];
    }>({
      name: 'resolve reads',
      text: `
        SELECT w.resident_id, r.age_band, r.age_band_until, r.sealed_name, p.version, v.versions
        FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[]) WITH ORDINALITY AS i (recipient, pairwise, program, categories, ord)
        LEFT JOIN azukari.pairwise w ON w.recipient_id = i.recipient AND w.pairwise_id = i.pairwise
        LEFT JOIN azukari.resident r ON r.id = w.resident_id
        LEFT JOIN LATERAL (SELECT version FROM azukari.program WHERE id = i.program AND recipient_id = i.recipient
          ORDER BY (status = 'active') DESC, version DESC LIMIT 1) p ON true
        LEFT JOIN LATERAL (SELECT array_agg(coalesce(version, 0) ORDER BY c.ord) AS versions
          FROM unnest(string_to_array(i.categories, ',')) WITH ORDINALITY AS c (category, ord)
          LEFT JOIN azukari.vault_version s ON s.resident_id = w.resident_id AND s.category = c.category) v ON true
        ORDER BY i.ord`,
      values: [
        textArray(items.map((item) => item.recipientId)),
        byteaArray(items.map((item) => item.pairwiseId)),
        textArray(items.map((item) => item.programId)),
        textArray(items.map((item) => item.categories.join(','))),
      ],
    });
    return rows.map((row) => ({
      resident:
        row.resident_id === null
          ? null
          : {
              ...{ id: row.resident_id, sealedName: row.sealed_name },
              ...{ ageBand: row.age_band, ageBandUntil: row.age_band_until },
            },
      programVersion: row.version,
      versions: row.versions,
    }));
  }

  private async appendAll(items: AppendItem[]): Promise<Appended[]> {
    const [row] = await orShut(() =>
      inOneStatement<{ first_idx: number; reason_list: string; entry_lines: string }>(
        this.pool,
        appendStatement(this.policy, items),
      ),
    );
    this.publication.appended();
    const { first_idx, reason_list, entry_lines } = row!;
    const reasons = reason_list.split(',');
    return entry_lines.split('\n').map((entry, place) => ({
      ...{ index: first_idx + place, entry },
      reason: (reasons[place] || null) as Code | null,
    }));
  }

  /**
   * What does not stand when it is to be recorded may stand when it is to be redeemed: a program was resumed in between. It is asked for once more;
   * a program is not resumed again and again within a moment.
   */
  private async redeemAll(indexes: number[]): Promise<Redeemed[]> {
    const redeemed = new Map<number, Redeemed>();
    let open = indexes;
    for (let attempt = 1; open.length > 0; attempt += 1) {
      invariant(attempt <= attemptsMax, 'a grant that stands is recorded');
      const rows = await this.recordAndRedeem(open);
      for (const { outcome, ...row } of rows)
        if (outcome !== 'not-recorded') redeemed.set(row.entry_idx, redeemedOf(outcome, row));
      open = open.filter((index) => !redeemed.has(index));
    }
    if ([...redeemed.values()].some(({ outcome }) => outcome !== 'provided')) this.publication.appended();
    return indexes.map((index) => redeemed.get(index)!);
  }

  /** Two transactions in one message: the second one finds only committed what the first has written. Such a message has no parameters. */
  private recordAndRedeem(indexes: readonly number[]): Promise<RedeemRow[]> {
    invariant(indexes.every(Number.isSafeInteger), 'an index is a whole number');
    const list = `'{${indexes.join(',')}}'`;
    const text = `BEGIN; SELECT azukari.record_provisions(${list}); COMMIT; SELECT * FROM azukari.redeem_grants(${list})`;
    return orShut(() => inOneMessage<RedeemRow>(this.pool, text));
  }
}

/** Where the gate is shut for everybody, that is said, and not that we are broken. */
async function orShut<R extends QueryResultRow>(ask: () => Promise<QueryResult<R>>): Promise<R[]> {
  try {
    return (await ask()).rows;
  } catch (error) {
    const shut = error instanceof DatabaseError ? shutFor[error.code ?? ''] : undefined;
    throw shut === undefined ? error : new Mistake(...shut);
  }
}

const attemptsMax = 5;

const shutFor: Readonly<Record<string, readonly [Code, string]>> = {
  AZ003: ['unavailable', 'the policy has changed; this node is to be started again'],
  AZ005: ['log-unavailable', 'the log is frozen, or its newest checkpoint does not cover the entry any more'],
  AZ007: inAnotherRun,
  AZ006: ['log-unwitnessed', 'no quorum of witnesses stands behind the log as it must'],
  // Unique violation: what was provided of an entry, granted or sealed beside it is there, and the entry is not. Somebody has shortened the log.
  '23505': ['log-unavailable', 'the log has fewer entries than were provided from it'],
};

interface RedeemRow {
  entry_idx: number;
  outcome: Redeemed['outcome'] | 'not-recorded';
  /** Of nobody any more: null. */
  resident_id: Uuid | null;
  records: string | null;
}

function redeemedOf(
  outcome: Redeemed['outcome'],
  { resident_id: residentId, records }: Omit<RedeemRow, 'outcome'>,
): Redeemed {
  if (outcome !== 'provided') return { outcome };
  invariant(residentId, 'what is provided is somebody’s');
  return { outcome, residentId, records: records === null ? [] : records.split('\n').map(recordOf).sort(inOrder) };
}

/** As the database sorts text of plain codes, dates and ids. */
function inOrder(a: RedeemedRecord, b: RedeemedRecord): number {
  const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));
  return compare(a.category, b.category) || compare(a.onDate, b.onDate) || compare(a.recordId, b.recordId);
}

function recordOf(line: string): RedeemedRecord {
  const [category, recordId, version, sourceId, onDate, sealed] = line.split(' ');
  invariant(sealed !== undefined, 'a record has six parts');
  return {
    ...{ category: category!, recordId: recordId as Uuid, version: Number(version), sourceId: sourceId! },
    ...{ onDate: onDate!, sealed: Buffer.from(sealed, 'hex') },
  };
}
