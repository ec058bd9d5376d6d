/**
 * The detail of a provision: the text that the entry commits to (RFC 8785), which says what exactly was asked and committed to, and never a global id.
 * Most of it stands in the entry or follows from what does, so in the resident's box lies only the rest, and the text is made again from both. That of a
 * refusal is the same text, to which its entry does not commit. How it is made never changes: what was sealed in one form is read in it for as long as the
 * log stands.
 *
 *   rest = form (1 byte, 1) | pairwise id (32 bytes) | JSON [at, [fields of each category], [version of each category], from, to]
 */
import * as z from 'zod';
import { toHex, utf8 } from '../kernel/bytes.js';
import { hashCanonicalJson, toCanonicalJson } from '../kernel/canonical-json.js';
import { encodePairwiseId } from '../kernel/pairwise-id.js';
import type { Entry } from '../transparency-log/entry.js';

export interface ProvisionFacts {
  /** When it was asked, to the millisecond. */
  at: Date;
  programId: string;
  purpose: string;
  /** Ascending; fields and versions are in the same order. */
  categories: readonly string[];
  fields: readonly (readonly string[])[];
  /** 0 where nothing was ever deposited. */
  versions: readonly number[];
  /** 32 bytes. */
  pairwiseId: Uint8Array;
  /** `YYYY-MM-DD`, inclusive. */
  from: string | null;
  /** `YYYY-MM-DD`, exclusive. */
  to: string | null;
}

const form = 1;
const pairwiseBytes = 32;

/** The text itself. */
export function provisionDetail(facts: ProvisionFacts): string {
  const { at, programId: program, purpose, categories, fields, versions, from, to } = facts;
  const pairwiseId = encodePairwiseId(facts.pairwiseId);
  const window = { from, to };
  // Members in their canonical order, which spares the sorting.
  return toCanonicalJson({
    at: at.toISOString(),
    items: categories.map((category, place) => ({ category, fields: fields[place] ?? [], purpose })),
    // APPI article 30: how what is received was obtained.
    obtained: 'deposited by the named source under the resident’s authorisation',
    pairwiseId,
    request: toHex(hashCanonicalJson({ categories, pairwiseId, program, purpose, window })),
    versions: Object.fromEntries(categories.map((category, place) => [category, versions[place] ?? 0])),
    window,
  });
}

/** What an entry that names program, purpose and categories does not say. */
export function restOfDetail({ at, pairwiseId, fields, versions, from, to }: ProvisionFacts): Buffer {
  return Buffer.concat([Buffer.of(form), pairwiseId, utf8(JSON.stringify([at.getTime(), fields, versions, from, to]))]);
}

/** Is it a rest, and not a text, which begins with a brace? */
export function isRest(content: Uint8Array): boolean {
  return content[0] === form;
}

/** The text again; null where the two do not belong together. Throws `SyntaxError` for a rest that is none. */
export function detailFromRest(entry: Entry, rest: Buffer): string | null {
  if (entry.t !== 'provision' && entry.t !== 'refusal') return null;
  const { program: programId, purpose, categories } = entry;
  const kept = keptParts.safeParse(JSON.parse(rest.subarray(1 + pairwiseBytes).toString('utf8')));
  if (programId === undefined || purpose === undefined || categories === undefined || !kept.success) return null;
  const [at, fields, versions, from, to] = kept.data;
  if (fields.length !== categories.length || versions.length !== categories.length) return null;
  const pairwiseId = rest.subarray(1, 1 + pairwiseBytes);
  return provisionDetail({ at: new Date(at), programId, purpose, categories, fields, versions, pairwiseId, from, to });
}

const text = z.string().refine((value) => value.isWellFormed());
const day = text.nullable();
/** The most milliseconds that a date has (ECMA-262, 21.4.1.1). */
const latest = 8.64e15;
const keptParts = z.tuple([z.int().min(0).max(latest), z.array(z.array(text)), z.array(z.int()), day, day]);
