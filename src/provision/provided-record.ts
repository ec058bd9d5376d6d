/** What a recipient gets of a record: the consented fields, under ids of its own. Two recipients share no id, not even inside the data. */
import { RecipientUuids } from '../kernel/recipient-uuids.js';
import { type PolicyBook, requireCategory } from '../policy/policy-book.js';
import { project } from '../policy/projection.js';
import { unsealRecord } from '../vault/record-box.js';
import { fieldsOf, type Granted } from './granted.js';
import type { Provision } from './gate.service.js';

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
export function provideRecords(granted: Granted, redeemed: Provision, book: PolicyBook): ProvidedRecord[] {
  const { item, keys, program } = granted;
  const { residentId } = redeemed;
  const fields = fieldsOf(item, program);
  const uuids = new RecipientUuids(keys.identifierKey, item.recipientId);
  const rekey = (uuid: string) => uuids.uuid(uuid);
  return redeemed.records.map(({ category, recordId, version, sourceId, onDate, sealed }) => {
    const { data } = unsealRecord(keys.dataKey, { residentId, category, recordId, version }, sealed);
    const own = project(data, requireCategory(book, category), fields[category]!, rekey);
    return { id: uuids.name(recordId), category, date: onDate, source: sourceId, data: own };
  });
}
