/** A resident's consents and choices, as their pages show them. */
import type { Bilingual, Named } from '../language.js';
import type { ConsentState } from '../status-text.js';
import type { Category } from '../terms.js';

/** What a consent covers for one purpose. */
export interface ConsentItem {
  readonly purpose: Named;
  readonly categories: readonly Category[];
}

export interface Consent {
  readonly id: string;
  readonly state: ConsentState;
  readonly recipient: Named;
  readonly program: { readonly id: string; readonly title: Bilingual; readonly isSuspended: boolean };
  readonly items: readonly ConsentItem[];
  readonly answeredAt: Date;
  /** The instant at which it ends by itself; null for a refusal. */
  readonly until: Date | null;
  /** When it ended, if it did. */
  readonly endedAt: Date | null;
  /** When data was last provided for the program; unknown when that lies too far back to have been looked up. */
  readonly lastUse: Date | 'never' | 'unknown';
}

/** An active program the resident has not answered, or has answered before and may answer anew. */
export interface OpenProgram {
  readonly id: string;
  readonly title: Bilingual;
  readonly explanation: Bilingual;
  readonly recipient: Named;
  readonly items: readonly ConsentItem[];
}
