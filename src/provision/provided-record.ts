/** What a recipient gets of a record: the consented fields, under ids of its own. Two recipients share no id, not even inside the data. */
import { hmacSha256, toBase64url, utf8 } from '../kernel/bytes.js';
import { type PolicyBook, requireCategory } from '../policy/policy-book.js';
import { project } from '../policy/projection.js';
import { unsealRecord } from '../vault/record-box.js';
import { fieldsOf, type Granted } from './granted.js';
import type { Redeemed } from './gate.service.js';

export interface ProvidedRecord {
  /** Keyed to the recipient: 22 characters of base64url. */
  id: string;
  category: string;
  /** `YYYY-MM-DD`. */
  date: string;
  source: string;
  data: unknown;
}

/** Opens, filters and renames the records of one grant. Throws `UnsealError` when one was altered where it lay. */
export function provideRecords(granted: Granted, redeemed: Redeemed, book: PolicyBook): ProvidedRecord[] {
  const { item, keys, program } = granted;
  const fields = fieldsOf(item, program);
  const rename = (uuid: string) =>
    hmacSha256(keys.identifierKey, utf8(`azukari/payload-id/v1\0${item.recipientId}\0${uuid}`));
  return redeemed.records.map((record) => {
    const place = { ...record, residentId: redeemed.residentId };
    const { data } = unsealRecord(keys.dataKey, place, record.sealed);
    return {
      id: toBase64url(rename(record.recordId).subarray(0, 16)),
      ...{ category: record.category, date: record.onDate, source: record.sourceId },
      data: project(data, requireCategory(book, record.category), fields[record.category]!, (uuid) =>
        asUuid(rename(uuid)),
      ),
    };
  });
}

/** The form of a UUID of version 8 (RFC 9562 section 5.8), from 16 of the bytes. */
function asUuid(bytes: Buffer): string {
  const own = Buffer.from(bytes.subarray(0, 16));
  own[6] = (own[6]! & 0x0f) | 0x80;
  own[8] = (own[8]! & 0x3f) | 0x80;
  const hex = own.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
