/** `azukari verify index`: recomputes every index and rollup of a log, and prints the organisations by which a completeness file can be judged. */
import { checkLog } from '../check-log.js';
import type { Trust } from '../checkpoint.js';
import type { Entry } from '../entry.js';
import type { LogReader } from '../reader.js';
import { describeEnd, describeFinding, notChecked } from '../verify-report.js';
import { describeOrganisations, type Outcome } from './check-subject.js';

/** Throws `ReadFailure` when the log cannot be read. */
export async function checkIndexes(reader: LogReader, trust: Trust, now: Date): Promise<Outcome> {
  const organisations = new Map<string, number>();
  const reached = { index: 0, rollup: 0 };
  const onEntry = (index: number, entry: Entry): void => {
    if (entry.t === 'org' && !organisations.has(entry.org)) organisations.set(entry.org, index);
    if (entry.t === 'index' || entry.t === 'rollup') reached[entry.t] = Math.max(reached[entry.t], entry.to);
  };
  const report = await checkLog(reader, trust, { now, onEntry });
  const { origin, size, counts, findings, findingsTotal } = report;
  const summary = (kind: 'index' | 'rollup', many: string) =>
    counts[kind]
      ? `${many.padEnd(8)} ${counts[kind]}, entries 0 to ${reached[kind] - 1}\n`
      : `${many.padEnd(8)} none\n`;
  const text = [
    `log      ${origin}, ${size} entries\n`,
    summary('index', 'indexes'),
    summary('rollup', 'rollups'),
    describeOrganisations(organisations),
    ...findings.map(describeFinding),
    findingsTotal > findings.length ? `and ${findingsTotal - findings.length} more findings\n` : '',
    ...(findingsTotal === 0
      ? ['ok: every index and rollup follows from the tags of the log, and nothing else is wrong with it\n']
      : []),
    describeEnd(report),
    notChecked([
      ...(reached.index < size ? [`entries ${reached.index} to ${size - 1}: they are not indexed yet`] : []),
      ...((trust.witnesses?.quorum ?? 0) === 0 ? ['that others are shown the same log (--witness)'] : []),
      'that each entry stands under the tag of the person it is about: only that person and the recipient can tell',
    ]),
  ];
  return { text: text.join(''), findings: findingsTotal };
}
