/**
 * What a recipient may ask a token for (RFC 9396): provisions under one of its programs, or the management of its own
 * applications. A token has exactly one such detail, of exactly these fields; anything else is refused.
 */
import { z } from 'zod';
import { parseStrictJson } from './proof/strict-json.js';

export const provisionType = 'azukari_provision';
export const applicationType = 'azukari_application';
export const detailTypes = [provisionType, applicationType] as const;

const code = z.string().regex(/^[a-z0-9][a-z0-9.:-]{0,62}$/);

const provisionDetail = z.strictObject({
  type: z.literal(provisionType),
  program: code,
  purpose: code,
  categories: z
    .array(code)
    .min(1)
    .max(64)
    .refine((codes) => new Set(codes).size === codes.length),
});
const applicationDetail = z.strictObject({ type: z.literal(applicationType) });
const oneDetail = z.tuple([z.discriminatedUnion('type', [provisionDetail, applicationDetail])]);

export type ProvisionDetail = z.infer<typeof provisionDetail>;
export type AuthorizationDetail = ProvisionDetail | z.infer<typeof applicationDetail>;

/**
 * Given by the programs' rung: what a recipient's program covers at the moment. Null when the recipient has no such
 * program, whether or not another has. `items` are the pairs its approved terms name.
 */
export type ProgramLookup = (recipientId: string, programId: string) => Promise<ProgramCover | null>;

export interface ProgramCover {
  readonly active: boolean;
  readonly items: readonly { readonly purpose: string; readonly category: string }[];
}

/** The one detail that `parameter` (JSON text) spells, categories ascending; null when it is anything else. */
export function parseAuthorizationDetails(parameter: unknown): AuthorizationDetail | null {
  const parsed = oneDetail.safeParse(typeof parameter === 'string' ? parseStrictJson(parameter) : undefined);
  if (!parsed.success) return null;
  const [detail] = parsed.data;
  return detail.type === provisionType ? { ...detail, categories: detail.categories.toSorted() } : detail;
}

/** Why a program does not cover what is asked, or null when it does. The sentences name nothing the asker did not send. */
export function findUncovered(detail: ProvisionDetail, program: ProgramCover | null): string | null {
  if (program === null) return 'there is no such program of this recipient';
  if (!program.active) return 'the program is not active';
  const covers = (category: string) =>
    program.items.some((item) => item.purpose === detail.purpose && item.category === category);
  return detail.categories.every(covers) ? null : 'the program does not cover this purpose and these categories';
}
