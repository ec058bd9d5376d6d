/**
 * The terms of a program (提供条件) and the application around them, as policy reads them. The board approves exactly these; a
 * condition can only narrow them.
 */
import type { Bilingual } from './catalogue.js';

export type Mode = 'view' | 'store' | 'answer_only';
export type LegalBasis = 'consent' | 'law' | 'special_zone' | 'emergency';
export type Relation = 'third_party_provision' | 'entrustment' | 'joint_use';

export interface ProgramItem {
  readonly purpose: string;
  readonly category: string;
  readonly fields: readonly string[];
}

export interface ProgramTerms {
  readonly items: readonly ProgramItem[];
  /** How long a consent lasts at most. */
  readonly periodDays: number;
  /** How long the recipient keeps what it received. */
  readonly retentionDays: number;
  /** Null: as often as needed, each use logged. */
  readonly frequency: { readonly count: number; readonly per: 'day' | 'week' | 'month' } | null;
  readonly mode: Mode;
  /** ISO 3166-1 alpha-2 code of the country in which the data are handled. */
  readonly region: string;
  readonly onwardSharing: boolean;
  readonly legalBasis: LegalBasis;
  readonly relation: Relation;
  readonly publicInterest: Bilingual | null;
  readonly benefitToResident: Bilingual;
  readonly benefitToTown: Bilingual;
  readonly safetyMeasures: Bilingual;
  /** Names of the recipient's processors (委託先). */
  readonly processors: readonly string[];
  readonly impactAssessment: Bilingual;
  readonly minimumAge: number;
  /** Calendar dates in Japan, YYYY-MM-DD. */
  readonly startsOn: string;
  readonly endsOn: string;
  readonly reviewOn: string;
}

export type RecipientKind = 'clinic' | 'university' | 'transport' | 'retailer' | 'insurer' | 'city';

export interface PolicyRecipient {
  readonly id: string;
  readonly kind: RecipientKind;
  /** ISO 3166-1 alpha-2 code of the recipient's seat. */
  readonly country: string;
}

export interface ProgramApplication {
  readonly recipient: PolicyRecipient;
  readonly title: Bilingual;
  readonly explanation: Bilingual;
  readonly problem: Bilingual;
  readonly beneficiary: Bilingual;
  readonly target: Bilingual;
  readonly targetYear: number;
  readonly terms: ProgramTerms;
}
