/**
 * One resident's life under load: consents, deposits, withdrawals, one after the other. What was answered is remembered for ever; what was
 * not is sent again with the same Idempotency-Key until it is, across any number of crashes, and then counts as one act.
 */
import { randomUUID } from 'node:crypto';
import type { DemoFile } from '../../src/demo/demo-file.js';
import type { Random } from '../../src/demo/random.js';
import type { HistoryEvent } from '../race/history.js';
import type { WalkingProgram } from '../setup/a-walking-program.js';
import type { Answer } from '../setup/http-client.js';

type Act =
  | { readonly op: 'give'; readonly key: string }
  | { readonly op: 'deposit'; readonly key: string; readonly marker: number }
  | { readonly op: 'withdraw'; readonly consentId: string };

/** An act that was answered with success. */
export interface Acknowledged {
  readonly consentId: string;
  /** Of its log entry. */
  readonly index: number;
}

export class Life {
  readonly history: HistoryEvent[] = [];
  readonly given: Acknowledged[] = [];
  readonly withdrawn: Acknowledged[] = [];
  readonly deposited: { readonly marker: number; readonly index: number; readonly endedAt: bigint }[] = [];
  /** The name by which the recipient knows the resident; null before the first consent. */
  pairwiseId: string | null = null;
  /** The consent in force as far as was answered. */
  consentId: string | null = null;
  private pending: { readonly act: Act; readonly startedAt: bigint } | null = null;

  constructor(
    readonly resident: DemoFile['residents'][number],
    private readonly random: Random,
    private readonly newMarker: () => number,
  ) {}

  get isInDoubt(): boolean {
    return this.pending !== null;
  }

  /** Does the next thing, or once more what was not answered. Throws when the answer is one that nobody should get. */
  async step(program: WalkingProgram, node: string): Promise<void> {
    this.pending ??= { act: this.choose(), startedAt: process.hrtime.bigint() };
    const { act, startedAt } = this.pending;
    const answer = await this.send(act, program, node);
    const times = { node, startedAt, endedAt: process.hrtime.bigint() };
    if (answer.status >= 500) throw new Unanswered(answer);
    if (answer.status >= 400) throw new Error(`${act.op} was answered with ${answer.status} ${answer.code}`);
    this.pending = null;
    const { logIndex: index } = answer.json as { logIndex: number };
    switch (act.op) {
      case 'give': {
        const { id: consentId, pairwiseId } = answer.json as { id: string; pairwiseId: string };
        this.given.push({ consentId, index });
        [this.consentId, this.pairwiseId] = [consentId, pairwiseId];
        this.history.push({ ...times, op: 'give', outcome: 'done' });
        break;
      }
      case 'withdraw':
        this.withdrawn.push({ consentId: act.consentId, index });
        this.consentId = null;
        this.history.push({ ...times, op: 'withdraw', outcome: 'done' });
        break;
      case 'deposit':
        this.deposited.push({ marker: act.marker, index, endedAt: times.endedAt });
        this.history.push({ ...times, op: 'deposit', marker: act.marker, index });
        break;
    }
  }

  private choose(): Act {
    if (this.consentId === null) return { op: 'give', key: randomUUID() };
    if (this.random.chance(0.15)) return { op: 'withdraw', consentId: this.consentId };
    return { op: 'deposit', key: randomUUID(), marker: this.newMarker() };
  }

  private send(act: Act, program: WalkingProgram, node: string): Promise<Answer> {
    switch (act.op) {
      case 'give':
        return program.give(node, this.resident, act.key);
      case 'withdraw':
        return program.withdraw(node, this.resident, act.consentId);
      case 'deposit':
        return program.deposit(node, this.resident, act.marker, `crash-${act.marker}`, act.key);
    }
  }
}

/** The service could not do it, or not say whether it did. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';

  constructor({ status, code }: Answer) {
    super(`${status} ${code}`);
  }
}
