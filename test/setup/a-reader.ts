/** A recipient holding an access token for one program, and what it can do with it: read one, list all, stream all. */
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import type { DemoFile } from '../../src/demo/demo-file.js';
import type { ARecipient } from './a-recipient.js';
import type { Answer } from './http-client.js';

export interface AnsweredRecord {
  readonly id: string;
  readonly category: string;
  readonly date: string;
  readonly source: string;
  readonly data: Record<string, unknown>;
}

export interface AReceipt {
  readonly entry: string;
  readonly nonce: string;
  readonly detail: string;
  readonly proof: string;
}

/** A line of a stream. */
export interface StreamedLine {
  readonly pairwiseId?: string;
  readonly records?: AnsweredRecord[];
  readonly receipt?: AReceipt;
  readonly refused?: string;
  readonly end?: true;
  readonly delivered?: number;
  readonly next?: string | null;
}

type Query = Readonly<Record<string, string>>;

export class Reader {
  constructor(
    readonly recipient: ARecipient,
    private readonly base: string,
    readonly program: string,
    readonly token: string,
  ) {}

  ask(method: string, path: string, body?: object, node = this.base): Promise<Answer> {
    return this.recipient.ask(node, this.token, method, path, body);
  }

  pathOf(pairwiseId: string, query: Query = {}): string {
    return `/v1/residents/${pairwiseId}/records?${new URLSearchParams({ program: this.program, ...query }).toString()}`;
  }

  read(pairwiseId: string, query: Query = {}, node = this.base): Promise<Answer> {
    return this.ask('GET', this.pathOf(pairwiseId, query), undefined, node);
  }

  /** `200`, or the code of the refusal: what tables of outcomes compare. */
  async outcome(pairwiseId: string, query: Query = {}, node = this.base): Promise<number | string> {
    const answer = await this.read(pairwiseId, query, node);
    return answer.code ?? answer.status;
  }

  list(query: Query = {}, node = this.base): Promise<Answer> {
    const parameters = new URLSearchParams(query).toString();
    return this.ask(
      'GET',
      `/v1/programs/${this.program}/residents${parameters === '' ? '' : `?${parameters}`}`,
      undefined,
      node,
    );
  }

  stream(body: object = {}, node = this.base): Promise<Answer> {
    return this.ask('POST', '/v1/provisions', { program: this.program, ...body }, node);
  }
}

export function recordsOf(answer: Answer): AnsweredRecord[] {
  return answer.json.records as AnsweredRecord[];
}

export function receiptOf(answer: Answer): AReceipt {
  return answer.json.receipt as AReceipt;
}

export function linesOf(answer: Answer): StreamedLine[] {
  return answer.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StreamedLine);
}

/** Verified with the pinned key alone. */
export function verified(
  receipt: AReceipt,
  { log }: DemoFile,
  expected: { pairwiseId?: string; program?: string } = {},
) {
  const trust = { origin: log.origin, logKeys: [parseVerifierKey(log.vkey)] };
  const outcome = verifyReceipt(receipt, trust, expected);
  if (!outcome.ok) throw new Error(`the receipt does not verify: ${outcome.finding.message}`);
  return outcome;
}
