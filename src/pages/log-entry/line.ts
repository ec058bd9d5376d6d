/**
 * A log entry as the board reads it: the JSON line of the transparency log, taken apart without trusting it. What is not of the
 * expected form is shown as it is, never guessed at.
 */
import { consentStates, programStatuses, type ConsentState, type ProgramStatus } from '../status-text.js';

interface Line {
  /** UTC to the minute, `YYYY-MM-DDTHH:MMZ`. */
  readonly at: string;
}

export type LogLine = Line &
  (
    | { readonly t: 'start'; readonly origin: string }
    | { readonly t: 'org'; readonly org: string; readonly kind: OrgKind; readonly status: OrgStatus }
    | { readonly t: 'policy'; readonly policy: string }
    | {
        readonly t: 'program';
        readonly recipient: string;
        readonly program: string;
        readonly version: number;
        readonly status: ProgramStatus;
      }
    | {
        readonly t: 'consent';
        readonly recipient: string;
        readonly program: string;
        readonly version: number;
        readonly state: ConsentState;
      }
    | {
        readonly t: 'provision';
        readonly recipient: string;
        readonly program: string;
        readonly purpose: string;
        readonly categories: readonly string[];
      }
    | {
        readonly t: 'refusal';
        readonly recipient: string;
        readonly program?: string;
        readonly reason: string;
      }
    | { readonly t: 'void'; readonly of: number; readonly reason: string; readonly recipient: string }
    | { readonly t: 'list'; readonly recipient: string; readonly program: string; readonly count: number }
    | { readonly t: 'deposit'; readonly source: string; readonly category: string; readonly count: number }
  );

export type OrgKind = 'recipient' | 'source' | 'pseudo' | 'unit';
export type OrgStatus = 'registered' | 'suspended' | 'resumed' | 'removed';
export type LineKind = LogLine['t'];

type Shape = 'string' | 'number' | 'strings' | 'string or nothing' | readonly string[];

const orgKinds: readonly OrgKind[] = ['recipient', 'source', 'pseudo', 'unit'];
const orgStatuses: readonly OrgStatus[] = ['registered', 'suspended', 'resumed', 'removed'];

/** What each kind must carry: field → its JSON type, or the values it may have. */
const shapes: Readonly<Record<LineKind, Readonly<Record<string, Shape>>>> = {
  start: { origin: 'string' },
  org: { org: 'string', kind: orgKinds, status: orgStatuses },
  policy: { policy: 'string' },
  program: { recipient: 'string', program: 'string', version: 'number', status: programStatuses },
  consent: { recipient: 'string', program: 'string', version: 'number', state: consentStates },
  provision: { recipient: 'string', program: 'string', purpose: 'string', categories: 'strings' },
  refusal: { recipient: 'string', program: 'string or nothing', reason: 'string' },
  void: { of: 'number', reason: 'string', recipient: 'string' },
  list: { recipient: 'string', program: 'string', count: 'number' },
  deposit: { source: 'string', category: 'string', count: 'number' },
};

/** The kinds of entries, in the order in which they are listed and counted. */
export const lineKinds = Object.keys(shapes) as readonly LineKind[];

/** The entry that `text` is, or null when it is of a kind or form this page does not know. */
export function parseLogLine(text: string): LogLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  const kind = lineKinds.find((each) => each === fields['t']);
  if (!kind || typeof fields['at'] !== 'string' || Number.isNaN(Date.parse(fields['at']))) return null;
  const holds = Object.entries(shapes[kind]).every(([name, shape]) => fits(fields[name], shape));
  // Every field of the kind has just been looked at, one by one.
  return holds ? (fields as unknown as LogLine) : null;
}

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape !== 'string') return shape.some((allowed) => allowed === value);
  if (shape === 'strings') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (shape === 'string or nothing') return value === undefined || typeof value === 'string';
  return typeof value === shape;
}
