/**
 * Does everything that can be done about one resident and one program, on any node, and writes down what came of it in the times of this
 * process's monotonic clock. All answers of 500 and whatever else nobody should see are kept apart.
 */
import type { DemoFile } from '../../src/demo/demo-file.js';
import type { Answer, HttpClient } from '../setup/http-client.js';
import {
  firstMarker,
  indexOf,
  markersOf,
  type ReadAnswer,
  requireStatus,
  WalkingProgram,
} from '../setup/a-walking-program.js';
import type { Change, Gate, HistoryEvent } from './history.js';

/** A node, or something that stands before one. */
export interface Door {
  readonly name: string;
  readonly base: string;
}

const gateOfRefusal: Readonly<Record<string, Gate>> = {
  'consent-withdrawn': 'consent',
  'program-not-active': 'program',
};

/** What a node may answer when it cannot say; nothing else but data and the refusals above is expected. */
const unableCodes = new Set(['unavailable', 'log-unavailable']);

export class RaceDriver {
  readonly history: HistoryEvent[] = [];
  /** Answers that nobody should see, told shortly. */
  readonly unexpected: string[] = [];
  readonly receipts: ReadAnswer['receipt'][] = [];
  private readonly tokens = new Map<string, string>();
  private nextMarker = firstMarker;

  private constructor(
    private readonly program: WalkingProgram,
    private readonly resident: DemoFile['residents'][number],
    private consentId: string,
    readonly pairwiseId: string,
  ) {}

  /** Applies for a program, has it approved, and has the resident consent to it. */
  static async begin(http: HttpClient, demo: DemoFile, node: string): Promise<RaceDriver> {
    const program = await WalkingProgram.apply(http, demo, node);
    const resident = demo.residents[0]!;
    const given = requireStatus(await program.give(node, resident), 201).json;
    const { id: consentId, pairwiseId } = given as { id: string; pairwiseId: string };
    const driver = new RaceDriver(program, resident, consentId, pairwiseId);
    await driver.renewToken(node);
    await driver.deposit({ name: 'first', base: node });
    return driver;
  }

  get programId(): string {
    return this.program.id;
  }

  get recipientId(): string {
    return this.program.recipient.id;
  }

  /** To be called while the program is active, within five minutes of the last time. */
  async renewToken(node: string): Promise<void> {
    this.tokens.set('token', await this.program.token(node));
  }

  read(door: Door): Promise<void> {
    return this.take(door, 'read', () => this.program.read(door.base, this.token, this.pairwiseId));
  }

  /** The stream over everybody who consents; its line about this resident is a read of its own. */
  async readAll(door: Door): Promise<void> {
    const startedAt = process.hrtime.bigint();
    const { answer, lines } = await this.program.readAll(door.base, this.token);
    const times = { node: door.name, startedAt, endedAt: process.hrtime.bigint() };
    if (answer.status !== 200) return this.takeRefusal('stream', answer, times);
    if (lines.at(-1)?.end !== true) this.unexpected.push(`a stream ended without its last line`);
    for (const line of lines.filter(({ pairwiseId }) => pairwiseId === this.pairwiseId)) {
      if (line.records && line.receipt) this.takeData({ records: line.records, receipt: line.receipt }, times);
      else this.takeCode('stream line', line.refused ?? 'nothing', times);
    }
  }

  async list(door: Door): Promise<void> {
    await this.take(door, 'list', () => this.program.list(door.base, this.token));
  }

  /** Asks the node how the consent stands. */
  async look(door: Door): Promise<void> {
    const consentId = this.consentId;
    const startedAt = process.hrtime.bigint();
    const answer = await this.program.consentOf(door.base, this.resident, consentId);
    const times = { node: door.name, startedAt, endedAt: process.hrtime.bigint() };
    if (answer.status !== 200) return this.takeRefusal('look', answer, times);
    const { state } = answer.json as { state: string };
    this.history.push({ ...times, op: 'look', gates: ['consent'], outcome: state === 'active' ? 'open' : 'shut' });
  }

  /** Resolves with the milliseconds it took. */
  async change(op: Change['op'], door: Door): Promise<number> {
    const startedAt = process.hrtime.bigint();
    const answer = await this.send(op, door.base);
    const endedAt = process.hrtime.bigint();
    const isDone = answer.status === 200 || answer.status === 201;
    if (!isDone) this.unexpected.push(`${op}: ${answer.status} ${answer.code}`);
    if (op === 'give' && isDone) this.consentId = answer.json.id as string;
    this.history.push({ node: door.name, startedAt, endedAt, op, outcome: isDone ? 'done' : 'in doubt' });
    return Number(endedAt - startedAt) / 1e6;
  }

  /** Replaces the resident's one numbered record by the next. */
  async deposit(door: Door): Promise<void> {
    const marker = this.nextMarker++;
    const startedAt = process.hrtime.bigint();
    const answer = await this.program.deposit(door.base, this.resident, marker, 'race');
    const times = { node: door.name, startedAt, endedAt: process.hrtime.bigint() };
    if (answer.status !== 200) this.unexpected.push(`deposit: ${answer.status} ${answer.code}`);
    const index = answer.status === 200 ? (answer.json.logIndex as number) : null;
    this.history.push({ ...times, op: 'deposit', marker, index });
  }

  private get token(): string {
    return this.tokens.get('token')!;
  }

  private send(op: Change['op'], base: string): Promise<Answer> {
    switch (op) {
      case 'give':
        return this.program.give(base, this.resident);
      case 'withdraw':
        return this.program.withdraw(base, this.resident, this.consentId);
      case 'suspend':
        return this.program.suspend(base);
      case 'resume':
        return this.program.resume(base);
    }
  }

  private async take(door: Door, what: 'read' | 'list', ask: () => Promise<Answer>): Promise<void> {
    const startedAt = process.hrtime.bigint();
    const answer = await ask();
    const times = { node: door.name, startedAt, endedAt: process.hrtime.bigint() };
    if (answer.status !== 200) return this.takeRefusal(what, answer, times);
    if (what === 'read') return this.takeData(answer.json as unknown as ReadAnswer, times);
    // Who is not on the list has not been said to have withdrawn: the program may have been suspended.
    const { residents } = answer.json as { residents: string[] };
    if (residents.includes(this.pairwiseId)) {
      this.history.push({ ...times, op: 'look', gates: ['consent', 'program'], outcome: 'open' });
    }
  }

  private takeData(answer: ReadAnswer, times: Times): void {
    this.receipts.push(answer.receipt);
    this.history.push({ ...times, op: 'read', outcome: 'data', index: indexOf(answer), markers: markersOf(answer) });
  }

  private takeRefusal(what: string, answer: Answer, times: Times): void {
    this.takeCode(what, `${answer.code}`, times);
  }

  private takeCode(what: string, code: string, times: Times): void {
    const gate = gateOfRefusal[code];
    if (gate !== undefined) this.history.push({ ...times, op: 'read', outcome: 'shut', gate });
    else {
      this.history.push({ ...times, op: 'read', outcome: 'failed' });
      if (!unableCodes.has(code)) this.unexpected.push(`${what}: ${code}`);
    }
  }
}

interface Times {
  readonly node: string;
  readonly startedAt: bigint;
  readonly endedAt: bigint;
}
