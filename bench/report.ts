/** The figures of one run: their shape, and the table that is printed of them. */
import type { AppendResult, FloorResult } from './floor-process.js';
import type { LoopResult } from './closed-loop.js';
import type { Machine } from './machine.js';
import type { Latency } from './statistics.js';
import type { VerifyLogFigures } from './verify-log.js';
import { recordsPerDelivery } from './sources-load.js';
import { median } from './statistics.js';

/** Processor time in milliseconds for each read; null where the system does not tell. */
export interface Cost {
  serviceMs: number;
  generatorMs: number;
  postgresMs: number | null;
}

/** One turn of one scenario: the service, then the floor, on the same machine within seconds. */
export interface Turn {
  inFlight: number;
  round: number;
  service: LoopResult;
  cost: Cost;
  /** The statements alone. */
  floor: FloorResult;
  floorCost: { clientMs: number; postgresMs: number | null };
  /** The statements, waiting for the checkpoint between append and redeem as a read does. */
  floorReads: LoopResult;
}

/** The append through the gate beside the bare one, at one length of the log. */
export interface AppendFigures extends AppendResult {
  logEntries: number;
}

export interface Figures {
  takenAt: string;
  machine: Machine;
  city: { residents: number; recordsPerRead: number; windowSeconds: number; rounds: number };
  turns: Turn[];
  tokens?: LoopResult;
  bulk?: { residents: number; seconds: number; perSecond: number };
  appends?: AppendFigures[];
  verify?: VerifyLogFigures;
  pages?: LoopResult;
  answers?: { withdraw: Latency; give: Latency };
  deliveries?: LoopResult;
  withdrawals?: Latency & { readsMeanwhile: number };
  serviceResidentMiB: number;
  logEntries: number;
}

/** The median over the rounds of one figure at one concurrency. */
export function middle(figures: Figures, inFlight: number, pick: (turn: Turn) => number): number {
  return median(figures.turns.filter((turn) => turn.inFlight === inFlight).map(pick));
}

export function ratioOf(figures: Figures, inFlight: number): number {
  return middle(figures, inFlight, (turn) => turn.service.perSecond / turn.floor.perSecond);
}

/** Plain text, for a terminal. */
export function tableOf(figures: Figures): string {
  const { machine, city } = figures;
  const columns = [...new Set(figures.turns.map(({ inFlight }) => inFlight))];
  const row = (name: string, cell: (inFlight: number) => string) =>
    `  ${name.padEnd(46)}${columns.map((inFlight) => cell(inFlight).padStart(12)).join('')}`;
  const perRound = (name: string, pick: (turn: Turn) => number, digits = 0) =>
    row(name, (inFlight) => middle(figures, inFlight, pick).toFixed(digits));
  const orNone = (name: string, pick: (turn: Turn) => number | null) =>
    row(name, (inFlight) => {
      const value = middle(figures, inFlight, (turn) => pick(turn) ?? NaN);
      return Number.isNaN(value) ? '–' : value.toFixed(2);
    });
  return [
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, Node ${machine.node}, PostgreSQL ${machine.postgres}, load before ${machine.loadBefore}`,
    `${city.residents} residents, ${city.recordsPerRead} records a read, windows of ${city.windowSeconds} s, median of ${city.rounds} rounds, ${figures.logEntries} log entries at the end`,
    '',
    row('in flight', String),
    perRound('service: full reads per second', (turn) => turn.service.perSecond),
    perRound('service: p50 ms', (turn) => turn.service.p50Ms, 1),
    perRound('service: p99 ms', (turn) => turn.service.p99Ms, 1),
    perRound('floor: append and redeem per second', (turn) => turn.floor.perSecond),
    row('ratio', (inFlight) => ratioOf(figures, inFlight).toFixed(3)),
    perRound('floor that waits for checkpoints: per second', (turn) => turn.floorReads.perSecond),
    perRound('floor that waits for checkpoints: p50 ms', (turn) => turn.floorReads.p50Ms, 1),
    orNone('processor ms per read: service', (turn) => turn.cost.serviceMs),
    orNone('processor ms per read: load generator', (turn) => turn.cost.generatorMs),
    orNone('processor ms per read: PostgreSQL', (turn) => turn.cost.postgresMs),
    orNone('processor ms per floor item: client, signer', (turn) => turn.floorCost.clientMs),
    orNone('processor ms per floor item: PostgreSQL', (turn) => turn.floorCost.postgresMs),
    '',
    ...otherLines(figures),
    `  memory of the service, MiB                    ${figures.serviceResidentMiB.toFixed(0).padStart(12)}`,
    '',
  ].join('\n');
}

function otherLines({
  tokens,
  bulk,
  appends = [],
  verify,
  pages,
  answers,
  withdrawals,
  deliveries,
}: Figures): string[] {
  const line = (name: string, value: number, digits: number, more: string) =>
    `  ${name.padEnd(46)}${value.toFixed(digits).padStart(12)}   ${more}`;
  const both = ({ p50Ms, p99Ms, count }: Latency) =>
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms of ${count}`;
  const lines: string[] = [];
  if (tokens) lines.push(line('access tokens per second (8 in flight)', tokens.perSecond, 0, both(tokens)));
  if (bulk)
    lines.push(line('bulk: residents per second (one stream)', bulk.perSecond, 0, `${bulk.residents} residents`));
  if (pages) lines.push(line('page "who used my data" per second (8)', pages.perSecond, 0, both(pages)));
  if (answers) {
    lines.push(line('consent given: p99 ms', answers.give.p99Ms, 1, both(answers.give)));
    lines.push(line('consent withdrawn: p99 ms', answers.withdraw.p99Ms, 1, both(answers.withdraw)));
  }
  if (withdrawals) lines.push(line('withdrawal under 50 readers: p99 ms', withdrawals.p99Ms, 1, both(withdrawals)));
  if (deliveries) {
    const perSecond = deliveries.perSecond * recordsPerDelivery;
    lines.push(line('deposited records per second (2 in flight)', perSecond, 0, both(deliveries)));
  }
  for (const { logEntries, batch, barePerSecond, gatePerSecond } of appends) {
    const ratio = `bare ${barePerSecond.toFixed(0)}, ratio ${(gatePerSecond / barePerSecond).toFixed(2)}, batches of ${batch}`;
    lines.push(line(`entries per second at ${logEntries} in the log`, gatePerSecond, 0, ratio));
  }
  if (verify) {
    const { entries, userSeconds, residentMiB } = verify;
    const more = `${userSeconds.toFixed(2)} s of processor time for ${entries} entries, ${residentMiB.toFixed(0)} MiB`;
    lines.push(line('entries verified per processor second', entries / userSeconds, 0, more));
  }
  return lines;
}
