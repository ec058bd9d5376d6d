/** How a record lies in the vault: its JSON, sealed under the resident's data key and bound to its place, so that no two can be swapped. */
import { utf8 } from '../kernel/bytes.js';
import type { Uuid } from '../kernel/ids.js';
import { bind, seal, unseal, type SealingKey } from '../kernel/sealed-box.js';

export interface RecordPlace {
  residentId: Uuid;
  category: string;
  recordId: Uuid;
  version: number;
}

export interface RecordContent {
  /** The record as deposited, but for the numbers that may not be held. */
  data: unknown;
  /** HMAC-SHA-256 of the original bytes under K_id, base64url: the resident can show what was handed over. */
  originalMac: string;
}

export function sealRecord(key: SealingKey, place: RecordPlace, content: RecordContent): Buffer {
  return seal(key, utf8(JSON.stringify(content)), bindingOf(place));
}

/** Throws `UnsealError` when the box was altered, moved or rolled back to an older version. */
export function unsealRecord(key: SealingKey, place: RecordPlace, sealed: Buffer): RecordContent {
  return JSON.parse(unseal(key, sealed, bindingOf(place)).toString('utf8')) as RecordContent;
}

function bindingOf({ residentId, category, recordId, version }: RecordPlace): Buffer {
  return bind('azukari/record/v1', residentId, category, recordId, String(version));
}
