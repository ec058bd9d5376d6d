/**
 * Receipts, and the check that needs nothing but the log's public key: provision receipts (提供証明), which a recipient keeps of each provision,
 * and receipts of a resident's own acts, which the resident alone has: of an access, an export or an erasure (閲覧・取り出し・消去の控え). A receipt
 * proves that the entry stands in the signed log, that the detail is the one committed to before, and that the tag in the entry is of the pairwise
 * id in the detail (design section 6).
 */
import { fromBase64url, isEqual, utf8 } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';
import { decodePairwiseId, encodePairwiseId } from '../kernel/pairwise-id.js';
import { type OpenCheckpoint, openCheckpoint, peekCheckpoint, type Trust, trustIn } from './checkpoint.js';
import { type Entry, type EntryOf, parseEntry } from './entry.js';
import { type Finding, toFinding, VerificationError } from './finding.js';
import { leafHash } from './merkle.js';
import { verifyInclusion } from './merkle-proof.js';
import { parseProof } from './proof.js';
import { commitmentOf, tagOf } from './tag.js';

export interface Receipt {
  /** The exact line of the log, without newline. */
  readonly entry: string;
  /** base64url of 32 bytes. */
  readonly nonce: string;
  /** The exact JSON text (RFC 8785) that was committed to. */
  readonly detail: string;
  /** A C2SP tlog-proof. */
  readonly proof: string;
}

export type ProvisionReceipt = Receipt;

/** Kinds of entries of which the resident alone holds receipts: their own acts, under `self`, and what staff of the operator may have been shown, under their unit. */
export const residentReceiptKinds = ['access', 'export', 'erasure', 'staff'] as const;

export type ResidentReceiptKind = (typeof residentReceiptKinds)[number];

export interface Verified<Kind extends 'provision' | ResidentReceiptKind> {
  readonly ok: true;
  /** Place of the entry in the log. */
  readonly index: number;
  readonly entry: EntryOf<Kind>;
  /** The exact line of the log that `entry` was read from. */
  readonly line: string;
  /** Outside form, 43 characters. */
  readonly pairwiseId: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly checkpoint: OpenCheckpoint;
}

export type VerifiedReceipt = Verified<'provision'>;

/** What the holder expects of a receipt; whatever is given is compared. */
export interface Expectation {
  readonly pairwiseId?: string;
  readonly recipient?: string;
  readonly program?: string;
}

/**
 * Verifies a receipt, given as JSON text or as a parsed value.
 * @param place how a finding names it, for example its file name.
 */
export function verifyReceipt(
  receipt: unknown,
  trust: Trust,
  expected: Expectation = {},
  place = 'receipt',
): VerifiedReceipt | { readonly ok: false; readonly finding: Finding } {
  try {
    const parsed = parseReceipt(receipt);
    const { entry, ...included } = requireIncluded(parsed, trust);
    if (entry.t !== 'provision') throw new VerificationError('not-a-provision', `its kind is ${entry.t}`);
    const opened = requireDetail(parsed, entry);
    requireExpected({ ...entry, pairwiseId: opened.pairwiseId }, expected);
    return { ok: true, ...included, entry, ...opened };
  } catch (error) {
    return { ok: false, finding: toFinding(error, place) };
  }
}

/** The same of a receipt that only the resident holds. Its pairwise id is that of `self`, or of the unit. */
export function verifyResidentReceipt(
  receipt: unknown,
  trust: Trust,
  place = 'receipt',
): Verified<ResidentReceiptKind> | { readonly ok: false; readonly finding: Finding } {
  try {
    const parsed = parseReceipt(receipt);
    const { entry, ...included } = requireIncluded(parsed, trust);
    if (!isResidentReceiptKind(entry)) throw malformed(`its kind is ${entry.t}`);
    return { ok: true, ...included, entry, ...requireDetail(parsed, entry) };
  } catch (error) {
    return { ok: false, finding: toFinding(error, place) };
  }
}

/** Whether this is a receipt, sound or not, that only a resident holds. */
export function isResidentReceipt(receipt: unknown): boolean {
  try {
    return isResidentReceiptKind(parseEntry(utf8(parseReceipt(receipt).entry)));
  } catch (error) {
    if (error instanceof VerificationError) return false;
    throw error;
  }
}

function isResidentReceiptKind(entry: Entry): entry is EntryOf<ResidentReceiptKind> {
  return residentReceiptKinds.some((act) => act === entry.t);
}

/** A receipt names its log: where a key of that log is pinned, it is the one that counts; else the trust is as it was. */
export function trustInReceipt(receipt: unknown, trust: Trust): Trust {
  try {
    return trustIn(trust, peekCheckpoint(parseProof(parseReceipt(receipt).proof).checkpoint).origin);
  } catch (error) {
    if (error instanceof VerificationError) return trust;
    throw error;
  }
}

/** Reads the form of a receipt: four texts and nothing else. Throws `VerificationError` `malformed-receipt`. */
export function parseReceipt(receipt: unknown): Receipt {
  const value = typeof receipt === 'string' ? parseJson(receipt, 'it is not JSON') : receipt;
  if (typeof value !== 'object' || value === null) throw malformed('it is not an object');
  const { entry, nonce, detail, proof, ...rest } = value as Record<string, unknown>;
  const isText = (field: unknown): field is string => typeof field === 'string';
  if (!isText(entry) || !isText(nonce) || !isText(detail) || !isText(proof)) throw malformed('a field is missing');
  if (Object.keys(rest).length > 0) throw malformed('it has a field too many');
  return { entry, nonce, detail, proof };
}

/** The entry of the receipt, which stands in the signed log. */
function requireIncluded(receipt: Receipt, trust: Trust) {
  const proof = parseProof(receipt.proof);
  const checkpoint = openCheckpoint(proof.checkpoint, trust);
  const line = utf8(receipt.entry);
  if (!verifyInclusion(leafHash(line), proof.index, checkpoint.size, proof.hashes, checkpoint.root)) {
    throw new VerificationError('not-included', `entry ${proof.index} of ${checkpoint.size} is another one`);
  }
  return { index: proof.index, line: receipt.entry, checkpoint, entry: parseEntry(line) };
}

/** What the entry committed to, and under whose id it stands. */
function requireDetail(receipt: Receipt, { commitment, tag, at }: { commitment: string; tag: string; at: string }) {
  const nonce = fromBase64url(receipt.nonce);
  if (nonce?.length !== 32) throw malformed('the nonce is not base64url of 32 bytes');
  if (!isEqual(utf8(commitmentOf(nonce, receipt.detail)), utf8(commitment))) {
    throw new VerificationError('wrong-commitment', 'detail and nonce do not give the commitment of the entry');
  }
  const detail = parseDetail(receipt.detail);
  const pairwiseId = typeof detail.pairwiseId === 'string' ? decodePairwiseId(detail.pairwiseId) : null;
  if (!pairwiseId) throw malformed('the detail names no pairwise id');
  if (tagOf(pairwiseId, at) !== tag) {
    throw new VerificationError('wrong-tag', 'the entry would not be found under the pairwise id in the detail');
  }
  return { pairwiseId: encodePairwiseId(pairwiseId), detail };
}

function requireExpected(actual: Readonly<Record<string, unknown>>, expected: Expectation): void {
  if (expected.pairwiseId !== undefined && actual.pairwiseId !== expected.pairwiseId) {
    throw new VerificationError('wrong-pairwise-id', 'it is not the one expected');
  }
  for (const field of ['recipient', 'program'] as const) {
    if (expected[field] !== undefined && actual[field] !== expected[field]) {
      throw new VerificationError('not-a-provision', `its ${field} is not the one expected`);
    }
  }
}

/** A detail has one spelling, so that no two readers can see different things in it (a repeated key, say). */
function parseDetail(text: string): Record<string, unknown> {
  const detail = parseJson(text, 'the detail is not JSON');
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
    throw malformed('the detail is no object');
  if (toCanonicalJson(detail) !== text) throw malformed('the detail is not in the form of RFC 8785');
  return detail as Record<string, unknown>;
}

function parseJson(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(complaint);
  }
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-receipt', detail);
}
