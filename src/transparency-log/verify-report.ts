/** What `azukari verify` prints: plain sentences, the place of each finding, and always what was not checked. */
import type { Trust } from './checkpoint.js';
import type { Report } from './check-log.js';
import type { Finding } from './finding.js';
import { describeKeys, adviseOnKeys } from './keys/key-report.js';
import type { PreviousReport, Quote } from './turn/check-previous.js';
import type { Expectation, ResidentReceiptKind, Verified, VerifiedReceipt } from './receipt.js';

/** One finding: code, place, sentence. */
export function describeFinding({ code, place, message }: Finding): string {
  return `FOUND ${code} at ${place}: ${message}\n`;
}

/** Where a check did not reach the end of the log, that it did not. */
export function describeEnd({ isComplete, unreadable }: Report): string {
  if (isComplete) return '';
  return `The check ended before the last entry${unreadable === null ? '' : `: ${unreadable}`}.\n`;
}

/** What was found out about the log before. */
export interface Before {
  /** Null for a city's first log, and for one that hides that it is not. */
  readonly quote: Quote | null;
  /** Null where it was not at hand. */
  readonly previous: PreviousReport | null;
  readonly findings: readonly Finding[];
  /** What stood in it and was lost in a restore. */
  readonly lost: readonly string[];
}

const first: Before = { quote: null, previous: null, findings: [], lost: [] };

export function describeLog(report: Report, trust: Trust, before: Before = first): string {
  const kinds = Object.entries(report.counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
  const hidden = report.findingsTotal - report.findings.length;
  return [
    `log      ${report.origin}\n`,
    `size     ${report.size} entries${report.firstAt ? `, ${report.firstAt} to ${report.lastAt}` : ''}\n`,
    `root     ${report.root || 'none that can be believed'}\n`,
    kinds ? `entries  ${kinds}\n` : '',
    describeKeys(report.keys),
    before.quote ? `before   ${before.quote.origin}, ${before.quote.size} entries\n` : '',
    ...report.cosignatures.map(({ name, timestamp }) => `witness  ${name} at ${secondsToText(timestamp)}\n`),
    ...report.findings.map(describeFinding),
    hidden > 0 ? `and ${hidden} more findings\n` : '',
    ...before.findings.map(describeFinding),
    ...before.lost.map((what) => `lost     ${what}: the log begins with a restore, and does not state it again\n`),
    ...(before.previous?.log && before.findings.length === 0
      ? [`ok: ${followsFrom(before.previous, before.lost)}\n`]
      : []),
    ...(report.findingsTotal === 0 ? checkedByLog(report).map((sentence) => `ok: ${sentence}\n`) : []),
    adviseOnKeys(report, trust),
    describeEnd(report),
    notChecked([
      ...notCheckedOfBefore(
        before,
        report,
        [...new Set(trust.logKeys.map(({ name }) => name))].filter((name) => name !== report.origin),
      ),
      ...notCheckedByLog(report, trust),
    ]),
  ].join('');
}

function followsFrom({ quote }: PreviousReport, lost: readonly string[]): string {
  const again =
    lost.length === 0 ? 'what stood there is stated again' : 'what stood there is stated again but for what was lost';
  return `it follows from ${quote.origin}: that log gives the root quoted here, ends by naming this one, and ${again}`;
}

function notCheckedOfBefore(
  { quote, previous, findings }: Before,
  { size, firstAt, isComplete }: Report,
  others: readonly string[],
): string[] {
  if (quote === null && size > 0 && firstAt === null && !isComplete)
    return ['whether another log came before it: its first entry, which says so, could not be read'];
  if (quote === null) return findings.length > 0 ? [] : [isFirst(others)];
  if (previous === null)
    return [`that it follows from ${quote.origin}: bring that log, beside this one or with --previous`];
  return [
    ...(previous.unreadable === null ? [] : [`that it follows from ${quote.origin}: ${previous.unreadable}`]),
    ...(previous.isSigned
      ? []
      : [`that the last checkpoint of ${quote.origin} is signed with its key: pin that key too (--vkey)`]),
    ...(previous.before === null
      ? []
      : [`that ${quote.origin} follows from ${previous.before}: verify it as a log of its own`]),
  ];
}

/** @param others origins of other logs that a key is pinned for */
function isFirst(others: readonly string[]): string {
  const doubt = others.length === 0 ? '' : `, although keys of ${others.join(', ')} are pinned`;
  return `whether it is the city’s first log${doubt}: it quotes none before it; bring the one before with --previous if there is one`;
}

export function describeReceipt(label: string, receipt: VerifiedReceipt, expected: Expectation): string {
  const { entry, index, checkpoint } = receipt;
  return [
    `ok: ${label} is entry ${index} of ${checkpoint.size} in ${checkpoint.origin}\n`,
    `    ${entry.at}, ${entry.recipient}, program ${entry.program} version ${entry.version}, ${entry.purpose}: ${entry.categories.join(', ')}\n`,
    notChecked([
      ...(expected.pairwiseId === undefined ? ['that it is about the person you think (--pairwise-id)'] : []),
      ...(expected.recipient === undefined ? ['that it was given to you (--recipient)'] : []),
      ...(checkpoint.cosignatures.length === 0 ? ['that others are shown the same log (--witness)'] : []),
      'that a consent stood behind it: the log shows consents of the same month only to whoever may read entries',
    ]),
  ].join('');
}

const actSentences: Readonly<Record<ResidentReceiptKind, readonly [said: string, unchecked: string]>> = {
  access: ['a resident was shown records of their own', 'that these were the records shown'],
  export: ['a resident exported the records that are kept about them', 'that these were all'],
  staff: [
    'one of the operator’s staff may have been shown records of one resident',
    'that these were the records shown',
  ],
  erasure: ['everything kept about one resident was erased', 'that nothing was kept all the same: no log shows that'],
};

export function describeResidentReceipt(
  label: string,
  { entry, index, checkpoint }: Verified<ResidentReceiptKind>,
): string {
  const [said, unchecked] = actSentences[entry.t];
  return [
    `ok: ${label} is entry ${index} of ${checkpoint.size} in ${checkpoint.origin}\n`,
    `    ${entry.at}, ${said}\n`,
    notChecked([
      'that it is yours: whoever has the key that you kept can compute the pairwise id in it (azukari verify subject)',
      ...(checkpoint.cosignatures.length === 0 ? ['that others are shown the same log (--witness)'] : []),
      unchecked,
    ]),
  ].join('');
}

export const notCheckedByConsistency = notChecked([
  'the entries themselves: only that none of the earlier ones has changed',
  'that others are shown the same checkpoints',
]);

function checkedByLog({ size, receiptsChecked, earlierChecked }: Report): string[] {
  return [
    `all ${size} entries give the signed root, and every hash tile follows from them`,
    'each is in canonical form, and none contradicts another: order of time, organisations, policies, programs, consents of one month, voids',
    ...(earlierChecked > 0 ? [`the log begins with what the earlier checkpoints signed (${earlierChecked})`] : []),
    ...(receiptsChecked > 0 ? [`the receipts stand in it (${receiptsChecked})`] : []),
  ];
}

function notCheckedByLog(report: Report, trust: Trust): string[] {
  return [
    ...(report.earlierChecked + report.receiptsChecked === 0
      ? ['that nothing was rewritten since an earlier day: bring a checkpoint kept from then (--earlier)']
      : []),
    ...((trust.witnesses?.quorum ?? 0) === 0 ? ['that others are shown the same log (--witness)'] : []),
    'that there is no newer checkpoint',
    'consents given or withdrawn in an earlier month than a provision: tags change monthly, the resident can check',
    'what the digests stand for: details, terms, decisions, policies',
    'that nothing was provided without an entry: no log can show that',
  ];
}

export function notChecked(items: readonly string[]): string {
  return `not checked:\n${items.map((item) => `  - ${item}\n`).join('')}`;
}

function secondsToText(timestamp: number): string {
  // Beyond the year 275760 there is no date to print.
  return timestamp < 8.64e12 ? new Date(timestamp * 1000).toISOString() : `${timestamp} s`;
}
