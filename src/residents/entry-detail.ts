/** What only the resident concerned may read of a log entry: sealed under the resident's own key, bound to the resident. */
import { utf8 } from '../kernel/bytes.js';
import type { Uuid } from '../kernel/ids.js';
import { bind, seal, unseal, type SealingKey } from '../kernel/sealed-box.js';

export interface EntryDetail {
  /** base64url, 32 bytes: opens the entry's commitment together with `detail`. */
  nonce: string;
  /** The exact JSON text the commitment is over. */
  detail: string;
}

export function sealEntryDetail(key: SealingKey, residentId: Uuid, content: EntryDetail): Buffer {
  return seal(key, utf8(JSON.stringify(content)), bindingOf(residentId));
}

/** Throws `UnsealError` when the box is another resident's or was altered. */
export function unsealEntryDetail(key: SealingKey, residentId: Uuid, sealed: Buffer): EntryDetail {
  return JSON.parse(unseal(key, sealed, bindingOf(residentId)).toString('utf8')) as EntryDetail;
}

function bindingOf(residentId: Uuid): Buffer {
  return bind('azukari/entry-detail/v1', residentId);
}
