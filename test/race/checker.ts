/**
 * Decides V1 to V3 of design section 5 about a history seen by one driver; `log-checker.ts` decides V4. It knows nothing of the service.
 * Sound: what it reports cannot be explained by any order of events that fits the intervals. A request in flight while a gate moves may
 * go either way and is never reported for that.
 *
 *   V1  no read that starts after a withdrawal or suspension was answered returns data, until a new consent or a resumption has begun
 *   V2  no response carries data deposited after such an answer, nor data deposited after the response's own log entry
 *   V3  once any node has said "shut", none says "open" until a new consent or a resumption has begun
 */
import {
  type Change,
  type Deposit,
  effectOf,
  type Gate,
  gates,
  type HistoryEvent,
  isChange,
  type Look,
} from './history.js';

export type Rule = 'V1' | 'V2' | 'V3' | 'V4' | 'entry';

export interface Violation {
  readonly rule: Rule;
  readonly message: string;
}

/** Says that a gate was shut at some time within these bounds. */
interface Evidence {
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  readonly text: string;
}

const never = -1n;
const open = 2n ** 63n;

type DataRead = Extract<HistoryEvent, { op: 'read'; outcome: 'data' }>;

/** Every violation, in the order of the history. */
export function checkHistory(history: readonly HistoryEvent[]): Violation[] {
  const deposits = new Map(history.filter((event) => event.op === 'deposit').map((event) => [event.marker, event]));
  const judges = gates.map((gate) => new GateJudge(gate, history));
  return history.flatMap((event) => {
    if (event.op === 'look' && event.outcome === 'open') {
      return judges.filter(({ gate }) => event.gates.includes(gate)).flatMap((judge) => judge.judgeSaying(event));
    }
    if (event.op !== 'read' || event.outcome !== 'data') return [];
    return [
      ...judges.flatMap((judge) => [...judge.judgeRead(event), ...judge.judgeSaying(event)]),
      ...event.markers.flatMap((marker) => {
        const deposit = deposits.get(marker);
        if (deposit === undefined)
          return [{ rule: 'V2' as const, message: `${tell(event)}: nobody deposited ${marker}` }];
        return [...judgeVersion(event, deposit), ...judges.flatMap((judge) => judge.judgeMarker(event, deposit))];
      }),
    ];
  });
}

/** The entry of a provision names the versions it may hand out, so what was deposited behind it in the log cannot be in it. */
function judgeVersion(read: DataRead, deposit: Deposit): Violation[] {
  if (deposit.index === null || deposit.index < read.index) return [];
  const message = `${tell(read)}, entry ${read.index}, carries ${deposit.marker}, which was deposited at entry ${deposit.index}`;
  return [{ rule: 'V2', message }];
}

class GateJudge {
  private readonly openings: readonly Change[];
  private readonly answered: Evidences;
  private readonly said: Evidences;

  constructor(
    readonly gate: Gate,
    history: readonly HistoryEvent[],
  ) {
    const changes = history.filter(isChange).filter((change) => effectOf(change)[0] === gate);
    this.openings = changes.filter((change) => effectOf(change)[1] === 'opens' && change.outcome !== 'not done');
    const shuttings = changes.filter((change) => effectOf(change)[1] === 'shuts' && change.outcome === 'done');
    this.answered = new Evidences(shuttings.map(evidenceOf));
    this.said = new Evidences(history.filter((event) => saysShut(event, gate)).map(evidenceOf));
  }

  judgeRead(read: DataRead): Violation[] {
    const shutting = this.answered.before(read.startedAt, this.lastOpening(read));
    if (shutting === null) return [];
    return [
      { rule: 'V1', message: `${tell(read)} returned data though it began after ${shutting.text} had been answered` },
    ];
  }

  judgeMarker(read: DataRead, deposit: Deposit): Violation[] {
    const shutting = this.answered.before(deposit.startedAt, this.lastOpening(read));
    if (shutting === null) return [];
    const message = `${tell(read)} carries ${deposit.marker}, which was deposited after ${shutting.text} had been answered`;
    return [{ rule: 'V2', message }];
  }

  judgeSaying(event: DataRead | Look): Violation[] {
    const shut = this.said.before(event.startedAt, this.lastOpening(event));
    if (shut === null) return [];
    return [{ rule: 'V3', message: `${tell(event)} says open though ${shut.text} had said shut` }];
  }

  /** Until when an opening that may have come before the end of this event may have taken effect. */
  private lastOpening({ endedAt }: HistoryEvent): bigint {
    let last = never;
    for (const opening of this.openings) {
      if (opening.startedAt >= endedAt) continue;
      const effectUntil = opening.outcome === 'in doubt' ? open : opening.endedAt;
      if (effectUntil > last) last = effectUntil;
    }
    return last;
  }
}

/** Finds, among many, one that began no earlier than one time and ended before another: by the earliest end among the later ones. */
class Evidences {
  private readonly byStart: readonly Evidence[];
  private readonly earliestEnd: readonly Evidence[];

  constructor(all: readonly Evidence[]) {
    this.byStart = [...all].sort((left, right) => (left.startedAt < right.startedAt ? -1 : 1));
    const earliest = [...this.byStart];
    for (let position = earliest.length - 2; position >= 0; position -= 1) {
      if (earliest[position + 1]!.endedAt < earliest[position]!.endedAt) earliest[position] = earliest[position + 1]!;
    }
    this.earliestEnd = earliest;
  }

  before(time: bigint, notStartedBefore: bigint): Evidence | null {
    let [low, high] = [0, this.byStart.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.byStart[middle]!.startedAt < notStartedBefore) low = middle + 1;
      else high = middle;
    }
    const found = this.earliestEnd[low];
    return found !== undefined && found.endedAt < time ? found : null;
  }
}

function saysShut(event: HistoryEvent, gate: Gate): boolean {
  if (event.op === 'read') return event.outcome === 'shut' && event.gate === gate;
  return event.op === 'look' && event.outcome === 'shut' && event.gates.includes(gate);
}

function evidenceOf(event: HistoryEvent): Evidence {
  return { startedAt: event.startedAt, endedAt: event.endedAt, text: tell(event) };
}

function tell({ op, node, startedAt, endedAt }: HistoryEvent): string {
  const milliseconds = (at: bigint) => (Number(at) / 1e6).toFixed(2);
  return `${op} at ${node} (${milliseconds(startedAt)} to ${milliseconds(endedAt)} ms)`;
}
