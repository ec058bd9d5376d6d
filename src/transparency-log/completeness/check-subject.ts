/**
 * `azukari verify subject`: completeness files, or whole logs, or the ones held against the others; and the sentences in which the outcome is
 * told. What was not checked is always said, first of all what an operator could still hide.
 */
import type { KeyObject } from 'node:crypto';
import { checkLog, type Evidence, type Report } from '../check-log.js';
import type { Trust } from '../checkpoint.js';
import { type Finding, type FindingCode, toFinding, VerificationError } from '../finding.js';
import type { LogReader } from '../reader.js';
import { describeEnd, describeFinding, notChecked } from '../verify-report.js';
import { checkAcross, type SubjectLog } from './across-logs.js';
import { parseKeyFile } from './key-file.js';
import { SubjectSearch } from './subject-search.js';
import { type CompletenessReport, type OwnEntry, verifyCompleteness } from './verify-completeness.js';

export interface SubjectQuestion {
  readonly keyFile: Evidence;
  /** Each a log of its own. */
  readonly logs: readonly LogQuestion[];
  readonly now: Date;
}

/** One of file and reader is given, or both. */
export interface LogQuestion {
  readonly file: Evidence | null;
  readonly reader: LogReader | null;
  readonly trust: Trust;
}

export interface Outcome {
  readonly text: string;
  /** How many; 0 when all is well. */
  readonly findings: number;
}

/** Throws `ReadFailure` when a log cannot be read. */
export async function checkSubject({ keyFile, logs, now }: SubjectQuestion): Promise<Outcome> {
  let identifierKey: KeyObject;
  try {
    ({ identifierKey } = parseKeyFile(Buffer.from(keyFile.content).toString('utf8')));
  } catch (error) {
    return { text: describeFinding(toFinding(error, keyFile.label)), findings: 1 };
  }
  const checked = [];
  for (const log of logs) checked.push(await checkOne(identifierKey, log, now));
  const across = checkAcross(checked.flatMap(({ log }) => log ?? []));
  const unchecked = new Set([...across.unchecked, ...checked.flatMap((one) => one.unchecked)]);
  return {
    text: [
      ...checked.map(({ text }) => text),
      ...across.findings.map(describeFinding),
      notChecked([...unchecked]),
    ].join(''),
    findings: across.findings.length + checked.reduce((sum, { findings }) => sum + findings, 0),
  };
}

interface Checked extends Outcome {
  readonly log: SubjectLog | null;
  readonly unchecked: readonly string[];
}

async function checkOne(identifierKey: KeyObject, { file, reader, trust }: LogQuestion, now: Date): Promise<Checked> {
  const report =
    file && verifyCompleteness(Buffer.from(file.content).toString('utf8'), identifierKey, trust, file.label);
  const search = reader && new SubjectSearch(identifierKey);
  const log = reader && (await checkLog(reader, trust, { now, onEntry: (index, entry) => search!.next(index, entry) }));
  const findings = [
    ...(report?.findings ?? []),
    ...(log?.findings ?? []),
    ...(search ? misplaced(search) : []),
    ...(report && search && report.findings.length === 0 ? differences(report, search) : []),
  ];
  const hidden = log ? log.findingsTotal - log.findings.length : 0;
  const isFine = findings.length + hidden === 0;
  const text = [
    report ? describeFile(report) : '',
    search && log ? describeSearch(search, log) : '',
    describeEntries(search?.entries ?? report?.entries ?? []),
    ...findings.map(describeFinding),
    hidden > 0 ? `and ${hidden} more findings\n` : '',
    ...(isFine ? okSentences(report, log, search) : []),
  ];
  const known =
    search && log ? { ...log, start: search.start, close: search.close, organisations: search.organisations } : report;
  return {
    ...{ text: text.join(''), findings: findings.length + hidden, unchecked: unchecked(report, log, trust) },
    log: known?.start ? known : null,
  };
}

/** What the file leaves out of what the log holds. */
function differences(report: CompletenessReport, search: SubjectSearch): Finding[] {
  const shown = new Set(report.entries.map(({ index }) => index));
  const hiddenEntries = search.entries.filter(({ index }) => index < report.to && !shown.has(index));
  const hiddenOrganisations = [...search.organisations].filter(
    ([code, index]) => index < report.size && !report.organisations.has(code),
  );
  return [
    ...hiddenOrganisations.map(([code, index]) =>
      finding(
        'organisation-missing',
        index,
        `${code} was registered by entry ${index}, but the file does not speak of it`,
      ),
    ),
    ...hiddenEntries.map(({ index, organisation }) =>
      finding('entry-hidden', index, `entry ${index} stands in the log under ${organisation}, but not in the file`),
    ),
  ];
}

function misplaced({ misplaced: indices }: SubjectSearch): Finding[] {
  return indices.map((index) =>
    finding('wrong-tag', index, `entry ${index} stands under another organisation or month than it names`),
  );
}

function finding(code: FindingCode, index: number, detail: string): Finding {
  return { code, place: `entry ${index}`, index, message: new VerificationError(code, detail).message };
}

function describeFile({ origin, size, to, indexes, indexedAt, organisations }: CompletenessReport): string {
  return [
    `log      ${origin}, ${size} entries\n`,
    to === 0
      ? ''
      : `indexed  entries 0 to ${to - 1}, in ${indexes} ${indexes === 1 ? 'index' : 'indexes'}, the last of ${indexedAt}\n`,
    describeOrganisations(organisations),
  ].join('');
}

function describeSearch({ organisations }: SubjectSearch, report: Report): string {
  const { origin, size, lastAt, isComplete } = report;
  const read = isComplete ? `all ${size} entries read` : `not all of its ${size} entries read`;
  return `log      ${origin}, ${read}, the last of ${lastAt ?? 'no time'}\n${describeEnd(report)}${describeOrganisations(organisations)}`;
}

/** Written out, so that two people can compare what they were shown. */
export function describeOrganisations(organisations: ReadonlyMap<string, number>): string {
  const list = [...organisations].map(([code, index]) => `${code} (entry ${index})`);
  return `asked    ${organisations.size} organisations: ${list.join(', ')}\n`;
}

function describeEntries(entries: readonly OwnEntry[]): string {
  const lines = entries.map(
    ({ index, entry, organisation }) => `  entry ${index}, ${entry.at}: ${entry.t}, ${organisation}${whatOf(entry)}\n`,
  );
  return `found    ${entries.length} entries about the holder of this key\n${lines.join('')}`;
}

function whatOf(entry: OwnEntry['entry']): string {
  const program = 'program' in entry && entry.program !== undefined ? `, program ${entry.program}` : '';
  if (entry.t === 'provision') return `${program}, ${entry.purpose}: ${entry.categories.join(', ')}`;
  if (entry.t === 'consent') return `${program}: ${entry.state}`;
  if (entry.t === 'refusal') return `${program}: ${entry.reason}`;
  return entry.t === 'void' ? `, of entry ${entry.of}: ${entry.reason}` : '';
}

function okSentences(report: CompletenessReport | null, log: Report | null, search: SubjectSearch | null): string[] {
  return [
    ...(report && report.to > 0
      ? [
          `ok: for every organisation above and every month, these are all entries that the indexes of entries 0 to ${report.to - 1} name\n`,
        ]
      : []),
    ...(log
      ? [`ok: no other entry of ${log.size} stands under a tag of this key, and every index follows from the log\n`]
      : []),
    ...(report && search
      ? ['ok: the file leaves out no organisation and no entry of the log that its indexes cover\n']
      : []),
  ];
}

function unchecked(report: CompletenessReport | null, log: Report | null, trust: Trust): string[] {
  return [
    ...(log
      ? []
      : [
          'that no organisation is missing above: compare with what somebody who keeps the log prints (azukari verify index), or bring the log (--log)',
          'that the indexes name every entry of the log, and that no entry is dated into another month: azukari verify index finds that',
        ]),
    ...(report && !log && report.size > report.to
      ? [`entries ${report.to} to ${report.size - 1}: they are not indexed yet`]
      : []),
    'that the key is yours: your own consents have to be among the entries above',
    ...((trust.witnesses?.quorum ?? 0) === 0 ? ['that others are shown the same log (--witness)'] : []),
    'that there is no newer checkpoint',
    'that nothing was provided without an entry, or under a tag that is nobody’s: a recipient’s receipts show that',
  ];
}
