/** The load of one recipient that reads, asks for tokens and takes streams. Every answer is checked. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { parseVerifierKey } from '../src/transparency-log/note-key.js';
import { verifyReceipt } from '../src/transparency-log/receipt.js';
import { closedLoop, type LoopResult } from './closed-loop.js';
import { type Connections, requireStatus } from './connections.js';
import { hashOf, Recipient } from './recipient.js';
import type { BenchCity } from './found-city.js';
import type { ServiceAddress } from './service-process.js';

export interface ReadRequest {
  path: string;
  headers: Record<string, string>;
}

const verifiedPerWindow = 3;

/** How far a read goes, in the order of the door's steps: what one costs more than the one before is the cost of the step between them. */
export const readSteps = ['address', 'proof and token', 'refusal', 'no record', 'all records'] as const;
export type ReadStep = (typeof readSteps)[number];

export class Load {
  private readonly recipient: Recipient;
  private token = '';
  private tokenHash = '';
  private readonly query: string;

  constructor(
    private readonly connections: Connections,
    private readonly service: ServiceAddress,
    private readonly city: BenchCity,
  ) {
    this.recipient = new Recipient({ issuer: service.publicUrl, ...city.recipient });
    this.query = new URLSearchParams({ program: city.program, category: city.category }).toString();
  }

  /** A fresh access token for what follows: five minutes. */
  async signIn(): Promise<void> {
    this.token = await this.askForToken();
    this.tokenHash = hashOf(this.token);
  }

  /** Full reads of residents chosen at random. The proofs are signed before the window opens; a missing one is signed in it. */
  async reads(inFlight: number, seconds: number, expectedPerSecond: number): Promise<LoopResult> {
    await this.signIn();
    const ready = Array.from({ length: Math.ceil(expectedPerSecond * 1.3 * seconds) + inFlight }, () => this.aRead());
    const answers: string[] = [];
    const result = await closedLoop(inFlight, seconds, async () => {
      const { path, headers } = ready.pop() ?? this.aRead();
      const text = requireStatus(await this.connections.send('GET', path, headers), 200);
      if (answers.length < verifiedPerWindow) answers.push(text);
    });
    for (const text of answers) this.verify(text);
    return result;
  }

  /** Requests that go so far and no further, each with a proof of its own. */
  async stepsOf(step: ReadStep, inFlight: number, seconds: number): Promise<LoopResult> {
    await this.signIn();
    return closedLoop(inFlight, seconds, async () => {
      const { path, query, status } = this.requestOf(step);
      requireStatus(await this.connections.send('GET', path + query, this.credentials('GET', path)), status);
    });
  }

  private requestOf(step: ReadStep): { path: string; query: string; status: number } {
    const nobody = `/v1/residents/${randomBytes(32).toString('base64url')}/records`;
    const somebody = `/v1/residents/${this.someone()}/records`;
    switch (step) {
      case 'address':
        return { path: '/log', query: '', status: 200 };
      case 'proof and token':
        return { path: nobody, query: `?program=another&category=${this.city.category}`, status: 403 };
      case 'refusal':
        return { path: nobody, query: `?${this.query}`, status: 403 };
      case 'no record':
        return { path: somebody, query: `?${this.query}&from=2001-01-01&to=2001-01-02`, status: 200 };
      case 'all records':
        return { path: somebody, query: `?${this.query}`, status: 200 };
    }
  }

  /** Access tokens by private_key_jwt and DPoP, each signed within the window. */
  tokens(inFlight: number, seconds: number): Promise<LoopResult> {
    return closedLoop(inFlight, seconds, async () => void (await this.askForToken()));
  }

  /** One stream over `limit` residents, `calls` times. Returns residents and seconds. */
  async bulk(calls: number, limit: number): Promise<{ residents: number; seconds: number; perSecond: number }> {
    await this.signIn();
    let residents = 0;
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) residents += await this.stream(limit);
    const seconds = (performance.now() - startedAt) / 1000;
    return { residents, seconds, perSecond: residents / seconds };
  }

  private async askForToken(): Promise<string> {
    const { program, purpose, category } = this.city;
    const detail = { type: 'azukari_provision', program, purpose, categories: [category] };
    const { headers, body } = this.recipient.tokenRequest(detail);
    const text = requireStatus(await this.connections.send('POST', '/token', headers, body), 200);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }

  /** A full read, with a proof of its own; of anybody, unless a resident is named. {@link signIn} comes first. */
  aRead(pairwiseId = this.someone()): ReadRequest {
    const path = `/v1/residents/${pairwiseId}/records`;
    return { path: `${path}?${this.query}`, headers: this.credentials('GET', path) };
  }

  private someone(): string {
    const { pairwiseIds } = this.city;
    return pairwiseIds[Math.trunc(Math.random() * pairwiseIds.length)]!;
  }

  private credentials(method: string, path: string): Record<string, string> {
    return {
      authorization: `DPoP ${this.token}`,
      dpop: this.recipient.proofFor(method, path, this.tokenHash),
    };
  }

  private async stream(limit: number): Promise<number> {
    const headers = { ...this.credentials('POST', '/v1/provisions'), 'content-type': 'application/json' };
    const body = JSON.stringify({ program: this.city.program, limit });
    const response = await this.connections.open('POST', '/v1/provisions', headers, body);
    let delivered = 0;
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      if (line.includes('"receipt":')) delivered += 1;
      else if (!line.includes('"end":true')) throw new Error(`a line of the stream is ${line.slice(0, 200)}`);
    }
    if (delivered === 0) throw new Error(`the stream answered ${response.statusCode} and delivered nothing`);
    return delivered;
  }

  private verify(text: string): void {
    const { records, receipt } = JSON.parse(text) as { records: unknown[]; receipt: unknown };
    const trust = { origin: this.service.log.origin, logKeys: [parseVerifierKey(this.service.log.vkey)] };
    const expected = { recipient: this.city.recipient.id, program: this.city.program };
    const verified = verifyReceipt(receipt, trust, expected, 'the receipt');
    if (!verified.ok || records.length === 0) throw new Error('a read brought no records or no good receipt');
  }
}
