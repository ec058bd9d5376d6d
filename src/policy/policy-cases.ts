/**
 * The board's case files: what it expects the rules to say of a concrete request, and why. Each file has a request that its cases start
 * from (`given`) and vary. They are read with the book, and a book in which one comes out otherwise is not loaded.
 */
import { z } from 'zod';
import type { PolicyRequest } from './decision.js';
import { PolicyBookError } from './policy-book-error.js';
import { readYaml, type PolicyFiles } from './policy-files.js';

const recipientSchema = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(['clinic', 'university', 'transport', 'retailer', 'insurer', 'city']),
  country: z.string().regex(/^[A-Z]{2}$/),
});

const termsSchema = z.strictObject({
  mode: z.enum(['view', 'store', 'answer_only']),
  region: z.string().regex(/^[A-Z]{2}$/),
  onwardSharing: z.boolean(),
  onwardSharingApproved: z.boolean(),
  legalBasis: z.enum(['consent', 'law', 'special_zone', 'emergency']),
  relation: z.enum(['third_party_provision', 'entrustment', 'joint_use']),
  hasPublicInterest: z.boolean(),
  hasResidentBenefit: z.boolean(),
  hasIdentifyingFields: z.boolean(),
  minimumAge: z.int().min(0),
});

const requestSchema = z.strictObject({
  action: z.enum(['apply', 'consent', 'provide']),
  recipient: recipientSchema,
  purpose: z.string(),
  categories: z.array(z.string()),
  terms: termsSchema,
  residentAge: z.enum(['child', 'young', 'adult', 'unknown']),
});

const variation = requestSchema
  .extend({ recipient: recipientSchema.partial(), terms: termsSchema.partial() })
  .partial();

const expectation = z
  .string()
  .regex(/^(permit|forbid) [a-z]+(-[a-z0-9]+)*$/, 'must be “permit” or “forbid” and the id of a rule')
  .transform((text) => {
    const [effect, rule] = text.split(' ') as ['permit' | 'forbid', string];
    return { effect, rule };
  });

const caseFileSchema = z.strictObject({
  given: requestSchema,
  cases: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1),
        request: variation,
        expect: expectation,
        reason: z.string().trim().min(1),
      }),
    )
    .min(1),
});

export interface PolicyCase {
  readonly file: string;
  readonly name: string;
  readonly request: PolicyRequest;
  readonly expect: { readonly effect: 'permit' | 'forbid'; readonly rule: string };
  readonly reason: string;
}

export function readCases(files: PolicyFiles): PolicyCase[] {
  const cases: PolicyCase[] = [];
  for (const file of files.keys()) {
    if (!file.startsWith('cases/')) continue;
    const { given, cases: variations } = readYaml(files, file, caseFileSchema);
    for (const { name, request, expect, reason } of variations) {
      if (cases.some((known) => known.name === name)) throw new PolicyBookError(file, name, 'two cases have this name');
      cases.push({ file, name, request: vary(given, request), expect, reason });
    }
  }
  return cases;
}

function vary(given: PolicyRequest, changes: z.infer<typeof variation>): PolicyRequest {
  return {
    ...given,
    ...changes,
    recipient: { ...given.recipient, ...changes.recipient },
    terms: { ...given.terms, ...changes.terms },
  };
}
