/**
 * Whether a record has the form of its category: the category's JSON Schema (2020-12), compiled once. A problem says where and
 * what, never the value itself.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Category } from './catalogue.js';

export interface RecordProblem {
  /** JSON Pointer (RFC 6901) into the record. */
  readonly path: string;
  readonly message: string;
}

export type RecordValidation =
  { readonly ok: true } | { readonly ok: false; readonly problems: readonly RecordProblem[] };

const problemsMax = 20;
const validators = new WeakMap<Category, ValidateFunction>();

/**
 * Makes ready what `validateRecord` needs, for all categories of one book (the rules for schemas themselves are compiled once).
 * The function it returns throws an Error when the schema is not valid.
 */
export function schemaCompiler(): (category: Category, schema: unknown) => void {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allErrors: true,
  });
  addFormats.default(ajv, { mode: 'full' });
  return (category, schema) => {
    validators.set(category, ajv.compile(schema as object));
  };
}

/** The first problems of a record, at most 20. */
export function validateRecord(category: Category, record: unknown): RecordValidation {
  const validate = validators.get(category);
  if (!validate) throw new Error(`the schema of ${category.code} was not prepared`);
  if (validate(record)) return { ok: true };
  const problems = (validate.errors ?? []).slice(0, problemsMax).map((error) => ({
    path: error.instancePath,
    message: `${error.message ?? 'is not as the schema says'}${allowedOf(error.keyword, error.params)}`,
  }));
  return { ok: false, problems };
}

/** The values a schema allows are no secret and spare the sender a look into it. */
function allowedOf(keyword: string, params: Record<string, unknown>): string {
  if (keyword === 'enum') return `: ${String((params.allowedValues as unknown[]).join(', '))}`;
  if (keyword === 'const') return `: ${String(params.allowedValue)}`;
  return '';
}
