/**
 * Says what is wrong with a value that a schema refused: a stable code and a JSON Pointer (RFC 6901) for the first finding
 * and a bounded list of the others. Values are never repeated, and a member's name only where it looks like a field's.
 */
import type { ArgumentMetadata } from '@nestjs/common';
import { Mistake, type Code } from '../kernel/errors.js';

type Schema = NonNullable<ArgumentMetadata['schema']>;
type Result = Awaited<ReturnType<Schema['~standard']['validate']>>;
export type SchemaIssue = NonNullable<Result['issues']>[number];

/** What Zod adds to an issue of the Standard Schema specification. */
interface ZodIssue extends SchemaIssue {
  readonly code?: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_union`: what each branch had against the value. */
  readonly errors?: readonly (readonly ZodIssue[])[];
}

interface Finding {
  readonly pointer: string;
  readonly code: Code;
}

const findingsMax = 20;

const details: Partial<Record<Code, string>> = {
  'unknown-field': 'there is a field that is not known here',
  'missing-field': 'a field is missing',
  'wrong-type': 'a field is of the wrong type',
  'invalid-request': 'a field does not have the expected form',
};

/**
 * @param value what the schema was given
 * @param type where it came from; what names something in the path and cannot be such a name does not exist
 */
export function mistakeOf(issues: readonly SchemaIssue[], value: unknown, type: ArgumentMetadata['type']): Mistake {
  if (type === 'param') return new Mistake('not-found', 'there is nothing at this address');
  const findings = issues.slice(0, findingsMax).flatMap((issue) => findingsOf(issue, value));
  const first: Finding = findings[0] ?? { pointer: '', code: 'invalid-request' };
  const isBodyMissing = first.code === 'missing-field' && first.pointer === '';
  const where = type === 'query' ? 'query' : 'body';
  return new Mistake(first.code, isBodyMissing ? `a ${where} is needed` : (details[first.code] ?? first.code), {
    in: where,
    pointer: first.pointer,
    findings: findings.slice(0, findingsMax),
  });
}

function findingsOf(issue: ZodIssue, value: unknown): Finding[] {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  if (issue.code === 'unrecognized_keys') {
    const names = (issue.keys ?? []).slice(0, findingsMax);
    return names.map((name) => ({ pointer: pointerTo([...path, name]), code: 'unknown-field' }));
  }
  return [{ pointer: pointerTo(path), code: codeOf(issue, valueAt(value, path)) }];
}

/** Zod's vocabulary of issues: "Customizing errors" of its documentation. */
function codeOf(issue: ZodIssue, found: unknown): Code {
  const isAboutPresence = ['invalid_type', 'invalid_value', 'invalid_union', undefined].includes(issue.code);
  if (found === undefined && isAboutPresence) return 'missing-field';
  if (issue.code === 'invalid_type') return 'wrong-type';
  const branches = issue.code === 'invalid_union' ? (issue.errors ?? []) : [];
  const isOfNoBranch = (branch: readonly ZodIssue[]) =>
    branch.some(({ code, path }) => code === 'invalid_type' && (path ?? []).length === 0);
  return branches.length > 0 && branches.every(isOfNoBranch) ? 'wrong-type' : 'invalid-request';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const segment of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, segment)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[segment];
  }
  return found;
}

/** A name that a stranger chose may be anything, even somebody's; the pointer then ends before it. */
const plainName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

function pointerTo(path: readonly PropertyKey[]): string {
  const end = path.findIndex((segment) => typeof segment !== 'number' && !plainName.test(String(segment)));
  const shown = end === -1 ? path : path.slice(0, end);
  return shown.map((segment) => `/${String(segment)}`).join('');
}
