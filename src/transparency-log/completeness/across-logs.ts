/**
 * What several logs of a city say together about one resident: that each follows from the one before, that no organisation was left out at the turn,
 * and which logs were not brought. Each by itself is complete or not (check-subject.ts).
 */
import type { EntryOf } from '../entry.js';
import { type Finding, type FindingCode, VerificationError } from '../finding.js';

/** One log as far as it was looked at, in a file or whole. */
export interface SubjectLog {
  readonly origin: string;
  /** Entries the checkpoint covers, and the root of these in base64. */
  readonly size: number;
  readonly root: string;
  /** Null when it could not be read. */
  readonly start: EntryOf<'start'> | null;
  /** Of a log that is closed, and was looked at to its end. */
  readonly close: EntryOf<'close'> | null;
  readonly organisations: ReadonlyMap<string, number>;
}

export interface Across {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly string[];
}

export function checkAcross(logs: readonly SubjectLog[]): Across {
  const byOrigin = new Map(logs.map((log) => [log.origin, log]));
  const findings: Finding[] = [];
  const unchecked: string[] = [];
  for (const log of logs) {
    const { start, close } = log;
    if (start?.previous !== undefined) {
      const before = byOrigin.get(start.previous);
      if (before) findings.push(...turnFindings(before, log, start));
      if (before && before.size < start.size!) unchecked.push(endOf(before, start.size!));
      if (!before)
        unchecked.push(`what is logged in ${start.previous}, the log before ${log.origin}: bring it as well`);
    }
    if (close && !byOrigin.has(close.next)) {
      unchecked.push(`what is logged in ${close.next}, which follows ${log.origin}: bring it as well`);
    }
  }
  return { findings, unchecked };
}

function endOf({ origin, size }: SubjectLog, end: number): string {
  return `entries ${size} to ${end - 1} of ${origin}: bring the newest file of that log`;
}

function turnFindings(before: SubjectLog, log: SubjectLog, start: EntryOf<'start'>): Finding[] {
  const findings: Finding[] = [];
  const found = (code: FindingCode, detail: string) =>
    findings.push({
      code,
      place: `entry 0 of ${log.origin}`,
      index: 0,
      message: new VerificationError(code, detail).message,
    });
  const isOther = before.size > start.size! || (before.size === start.size && before.root !== start.root);
  if (isOther)
    found(
      'previous-differs',
      `it quotes ${start.size} entries of ${before.origin}, and those shown here are others (${before.size})`,
    );
  if (before.close && before.close.next !== log.origin) {
    found('previous-differs', `${before.origin} ends by naming ${before.close.next} as the log that follows`);
  }
  const missing = [...before.organisations.keys()].filter((code) => !log.organisations.has(code));
  if (missing.length > 0)
    found('organisation-missing', `${missing.join(', ')}: known in ${before.origin} and not stated again`);
  return findings;
}
