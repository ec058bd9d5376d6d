/** From a program as it is kept to the program as pages show it: which version counts, with names for codes, decision and history. */
import type { ProgramDecision } from '../../programs/program-decision.entity.js';
import type { Program } from '../../programs/program.entity.js';
import type { StatusChange } from '../../programs/programs.service.js';
import type { Named } from '../language.js';
import type { NamesService } from '../names.service.js';
import type { Decision, HistoryStep, ProgramDetail } from './view.js';

export function programDetailOf(program: Program, recipient: Named, names: NamesService): ProgramDetail {
  const { terms, ...words } = program.application;
  return {
    ...words,
    id: program.id,
    version: program.version,
    status: program.status,
    recipient,
    terms: { ...terms, items: names.items(terms.items) },
    termsDigest: program.termsSha256.toString('hex'),
    policyDigest: program.policy,
  };
}

/** Of each program the version that concerns people now: the one in force, else the newest. */
export function currentVersions(versions: readonly Program[]): Program[] {
  const current = new Map<string, Program>();
  for (const program of versions.toSorted((left, right) => left.version - right.version)) {
    const known = current.get(program.id);
    if (!known || !isInForce(known) || isInForce(program)) current.set(program.id, program);
  }
  return [...current.values()];
}

function isInForce({ status }: Program): boolean {
  return status === 'active' || status === 'suspended';
}

const outcomes = { approve: 'approved', return: 'returned', refuse: 'refused' } as const;

/** The newest decision on one version; null when there is none. */
export function decisionOn(version: number, decisions: readonly ProgramDecision[]): Decision | null {
  const decision = decisions.findLast(({ programVersion }) => programVersion === version);
  if (!decision) return null;
  const { reason: reasons, decidedAt: at, recordSha256 } = decision;
  return { outcome: outcomes[decision.decision], reasons, conditions: [], at, record: recordSha256.toString('hex') };
}

/** What is known of the versions' lives, oldest first. A review begins with the submission, and an approval takes effect at once. */
export function historyOf(
  versions: readonly Program[],
  decisions: readonly ProgramDecision[],
  changes: readonly StatusChange[],
): HistoryStep[] {
  const steps: HistoryStep[] = [];
  for (const { version, submittedAt: at } of versions) {
    if (at) steps.push({ event: 'submitted', version, at, reason: null });
  }
  for (const { decision, programVersion: version, decidedAt: at } of decisions) {
    steps.push({ event: outcomes[decision], version, at, reason: null });
    if (decision === 'approve') steps.push({ event: 'active', version, at, reason: null });
  }
  for (const { status, reason, changedAt: at } of changes) {
    const version = approvedVersionAt(at, decisions);
    if (version !== null) steps.push({ event: status === 'active' ? 'resumed' : status, version, at, reason });
  }
  return steps.sort((left, right) => left.at.getTime() - right.at.getTime());
}

/** Only a version that was approved can be suspended, resumed or ended, and of two it is the later one that is in force. */
function approvedVersionAt(at: Date, decisions: readonly ProgramDecision[]): number | null {
  const approved = decisions.filter(({ decision, decidedAt }) => decision === 'approve' && decidedAt <= at);
  return approved.at(-1)?.programVersion ?? null;
}
