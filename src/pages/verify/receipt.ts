/**
 * Checks a provision receipt (提供証明), or one of a resident's own act (閲覧・取り出し・消去の控え), in the browser as `azukari verify receipt`
 * does: the entry stands in the signed log, the detail is the one committed to before the data was read, and the entry's tag belongs to the
 * pairwise id in the detail. It believes only the key it is handed and asks nobody for anything.
 */
import { concat, fromBase64, sha256, type Bytes } from './bytes.js';
import { openCheckpoint, parseVerifierKey } from './checkpoint.js';
import { isIncluded, parseProof, type Proof } from './inclusion.js';
import { leafHash } from './merkle.js';

export const receiptSteps = ['form', 'checkpoint', 'inclusion', 'commitment', 'tag'] as const;
export type ReceiptStep = (typeof receiptSteps)[number];

export type ReceiptFailure =
  | 'bad-key'
  | 'not-a-receipt'
  | 'not-a-provision'
  | 'bad-proof'
  | 'bad-checkpoint'
  | 'bad-signature'
  | 'not-included'
  | 'wrong-commitment'
  | 'wrong-tag';

/** What the entry says. Codes are as in the entry. */
export interface Provision {
  readonly kind: 'provision';
  readonly recipient: string;
  readonly program: string;
  readonly version: number;
  readonly purpose: string;
  readonly categories: readonly string[];
}

/** Kinds of which the resident alone holds receipts: their own acts, under `self`, and what staff of the operator may have been shown, under their unit. */
export type ResidentReceiptKind = 'access' | 'export' | 'erasure' | 'staff';

export interface Proven {
  readonly index: number;
  readonly size: number;
  readonly origin: string;
  /** UTC to the minute. */
  readonly at: string;
  /** 43 characters: the id under which this recipient knows the person; of an own act, the one under which the person's own acts stand. */
  readonly pairwiseId: string;
  readonly what: Provision | { readonly kind: ResidentReceiptKind };
}

export type ReceiptVerdict =
  | ({ readonly isGood: true } & Proven)
  | { readonly isGood: false; readonly step: ReceiptStep; readonly failure: ReceiptFailure };

class Broken extends Error {
  constructor(
    readonly step: ReceiptStep,
    readonly failure: ReceiptFailure,
  ) {
    super(failure);
  }
}

/** @param text the receipt's file. @param verifierKey `name+id+key`, from somebody one trusts. */
export async function verifyReceipt(text: string, verifierKey: string): Promise<ReceiptVerdict> {
  try {
    const { entry, nonce, detail, proof } = readReceipt(text);
    const key = await parseVerifierKey(verifierKey);
    if (!key) throw new Broken('checkpoint', 'bad-key');
    const checkpoint = await openCheckpoint(proof.checkpoint, key);
    if (typeof checkpoint === 'string') throw new Broken('checkpoint', checkpoint);
    if (!(await isIncluded(await leafHash(entry.line), proof, checkpoint.size, checkpoint.root)))
      throw new Broken('inclusion', 'not-included');
    const { commitment, tag, at, what } = entry;
    if ((await digest('azukari/commitment/v1\0', nonce, encode(detail.text))) !== commitment)
      throw new Broken('commitment', 'wrong-commitment');
    const month = encode(at.slice(0, 7));
    if ((await digest('azukari/tag/v1\0', detail.pairwiseBytes, month)) !== tag) throw new Broken('tag', 'wrong-tag');
    const { size, origin } = checkpoint;
    return { isGood: true, index: proof.index, size, origin, at, what, pairwiseId: detail.pairwiseId };
  } catch (error) {
    if (error instanceof Broken) return { isGood: false, step: error.step, failure: error.failure };
    throw error;
  }
}

function readReceipt(text: string) {
  const value = parse(text);
  const { entry, nonce, detail, proof, ...rest } = isRecord(value) ? value : {};
  if (typeof entry !== 'string' || typeof nonce !== 'string' || typeof detail !== 'string') throw notAReceipt();
  if (typeof proof !== 'string' || Object.keys(rest).length > 0) throw notAReceipt();
  const nonceBytes = fromBase64url(nonce);
  if (nonceBytes?.length !== 32) throw notAReceipt();
  const parsed: Proof | null = parseProof(proof);
  if (!parsed) throw new Broken('form', 'bad-proof');
  return { entry: readEntry(entry), nonce: nonceBytes, detail: readDetail(detail), proof: parsed };
}

function readEntry(line: string) {
  const value = parse(line);
  // Written again it must be the same: one spelling, no key twice.
  if (!isRecord(value) || JSON.stringify(value) !== line || value['v'] !== 1) throw notAReceipt();
  const { t, at, tag, commitment } = value;
  if (t !== 'provision' && !isResidentReceiptKind(t)) throw new Broken('form', 'not-a-provision');
  if (typeof at !== 'string' || typeof tag !== 'string' || typeof commitment !== 'string') throw notAReceipt();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(at)) throw notAReceipt();
  const what = t === 'provision' ? readProvision(value) : readResidentReceipt(t, value);
  return { line: encode(line), at, tag, commitment, what };
}

function readProvision({ recipient, program, version, purpose, categories }: Record<string, unknown>): Provision {
  if (!areCodes([recipient, program, purpose]) || !areCodes(categories)) throw notAReceipt();
  if (typeof version !== 'number') throw notAReceipt();
  // Each was just found to be what it is called here.
  return { kind: 'provision', recipient, program, version, purpose, categories } as Provision;
}

function isResidentReceiptKind(t: unknown): t is ResidentReceiptKind {
  return t === 'access' || t === 'export' || t === 'erasure' || t === 'staff';
}

function readResidentReceipt(
  kind: ResidentReceiptKind,
  { recipient }: Record<string, unknown>,
): { kind: ResidentReceiptKind } {
  const isUnit = typeof recipient === 'string' && /^op:[a-z0-9.:-]{1,60}$/.test(recipient);
  if (kind === 'staff' ? !isUnit : recipient !== 'self') throw notAReceipt();
  return { kind };
}

/** RFC 8785: a detail has one spelling, so that no two readers see different things in it. */
function readDetail(text: string) {
  const value = parse(text);
  if (!isRecord(value) || JSON.stringify(sorted(value)) !== text) throw notAReceipt();
  const pairwiseId = value['pairwiseId'];
  const pairwiseBytes = typeof pairwiseId === 'string' ? fromBase64url(pairwiseId) : null;
  if (typeof pairwiseId !== 'string' || pairwiseBytes?.length !== 32) throw notAReceipt();
  return { text, pairwiseId, pairwiseBytes };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

async function digest(context: string, ...parts: readonly Bytes[]): Promise<string> {
  const hash = await sha256(concat(encode(context), ...parts));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromBase64url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAReceipt();
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Codes of organisations and catalogues, as in every entry. */
function areCodes(value: unknown): boolean {
  const isCode = (item: unknown) => typeof item === 'string' && /^[a-z0-9][a-z0-9.:-]{0,62}$/.test(item);
  return Array.isArray(value) && value.every(isCode);
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function notAReceipt(): Broken {
  return new Broken('form', 'not-a-receipt');
}
