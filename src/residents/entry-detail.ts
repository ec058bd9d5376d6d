/**
 * What only the resident concerned may read of a log entry: sealed under the resident's own key, bound to the resident. In the box lies the nonce, and
 * behind it the text that the entry commits to, or what the entry does not say of it already (provision-detail.ts).
 */
import { randomBytes } from 'node:crypto';
import { toBase64url, utf8 } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';
import type { Uuid } from '../kernel/ids.js';
import { bind, seal, unseal, type SealingKey, UnsealError } from '../kernel/sealed-box.js';
import { parseEntry } from '../transparency-log/entry.js';
import { VerificationError } from '../transparency-log/finding.js';
import { commitmentOf } from '../transparency-log/tag.js';
import { detailFromRest, isRest } from './provision-detail.js';

export interface EntryDetail {
  /** base64url, 32 bytes: opens the entry's commitment together with `detail`. */
  nonce: string;
  /** The exact JSON text the commitment is over. */
  detail: string;
}

const nonceBytes = 32;

/**
 * Rounds up to a multiple of 64. A detail's length follows from what stands beside it for the operator to read (categories, terms, window), so a
 * box that hid more of it would only be larger.
 */
export function detailBucketOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 64) * 64;
}

/** @param nonce 32 bytes. @param detail the text, or the rest of it */
export function sealEntryDetail(key: SealingKey, residentId: Uuid, nonce: Buffer, detail: string | Buffer): Buffer {
  if (nonce.length !== nonceBytes) throw new Error('a nonce has 32 bytes');
  const content = typeof detail === 'string' ? utf8(detail) : detail;
  return seal(key, Buffer.concat([nonce, content]), bindingOf(residentId), detailBucketOf);
}

/** The commitment (32 bytes) of an entry about a resident, what opens it, and that sealed for the resident. `facts` become canonical JSON. */
export function commitToDetail(
  { dataKey }: { dataKey: SealingKey },
  residentId: Uuid,
  facts: Readonly<Record<string, unknown>>,
): { commitment: Buffer; sealed: Buffer } & EntryDetail {
  const nonce = randomBytes(nonceBytes);
  const detail = toCanonicalJson(facts);
  return {
    ...{ nonce: toBase64url(nonce), detail },
    commitment: Buffer.from(commitmentOf(nonce, detail), 'hex'),
    sealed: sealEntryDetail(dataKey, residentId, nonce, detail),
  };
}

/** What opens this entry (its line), with the detail's JSON parsed; null when the box does not open, or not to what this entry's detail is. */
export function readEntryDetail(
  key: SealingKey,
  residentId: Uuid,
  sealed: Buffer,
  entry: string,
): (EntryDetail & { facts: Readonly<Record<string, unknown>> }) | null {
  try {
    const content = unseal(key, sealed, bindingOf(residentId));
    const [nonce, kept] = [toBase64url(content.subarray(0, nonceBytes)), content.subarray(nonceBytes)];
    const detail = isRest(kept) ? detailFromRest(parseEntry(utf8(entry)), kept) : kept.toString('utf8');
    if (detail === null) return null;
    const facts: unknown = JSON.parse(detail);
    if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return null;
    return { nonce, detail, facts: facts as Record<string, unknown> };
  } catch (error) {
    if (error instanceof UnsealError || error instanceof SyntaxError || error instanceof VerificationError) return null;
    throw error;
  }
}

function bindingOf(residentId: Uuid): Buffer {
  return bind('azukari/entry-detail/v2', residentId);
}
