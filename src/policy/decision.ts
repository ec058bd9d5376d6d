/**
 * The one decision: may this recipient, for this purpose, receive these categories of this resident? The answer is no unless a rule
 * says yes for every category; an unknown code, an error and silence are no (design section 8). A pure function of the request and
 * the rules, remembered for as long as it is asked often.
 */
import { toCanonicalJson } from '../kernel/canonical-json.js';
import type { Bilingual, Category, Purpose } from './catalogue.js';
import type { CedarRules, CedarQuestion } from './cedar-rules.js';
import type { LegalBasis, Mode, PolicyRecipient, Relation } from './program-terms.js';

export type PolicyAction = 'apply' | 'consent' | 'provide';

/** child: under 16. young: 16 and 17. adult: 18 and over. */
export type ResidentAge = 'child' | 'young' | 'adult' | 'unknown';

/** What the rules need to know of a program's terms. `policyTermsOf` makes it. */
export interface PolicyTerms {
  readonly mode: Mode;
  readonly region: string;
  readonly onwardSharing: boolean;
  /** The board approved onward sharing itself, not only the program. */
  readonly onwardSharingApproved: boolean;
  readonly legalBasis: LegalBasis;
  readonly relation: Relation;
  readonly hasPublicInterest: boolean;
  readonly hasResidentBenefit: boolean;
  readonly hasIdentifyingFields: boolean;
  readonly minimumAge: number;
}

export interface PolicyRequest {
  readonly action: PolicyAction;
  readonly recipient: PolicyRecipient;
  readonly purpose: string;
  readonly categories: readonly string[];
  readonly terms: PolicyTerms;
  /** `unknown` when a program applies: there is no resident yet. */
  readonly residentAge: ResidentAge;
}

/** Why. `rule` is the id of a rule in rules.cedar, or one of the reasons below when no rule speaks. */
export interface DecisionReason {
  readonly rule: string;
  readonly effect: 'permit' | 'forbid';
  /** The category it was said of; null when it concerns the whole request. */
  readonly category: string | null;
  readonly sentence: Bilingual;
}

export interface PolicyDecision {
  readonly permitted: boolean;
  readonly reasons: readonly DecisionReason[];
}

/** Reasons of a refusal that no rule gives. */
export const ownReasons = {
  'no-rule-permits': { ja: 'この利用を認める規則がありません。', en: 'No rule permits this use.' },
  'unknown-purpose': { ja: 'その利用目的は登録されていません。', en: 'There is no such purpose.' },
  'unknown-category': { ja: 'そのデータ区分は登録されていません。', en: 'There is no such category.' },
  'nothing-requested': { ja: 'データ区分が指定されていません。', en: 'No category is requested.' },
  'rules-erred': {
    ja: '規則の確認中に問題が起きたため、認められません。',
    en: 'The rules could not be evaluated, so the answer is no.',
  },
} as const satisfies Record<string, Bilingual>;

const remembered = 4096;

export class Decider {
  private readonly decisions = new Map<string, PolicyDecision>();

  constructor(
    private readonly purposes: ReadonlyMap<string, Purpose>,
    private readonly categories: ReadonlyMap<string, Category>,
    private readonly rules: CedarRules,
  ) {}

  decide(request: PolicyRequest): PolicyDecision {
    const key = keyOf(request);
    const known = this.decisions.get(key);
    if (known) return known;
    const decision = Object.freeze(this.evaluate(request));
    if (this.decisions.size >= remembered) this.decisions.delete(this.decisions.keys().next().value!);
    this.decisions.set(key, decision);
    return decision;
  }

  private evaluate(request: PolicyRequest): PolicyDecision {
    let permitted = false;
    const purpose = this.purposes.get(request.purpose);
    if (!purpose) return { permitted, reasons: [ownReason('unknown-purpose', null)] };
    const codes = [...new Set(request.categories)].sort();
    if (codes.length === 0) return { permitted, reasons: [ownReason('nothing-requested', null)] };
    const reasons = codes.flatMap((code) => {
      const category = this.categories.get(code);
      return category ? this.reasonsFor(request, purpose, category, codes) : [ownReason('unknown-category', code)];
    });
    const refusals = reasons.filter(({ effect }) => effect === 'forbid');
    permitted = refusals.length === 0 && codes.every((code) => reasons.some(({ category }) => category === code));
    return { permitted, reasons: permitted ? reasons : refusals };
  }

  private reasonsFor(request: PolicyRequest, purpose: Purpose, category: Category, codes: string[]): DecisionReason[] {
    const answer = this.rules.ask(questionOf(request, purpose, category, codes));
    if (answer.hasErrors) return [ownReason('rules-erred', category.code)];
    const spoken = answer.ruleIds.map((id) => {
      const { effect, sentence } = this.rules.rules.get(id)!;
      return { rule: id, effect, category: category.code, sentence };
    });
    if (answer.isAllowed) return spoken;
    return spoken.length > 0 ? spoken : [ownReason('no-rule-permits', category.code)];
  }
}

function ownReason(rule: keyof typeof ownReasons, category: string | null): DecisionReason {
  return { rule, effect: 'forbid', category, sentence: ownReasons[rule] };
}

/** Everything the answer depends on, and nothing else. */
function keyOf({ action, recipient, purpose, categories, terms, residentAge }: PolicyRequest): string {
  return toCanonicalJson([action, recipient, purpose, categories, terms, residentAge]);
}

function questionOf(request: PolicyRequest, purpose: Purpose, category: Category, codes: string[]): CedarQuestion {
  const { recipient, terms, residentAge, action } = request;
  const principal = { type: 'Recipient', id: recipient.id };
  const resource = { type: 'Category', id: category.code };
  return {
    principal,
    resource,
    action: { type: 'Action', id: action },
    context: {
      purpose: { code: purpose.code, kind: purpose.kind },
      categories: codes,
      residentAge,
      terms: {
        mode: terms.mode,
        region: terms.region,
        onwardSharing: terms.onwardSharing,
        onwardSharingApproved: terms.onwardSharingApproved,
        legalBasis: terms.legalBasis,
        relation: terms.relation,
        hasPublicInterest: terms.hasPublicInterest,
        hasResidentBenefit: terms.hasResidentBenefit,
        hasIdentifyingFields: terms.hasIdentifyingFields,
        minimumAge: terms.minimumAge,
      },
    },
    entities: [
      { uid: principal, attrs: { kind: recipient.kind, country: recipient.country }, parents: [] },
      {
        uid: resource,
        attrs: {
          sensitivity: category.sensitivity,
          specialCare: category.specialCare !== null,
          marks: category.marks,
          purposes: category.purposes,
        },
        parents: [],
      },
    ],
  };
}
