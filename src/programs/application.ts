/** The form of an application, as a recipient sends it and as it is kept: the terms (提供条件) and the words around them. */
import { z } from 'zod';

/** What would change how the text around it reads: control characters and overrides of direction (Unicode Standard Annex 9). */
const disturbing = /\p{Bidi_Control}|[^\P{Cc}\n\t]/u;
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((words) => !disturbing.test(words), 'control characters and overrides of direction are not accepted');
const bilingual = (max: number) => z.strictObject({ ja: text(max), en: text(max) });
const code = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/);
/** PostgreSQL has no year 0. */
const date = z.iso.date().refine((day) => !day.startsWith('0000'), 'there is no year 0');

const plainTermsSchema = z.strictObject({
  items: z
    .array(z.strictObject({ purpose: code, category: code, fields: z.array(code).min(1).max(40) }))
    .min(1)
    .max(60),
  periodDays: z.int().min(1).max(3660),
  retentionDays: z.int().min(0).max(36600),
  /** Null: as often as needed, each use logged. */
  frequency: z.strictObject({ count: z.int().min(1).max(1_000_000), per: z.enum(['day', 'week', 'month']) }).nullable(),
  mode: z.enum(['view', 'store', 'answer_only']),
  /** Where the data is processed: ISO 3166-1 alpha-2. */
  region: z.string().regex(/^[A-Z]{2}$/),
  onwardSharing: z.boolean(),
  legalBasis: z.enum(['consent', 'law', 'special_zone', 'emergency']),
  relation: z.enum(['third_party_provision', 'entrustment', 'joint_use']),
  publicInterest: bilingual(500).nullable(),
  benefitToResident: bilingual(500),
  benefitToTown: bilingual(500),
  safetyMeasures: bilingual(1000),
  processors: z.array(text(100)).max(20),
  impactAssessment: bilingual(2000),
  minimumAge: z.int().min(0).max(120),
  startsOn: date,
  endsOn: date,
  reviewOn: date,
});

/** What the tables could not hold; everything else that stands against a review is a finding of the checks. */
export const termsSchema = plainTermsSchema
  .refine(({ startsOn, endsOn }) => startsOn < endsOn, {
    path: ['endsOn'],
    message: 'the program ends after it starts',
  })
  .refine(
    ({ items }) => new Set(items.map(({ purpose, category }) => `${purpose}/${category}`)).size === items.length,
    {
      path: ['items'],
      message: 'a purpose and category stand there once',
    },
  );

export const applicationSchema = z.strictObject({
  title: bilingual(120),
  explanation: bilingual(2000),
  problem: bilingual(1000),
  beneficiary: bilingual(500),
  target: bilingual(500),
  targetYear: z.int().min(2000).max(2200),
  terms: termsSchema,
});

/** What a recipient hands in; who hands it in is known from its access token. */
export type Application = z.infer<typeof applicationSchema>;
export type ProgramItem = Application['terms']['items'][number];
