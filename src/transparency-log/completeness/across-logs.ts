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
  /** Every organisation that was checked, with the entry that registered it first. */
  readonly organisations: ReadonlyMap<string, number>;
}

interface Across {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly string[];
}

export function checkAcross(logs: readonly SubjectLog[]): Across {
  const findings: Finding[] = [...forks(logs), ...followers(logs)];
  const unchecked: string[] = [];
  for (const log of logs) {
    const { start, close } = log;
    if (start?.previous !== undefined) {
      const before = logs.filter(({ origin }) => origin === start.previous);
      findings.push(...before.flatMap((one) => turnFindings(one, log, start)));
      const longest = before.toSorted((left, right) => right.size - left.size)[0];
      if (longest && longest.size < start.size!) unchecked.push(endOf(longest, start.size!));
      if (!longest)
        unchecked.push(`what is logged in ${start.previous}, the log before ${log.origin}: bring it as well`);
    }
    if (!close) continue;
    const next = logs.filter(({ origin }) => origin === close.next);
    if (next.length === 0)
      unchecked.push(`what is logged in ${close.next}, which follows ${log.origin}: bring it as well`);
    for (const one of next) if (one.start && one.start.previous !== log.origin) findings.push(...notQuoted(log, one));
  }
  return { findings, unchecked };
}

function endOf({ origin, size }: SubjectLog, end: number): string {
  return `entries ${size} to ${end - 1} of ${origin}: bring the newest file of that log`;
}

function finding(code: FindingCode, { origin }: SubjectLog, detail: string): Finding {
  return { code, place: `entry 0 of ${origin}`, index: 0, message: new VerificationError(code, detail).message };
}

/** Two histories of one log, as far as two checkpoints of one size show them. */
function forks(logs: readonly SubjectLog[]): Finding[] {
  return logs.flatMap((log, at) => {
    const other = logs.slice(0, at).find(({ origin, size }) => origin === log.origin && size === log.size);
    if (!other || other.root === log.root) return [];
    const { message } = new VerificationError('forked', `two checkpoints of size ${log.size} have different roots`);
    return [{ code: 'forked', place: `the first ${log.size} entries of ${log.origin}`, message }];
  });
}

/** A city has one first log, and one follows each: two that claim the same place hide what follows from the other. */
function followers(logs: readonly SubjectLog[]): Finding[] {
  return logs.flatMap((log, at) => {
    const { start } = log;
    const isRival = (other: SubjectLog) =>
      other.origin !== log.origin &&
      other.start?.municipality === start?.municipality &&
      other.start?.previous === start?.previous;
    const rival = start && logs.slice(0, at).find(isRival);
    if (!rival) return [];
    const what = start.previous === undefined ? 'quotes no log before it' : `quotes ${start.previous}`;
    return [finding('previous-differs', log, `it ${what}, and so does ${rival.origin}: one of them cannot`)];
  });
}

function notQuoted(before: SubjectLog, log: SubjectLog): Finding[] {
  const quoted = log.start?.previous === undefined ? 'none' : log.start.previous;
  const said = `${before.origin} ends by naming it as the log that follows, and it quotes ${quoted} as the log before it`;
  return [finding('previous-differs', log, said), ...leftOut(before, log)];
}

function turnFindings(before: SubjectLog, log: SubjectLog, start: EntryOf<'start'>): Finding[] {
  const findings: Finding[] = [];
  const found = (detail: string) => findings.push(finding('previous-differs', log, detail));
  if (before.size > start.size! || (before.size === start.size && before.root !== start.root))
    found(`it quotes ${start.size} entries of ${before.origin}, and those shown here are others (${before.size})`);
  else if (before.size === start.size && before.close === null)
    found(
      `it quotes all ${start.size} entries of ${before.origin}, and what is shown of them lacks the one that closes that log`,
    );
  if (before.close && before.close.next !== log.origin)
    found(`${before.origin} ends by naming ${before.close.next} as the log that follows`);
  return [...findings, ...leftOut(before, log)];
}

function leftOut(before: SubjectLog, log: SubjectLog): Finding[] {
  const missing = [...before.organisations.keys()].filter((code) => !log.organisations.has(code));
  if (missing.length === 0) return [];
  return [
    finding('organisation-missing', log, `${missing.join(', ')}: known in ${before.origin} and not stated again`),
  ];
}
