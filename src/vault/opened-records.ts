/** Records that the gate hands over, a few hundred at a time, opened with the resident's key. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Uuid } from '../kernel/ids.js';
import { UnsealError } from '../kernel/sealed-box.js';
import type { ResidentKeys } from '../residents/resident-keys.service.js';
import { unsealRecord } from './record-box.js';

export interface OpenedRecord {
  category: string;
  id: Uuid;
  version: number;
  /** The version by which another record took its place; null while it is current. */
  supersededBy: number | null;
  sourceId: string;
  /** `YYYY-MM-DD`: the day that it is about. */
  date: string;
  depositedAt: Date;
  /** As it was deposited, but for numbers that may not be held; undefined where it does not open. */
  data: unknown;
  /** HMAC-SHA-256 of the bytes that were deposited, under the key that the resident can download; base64url. */
  originalMac: string | null;
}

/** As the gate hands it over. */
export interface SealedRow {
  category: string;
  record_id: Uuid;
  version: number;
  superseded_version: number | null;
  source_id: string;
  on_date: string;
  deposited_at: Date;
  sealed: Buffer;
}

/**
 * All of them, by category, the newest day first; others have their turn in between: they may be many, and opening them takes this process alone.
 * @param next hands over those behind the record named, of its category; none once there are no more
 */
export async function openAll(
  keys: ResidentKeys,
  residentId: Uuid,
  next: (category: string | null, id: Uuid | null) => Promise<SealedRow[]>,
): Promise<OpenedRecord[]> {
  const records: OpenedRecord[] = [];
  for (;;) {
    const last = records.at(-1);
    const rows = await next(last?.category ?? null, last?.id ?? null);
    if (rows.length === 0) return records.sort(byCategoryAndDay);
    for (const row of rows) records.push(open(keys, residentId, row));
    await breathe();
  }
}

function byCategoryAndDay(one: OpenedRecord, other: OpenedRecord): number {
  const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return compare(one.category, other.category) || compare(other.date, one.date) || compare(one.id, other.id);
}

/** What does not open is said to be there all the same. */
function open({ dataKey }: ResidentKeys, residentId: Uuid, row: SealedRow): OpenedRecord {
  const { category, record_id: id, version } = row;
  const record = {
    ...{ category, id, version, supersededBy: row.superseded_version, sourceId: row.source_id },
    ...{ date: row.on_date, depositedAt: row.deposited_at },
  };
  try {
    const { data, originalMac } = unsealRecord(dataKey, { residentId, category, recordId: id, version }, row.sealed);
    return { ...record, data, originalMac };
  } catch (error) {
    if (error instanceof UnsealError) return { ...record, data: undefined, originalMac: null };
    throw error;
  }
}
