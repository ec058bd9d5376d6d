/**
 * Load on a city that will be killed under it: a few residents live their lives, one recipient reads them one by one and all at once, a
 * mirror keeps every checkpoint it sees. Everything that was answered stays in memory here, in a process that is not killed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../src/demo/random.js';
import {
  adultsOf,
  firstMarker,
  indexOf,
  markersOf,
  type ReadAnswer,
  WalkingProgram,
} from '../setup/a-walking-program.js';
import { HttpClient } from '../setup/http-client.js';
import type { ServedCity } from './a-served-city.js';
import { Life, Unanswered } from './life.js';

/** One answer with data. */
export interface Delivery {
  readonly life: Life;
  readonly receipt: ReadAnswer['receipt'];
  readonly index: number;
  readonly markers: readonly number[];
  readonly startedAt: bigint;
}

/** What anybody may be told while the database is gone; never 500. */
const unable = /^503 (unavailable|log-unavailable)$/;
const lostConnection = /^(ECONNREFUSED|ECONNRESET|EPIPE|ECONNABORTED)$|socket hang up|^aborted$/;

export class Load {
  readonly http = new HttpClient(20_000);
  readonly lives: readonly Life[];
  readonly deliveries: Delivery[] = [];
  /** Signed notes as they were served, each once. */
  readonly checkpoints = new Set<string>();
  /** What nobody should see, told shortly. */
  readonly unexpected: string[] = [];
  /** How often the service said that it could not. */
  unavailable = 0;
  private isStopped = true;
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly city: ServedCity,
    private readonly programId: string,
    seed: string,
  ) {
    let marker = firstMarker;
    this.lives = adultsOf(city.demo).map((one) => new Life(one, new Random(`${seed}/${one.login}`), () => marker++));
  }

  static async on(city: ServedCity, seed: string): Promise<Load> {
    const http = new HttpClient();
    const { id } = await WalkingProgram.apply(http, city.demo);
    http.close();
    return new Load(city, id, seed);
  }

  /** As the addresses and sessions are since the last start. */
  get program(): WalkingProgram {
    return WalkingProgram.known(this.http, this.city.demo, this.programId);
  }

  /** Runs until stopped, whatever happens to the city meanwhile. */
  async start(): Promise<void> {
    const { program } = this;
    const { base } = this.city;
    const token = await program.token(base);
    this.isStopped = false;
    this.running = Promise.all([
      ...this.lives.map((life) => this.loop(15, () => life.step(program, base))),
      ...this.lives.map((life) => this.loop(1, () => this.read(life, program, token))),
      this.loop(10, () => this.readAll(program, token)),
      this.loop(20, () => this.keepCheckpoint()),
    ]);
  }

  /** Resolves when every request has had its answer or its error. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  /** Sends again whatever is in doubt, until it is answered; the city must be up. */
  async settle(): Promise<void> {
    for (const life of this.lives) {
      const deadline = Date.now() + 20_000;
      while (life.isInDoubt && Date.now() < deadline) await this.attempt(() => life.step(this.program, this.city.base));
      if (life.isInDoubt) this.unexpected.push('an act that was sent again was never answered');
    }
  }

  async read(life: Life, program: WalkingProgram, token: string): Promise<void> {
    const { pairwiseId } = life;
    if (pairwiseId === null) return;
    const startedAt = process.hrtime.bigint();
    const answer = await program.read(this.city.base, token, pairwiseId);
    if (answer.status === 200) this.take(life, answer.json as unknown as ReadAnswer, startedAt);
    else if (answer.status >= 500) throw new Unanswered(answer);
    else if (answer.code === 'consent-withdrawn') {
      const times = { node: this.city.base, startedAt, endedAt: process.hrtime.bigint() };
      life.history.push({ ...times, op: 'read', outcome: 'shut', gate: 'consent' });
    } else if (answer.code !== 'no-consent') throw new Error(`read: ${answer.status} ${answer.code}`);
  }

  private async readAll(program: WalkingProgram, token: string): Promise<void> {
    const startedAt = process.hrtime.bigint();
    const { answer, lines } = await program.readAll(this.city.base, token);
    if (answer.status >= 500) throw new Unanswered(answer);
    if (answer.status !== 200) throw new Error(`stream: ${answer.status} ${answer.code}`);
    for (const { pairwiseId, records, receipt } of lines) {
      const life = this.lives.find((one) => one.pairwiseId === pairwiseId);
      if (life !== undefined && records && receipt) this.take(life, { records, receipt }, startedAt);
    }
  }

  private take(life: Life, answer: ReadAnswer, startedAt: bigint): void {
    const [index, markers] = [indexOf(answer), markersOf(answer)];
    const times = { node: this.city.base, startedAt, endedAt: process.hrtime.bigint() };
    this.deliveries.push({ life, receipt: answer.receipt, index, markers, startedAt });
    life.history.push({ ...times, op: 'read', outcome: 'data', index, markers });
  }

  private async keepCheckpoint(): Promise<void> {
    const answer = await this.http.ask(this.city.base, { path: '/log/checkpoint' });
    if (answer.status === 200) this.checkpoints.add(answer.text);
    else if (answer.status !== 503) throw new Error(`checkpoint: ${answer.status}`);
  }

  private async loop(pauseMs: number, step: () => Promise<void>): Promise<void> {
    while (!this.isStopped) {
      await this.attempt(step);
      await pause(pauseMs);
    }
  }

  /** An answer of 503 and a lost connection are what a crash looks like; anything else is not. */
  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      const isCrash = error instanceof Unanswered ? unable.test(message) : lostConnection.test(code ?? message);
      if (isCrash) this.unavailable += 1;
      else if (this.unexpected.length < 20) this.unexpected.push(message);
      await pause(20);
    }
  }
}
