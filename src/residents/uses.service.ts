/**
 * What a resident sees of the log: every entry that concerns them, newest first, with the detail that only they can open, and the proof that it
 * stands in the signed log.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { utf8 } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { type EntryPlace, placeIn } from '../transparency-log/city-logs.js';
import { type Entry, parseEntry } from '../transparency-log/entry.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import type { ProvisionReceipt } from '../transparency-log/receipt.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { readEntryDetail } from './entry-detail.js';
import { ResidentKeysService } from './resident-keys.service.js';

export interface Use {
  /** Its number in the database, by which its receipt is asked for. */
  index: number;
  place: EntryPlace;
  entry: Entry;
  /** What the entry commits to: for a provision, what exactly was asked and given. Null when what was stored of it does not open. */
  detail: Readonly<Record<string, unknown>> | null;
  /** For a provision: where the entry stands that took it back, when nothing left after all. */
  voidedBy: EntryPlace | null;
}

/** An entry and the opening of its commitment; null where what was stored of it does not open. */
export interface Opening {
  place: EntryPlace;
  /** The exact line of the log. */
  entry: string;
  /** base64url of 32 bytes. */
  nonce: string | null;
  /** The exact JSON text. */
  detail: string | null;
}

const openedAtOnce = 500;

interface Row {
  idx: number;
  entry: string;
  sealed: Buffer;
}

@Injectable()
export class UsesService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: ResidentKeysService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    private readonly store: LogStoreService,
  ) {}

  /** @param before an index; only older entries. */
  async page(residentId: Uuid, limit: number, before: number | null): Promise<Use[]> {
    const rows = await this.rows(residentId, limit, before);
    const { dataKey } = await this.keys.require(residentId);
    const voids = await this.voidsOf(rows.map(({ idx }) => idx));
    const logs = await this.store.logs();
    return rows.map(({ idx, entry: line, sealed }) => {
      const entry = parseEntry(utf8(line));
      return {
        ...{ index: idx, place: placeIn(logs, idx), entry },
        detail: readEntryDetail(dataKey, residentId, sealed, line)?.facts ?? null,
        voidedBy: voids.has(idx) ? placeIn(logs, voids.get(idx)!) : null,
      };
    });
  }

  /** The same evidence the recipient holds: entry, opening and proof. Throws `not-found` for an entry that is not theirs, or whose opening is lost. */
  async receipt(residentId: Uuid, index: number): Promise<ProvisionReceipt> {
    const [row] = await this.rows(residentId, 1, index + 1);
    if (row?.idx !== index) throw new Mistake('not-found', 'there is no such entry about you');
    const { dataKey } = await this.keys.require(residentId);
    const opened = readEntryDetail(dataKey, residentId, row.sealed, row.entry);
    if (opened === null) throw new Mistake('not-found', 'what was stored for you of this entry cannot be read');
    const { nonce, detail } = opened;
    const checkpoint = await this.publication.covering(index);
    return { entry: row.entry, nonce, detail, proof: await this.receipts.proof(index, checkpoint) };
  }

  /** Every entry about the resident with what opens it, newest first: what the log commits to can be checked from it. */
  async everyOpening(residentId: Uuid): Promise<Opening[]> {
    const { dataKey } = await this.keys.require(residentId);
    const logs = await this.store.logs();
    const all: Opening[] = [];
    for (let before: number | null = null; ;) {
      const rows: Row[] = await this.rows(residentId, openedAtOnce, before);
      for (const { idx, entry, sealed } of rows) {
        const opened = readEntryDetail(dataKey, residentId, sealed, entry);
        all.push({ place: placeIn(logs, idx), entry, nonce: opened?.nonce ?? null, detail: opened?.detail ?? null });
      }
      if (rows.length < openedAtOnce) return all;
      before = rows.at(-1)!.idx;
      await breathe();
    }
  }

  private async rows(residentId: Uuid, limit: number, before: number | null): Promise<Row[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'entries of resident',
      text: `SELECT d.idx, e.entry, d.sealed FROM azukari.entry_detail d JOIN azukari.log_entry e ON e.idx = d.idx
             WHERE d.resident_id = $1 AND d.idx < coalesce($3, 9223372036854775807) ORDER BY d.idx DESC LIMIT $2`,
      values: [residentId, limit, before],
    });
    return rows;
  }

  private async voidsOf(indexes: readonly number[]): Promise<Map<number, number>> {
    const { rows } = await this.pool.query<{ of: number; idx: number }>({
      name: 'voids of entries',
      text: 'SELECT entry_idx AS of, void_idx AS idx FROM azukari.voids_of($1::bigint[])',
      values: [indexes],
    });
    return new Map(rows.map(({ of, idx }) => [of, idx]));
  }
}
