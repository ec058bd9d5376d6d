/**
 * The completeness file: what a resident takes home to check that the list of accesses to their data is complete, without the operator. It
 * holds entries of the log with their inclusion proofs, and of every index the leaves that show or deny each of the resident's tags.
 */
import { fromBase64, toBase64 } from '../base64.js';
import { VerificationError } from '../finding.js';
import { hashBytes, isTreeSize } from '../merkle.js';
import { isAscending } from './index-leaf.js';
import type { PlacedLeaf } from './index-proof.js';

/** An entry and the proof that the checkpoint covers it. */
export interface ProvedEntry {
  readonly index: number;
  /** The exact line of the log. */
  readonly entry: string;
  /** Base64 of 32 bytes each, leaf's sibling first. */
  readonly hashes: readonly string[];
}

export interface WrittenLeaf {
  readonly position: number;
  /** 64 hex digits each. */
  readonly tag: string;
  readonly digest: string;
  readonly hashes: readonly string[];
  /** With a leaf of the resident's own: its entries. */
  readonly indices?: readonly number[];
}

export interface IndexPart {
  /** The `index` entry. */
  readonly index: ProvedEntry;
  readonly leaves: readonly WrittenLeaf[];
}

export interface CompletenessFile {
  readonly type: 'azukari-completeness';
  readonly version: 1;
  readonly origin: string;
  /** Signed, verbatim. */
  readonly checkpoint: string;
  /** Entry 0. */
  readonly start: ProvedEntry;
  /** Of a log that is closed: its last entry. */
  readonly end?: ProvedEntry;
  /** Every `org` entry of the log. */
  readonly organisations: readonly ProvedEntry[];
  readonly indexes: readonly IndexPart[];
  /** Every entry about the resident that the indexes name. */
  readonly entries: readonly ProvedEntry[];
}

export function writeLeaf({ position, tag, digest, hashes }: PlacedLeaf, indices?: readonly number[]): WrittenLeaf {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    position,
    tag: hex(tag),
    digest: hex(digest),
    hashes: hashes.map(toBase64),
    ...(indices ? { indices } : {}),
  };
}

export function readLeaf({ position, tag, digest, hashes }: WrittenLeaf): PlacedLeaf {
  return { position, tag: Buffer.from(tag, 'hex'), digest: Buffer.from(digest, 'hex'), hashes: readHashes(hashes) };
}

export function readHashes(hashes: readonly string[]): Buffer[] {
  return hashes.map((text) => {
    const hash = fromBase64(text);
    if (hash?.length !== hashBytes) throw malformed('a hash is not base64 of 32 bytes');
    return hash;
  });
}

/** Reads the form of a completeness file; verifies nothing. Throws `VerificationError` `malformed-completeness`. */
export function parseCompletenessFile(text: string): CompletenessFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
  if (!isObject(file) || file.type !== 'azukari-completeness' || file.version !== 1) {
    throw malformed('it is not a completeness file of version 1');
  }
  if (!isText(file.origin) || !isText(file.checkpoint)) throw malformed('origin or checkpoint is missing');
  if (!isEntry(file.start)) throw malformed('the start of the log is missing');
  if (file.end !== undefined && !isEntry(file.end)) throw malformed('the end of the log is no entry');
  if (!isListOf(file.organisations, isEntry)) throw malformed('organisations is not a list of entries');
  if (!isListOf(file.entries, isEntry)) throw malformed('entries is not a list of entries');
  if (!isListOf(file.indexes, isIndexPart)) throw malformed('indexes is not a list of indexes with leaves');
  // Every field of it has just been looked at.
  return file as unknown as CompletenessFile;
}

type Shape = Record<string, unknown>;
const isObject = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isListOf = (value: unknown, isOne: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isOne);
const isPlace = (value: unknown): value is number => typeof value === 'number' && isTreeSize(value);
const isHex = (value: unknown) => isText(value) && /^[0-9a-f]{64}$/.test(value);

function isEntry(value: unknown): boolean {
  return isObject(value) && isPlace(value.index) && isText(value.entry) && isListOf(value.hashes, isText);
}

function isIndexPart(value: unknown): boolean {
  return isObject(value) && isEntry(value.index) && isListOf(value.leaves, isLeaf);
}

function isLeaf(value: unknown): boolean {
  if (!isObject(value) || !isPlace(value.position) || !isHex(value.tag) || !isHex(value.digest)) return false;
  const { indices } = value;
  return (
    isListOf(value.hashes, isText) &&
    (indices === undefined || (isListOf(indices, isPlace) && isAscending(indices as number[])))
  );
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-completeness', detail);
}
