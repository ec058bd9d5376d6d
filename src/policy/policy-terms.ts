/** What the rules need to know of a program's terms, so that nobody has to put it together by hand. */
import type { Bilingual } from './catalogue.js';
import type { PolicyTerms } from './decision.js';
import type { PolicyBook } from './policy-book.js';
import type { ProgramTerms } from './program-terms.js';

/**
 * @param purpose only the items of this purpose count for identifying fields.
 * @param approved what the board's decision approved beyond the program as such; nothing until there is a decision.
 */
export function policyTermsOf(
  terms: ProgramTerms,
  purpose: string,
  book: Pick<PolicyBook, 'categories'>,
  approved: { readonly onwardSharing: boolean } = { onwardSharing: false },
): PolicyTerms {
  return {
    mode: terms.mode,
    region: terms.region,
    onwardSharing: terms.onwardSharing,
    onwardSharingApproved: approved.onwardSharing,
    legalBasis: terms.legalBasis,
    relation: terms.relation,
    hasPublicInterest: isStated(terms.publicInterest),
    hasResidentBenefit: isStated(terms.benefitToResident),
    hasIdentifyingFields: terms.items.some((item) => item.purpose === purpose && identifies(item, book)),
    minimumAge: terms.minimumAge,
  };
}

function isStated(text: Bilingual | null): boolean {
  return text !== null && text.ja.trim() !== '' && text.en.trim() !== '';
}

/** A field the catalogue does not know is taken for identifying. */
function identifies(item: ProgramTerms['items'][number], book: Pick<PolicyBook, 'categories'>): boolean {
  const fields = book.categories.get(item.category)?.fields ?? [];
  return item.fields.some((code) => fields.find((field) => field.code === code)?.identifying ?? true);
}
