/** What a recipient asks at the door, in the words of the API, and its digest as a receipt's detail names it. */
import { toHex } from '../kernel/bytes.js';
import { hashCanonicalJson, toCanonicalJson } from '../kernel/canonical-json.js';
import { encodePairwiseId } from '../kernel/pairwise-id.js';
import type { ReadItem, Resolved } from './gate.service.js';

/** The text a provision entry commits to (RFC 8785): what exactly was asked and committed to, and never a global id. */
export function detailOf(
  item: ReadItem,
  resolved: Resolved,
  fields: Readonly<Record<string, readonly string[]>>,
  now: Date,
): string {
  const pairwiseId = encodePairwiseId(item.pairwiseId);
  const window = { from: item.from, to: item.to };
  const request = { program: item.programId, purpose: item.purpose, categories: item.categories, window };
  return toCanonicalJson({
    pairwiseId,
    request: toHex(hashCanonicalJson({ ...request, pairwiseId })),
    items: item.categories.map((category) => ({ purpose: item.purpose, category, fields: fields[category] ?? [] })),
    window,
    at: now.toISOString(),
    versions: Object.fromEntries(
      item.categories.map((category, position) => [category, resolved.versions[position] ?? 0]),
    ),
    // APPI article 30: how what is received was obtained.
    obtained: 'deposited by the named source under the resident’s authorisation',
  });
}
