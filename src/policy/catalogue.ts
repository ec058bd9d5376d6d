/**
 * The catalogues and tables of the policy folder in their exact shapes: purposes, categories with their consentable fields, and
 * the smaller tables beside them. Every text stands in Japanese and English; a missing one is an error.
 */
import { z } from 'zod';
import { compilePath } from './path-pattern.js';

const text = z.string().trim().min(1).max(2000);
export const bilingual = z.strictObject({ ja: text, en: text });
export type Bilingual = z.infer<typeof bilingual>;

const code = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens');
const catalogueCode = z.string().regex(/^[a-z]+\.[a-z]+(-[a-z]+)*$/, 'must be like health.checkup');
const days = z.int().min(1).max(3660);

export const purposeKinds = [
  'care',
  'research',
  'transport',
  'welfare',
  'disaster',
  'childcare',
  'energy',
  'advertising',
  'insurance',
  'city',
] as const;

export const purposeSchema = z.strictObject({
  code: catalogueCode,
  version: z.int().min(1),
  kind: z.enum(purposeKinds),
  name: bilingual,
  description: bilingual,
  dpv: z.string().regex(/^https:\/\/w3id\.org\/dpv#[A-Z][A-Za-z]+$/, 'must be a DPV purpose IRI'),
});
export type Purpose = z.infer<typeof purposeSchema>;

const path = z.string().superRefine((source, context) => {
  try {
    compilePath(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** Paths with a common beginning may be written once under it. */
const paths = z
  .array(z.union([path, z.strictObject({ under: path, paths: z.array(path).min(1) })]))
  .min(1)
  .transform((list) =>
    list.flatMap((item) => (typeof item === 'string' ? [item] : item.paths.map((rest) => `${item.under}.${rest}`))),
  );

export const fieldSchema = z.strictObject({
  code,
  name: bilingual,
  /** A direct identifier of the resident or of another person, or a text in which one may stand. */
  identifying: z.boolean(),
  paths,
});
export type Field = z.infer<typeof fieldSchema>;

export const categorySchema = z
  .strictObject({
    code: catalogueCode,
    version: z.int().min(1),
    name: bilingual,
    description: bilingual,
    dpv: z.string().regex(/^https:\/\/w3id\.org\/dpv\/pd#[A-Z][A-Za-z]+$/, 'must be an IRI of DPV personal data'),
    sensitivity: z.enum(['general', 'careful', 'sensitive']),
    /** The ground on which it is 要配慮個人情報, or null when it is not. */
    specialCare: bilingual.nullable(),
    marks: z.array(z.enum(['health', 'care', 'contact', 'household', 'location', 'meter', 'child', 'tax'])),
    purposes: z.array(catalogueCode).min(1),
    limits: z.strictObject({ retentionDaysMaximum: days, periodDaysMaximum: days, regions: code }),
    schema: z.string().regex(/^schemas\/[a-z.-]+\.json$/),
    structure: paths,
    fields: z.array(fieldSchema).min(1),
  })
  .refine((category) => category.specialCare === null || category.sensitivity === 'sensitive', {
    path: ['sensitivity'],
    message: 'special-care information is sensitive',
  });
export type Category = z.infer<typeof categorySchema>;

export const regionsSchema = z.record(code, z.array(z.string().regex(/^[A-Z]{2}$/)).min(1));

export const limitsSchema = z.strictObject({
  programDaysMaximum: days,
  reviewWithinDays: days,
  minimumAgeFloor: z.int().min(0).max(120),
  minimumAgeCeiling: z.int().min(0).max(120),
  frequencyPerDayMaximum: z.number().positive(),
  targetYearsAhead: z.int().min(1).max(50),
  textLengthMaximum: z.int().min(100),
});
export type Limits = z.infer<typeof limitsSchema>;

const vagueWord = z.strictObject({ word: text, allowed: z.array(text) });
export const vagueWordsSchema = z.strictObject({ ja: z.array(vagueWord).min(1), en: z.array(vagueWord).min(1) });
export type VagueWords = z.infer<typeof vagueWordsSchema>;

const numberKind = z
  .strictObject({
    kind: code,
    name: bilingual,
    ground: bilingual,
    digits: z.int().min(4).max(20).optional(),
    checkDigit: z.enum(['individual-number', 'resident-record-code']).optional(),
    systems: z.array(text),
    keys: z.array(text),
    labels: z.array(text),
  })
  .refine((kind) => kind.systems.length + kind.keys.length + kind.labels.length > 0, 'nothing says how it is found');
export const forbiddenNumbersSchema = z.strictObject({ version: z.int().min(1), kinds: z.array(numberKind).min(1) });
export type ForbiddenNumbers = z.infer<typeof forbiddenNumbersSchema>;

export const roleSchema = z.strictObject({
  code,
  name: bilingual,
  rights: z.array(z.string().regex(/^[a-z]+\.[a-z]+$/)).min(1),
  apartFrom: z.array(code),
});
export type Role = z.infer<typeof roleSchema>;

export const staffReasonSchema = z.strictObject({ code, name: bilingual });
export type StaffReason = z.infer<typeof staffReasonSchema>;
