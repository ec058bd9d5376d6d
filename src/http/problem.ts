/**
 * A failure as it goes out: a problem document (RFC 9457) with a stable code. One code, one shape: nothing in it depends on
 * the request but what the failure itself says, and a refusal for want of consent says nothing at all (design section 5).
 */
import { codes, Mistake, type Code } from '../kernel/errors.js';

export type Headers = Readonly<Record<string, string>>;

export interface Problem {
  /** `<origin>/problems/<code>`: an address that explains the code. */
  readonly type: string;
  readonly title: string;
  readonly titleJa: string;
  readonly status: number;
  readonly code: Code;
  readonly detail: string;
  /** Extension members of the failure: `pointer`, `limitBytes`, `incident`, … */
  readonly [member: string]: unknown;
}

/** Any failure, understood: what {@link toProblem} and the log need to know of it. */
export interface Failure {
  readonly code: Code;
  readonly detail: string;
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Headers;
  /** Ours, not the caller's: the operator is told, and the answer carries the incident's id. */
  readonly isIncident?: boolean;
}

/** A mistake whose answer needs headers of its own: WWW-Authenticate, Retry-After, Allow. */
export class MistakeWithHeaders extends Mistake {
  constructor(
    code: Code,
    detail: string,
    readonly headers: Headers,
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(code, detail, extra);
  }
}

export const problemMediaType = 'application/problem+json; charset=utf-8';

/** @param origin the public one */
export function toProblem({ code, detail, extra }: Failure, origin: string): Problem {
  const [status, title, titleJa] = codes[code];
  const fixed = { type: `${origin}/problems/${code}`, title, titleJa, status, code, detail };
  // Byte for byte the same for a person who exists and one who does not.
  if (code === 'no-consent') return { ...fixed, detail: 'there is no consent in force for this' };
  return { ...fixed, ...extra, ...fixed };
}
