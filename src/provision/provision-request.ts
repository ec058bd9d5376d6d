/** What a recipient asks at the door, in the words of the API, and its digest as a receipt's detail names it. */
import { toHex } from '../kernel/bytes.js';
import { hashCanonicalJson, toCanonicalJson } from '../kernel/canonical-json.js';
import { encodePairwiseId } from '../kernel/pairwise-id.js';
import type { ReadItem } from './append-item.js';
import type { Resolved } from './gate.service.js';

/** The text a provision entry commits to (RFC 8785): what exactly was asked and committed to, and never a global id. */
export function detailOf(
  item: ReadItem,
  resolved: Resolved,
  fields: Readonly<Record<string, readonly string[]>>,
  now: Date,
): string {
  const pairwiseId = encodePairwiseId(item.pairwiseId);
  const window = { from: item.from, to: item.to };
  const { categories, programId: program, purpose } = item;
  // Members in their canonical order, which spares the sorting.
  return toCanonicalJson({
    at: now.toISOString(),
    items: categories.map((category) => ({ category, fields: fields[category] ?? [], purpose })),
    // APPI article 30: how what is received was obtained.
    obtained: 'deposited by the named source under the resident’s authorisation',
    pairwiseId,
    request: toHex(hashCanonicalJson({ categories, pairwiseId, program, purpose, window })),
    versions: Object.fromEntries(categories.map((category, position) => [category, resolved.versions[position] ?? 0])),
    window,
  });
}
