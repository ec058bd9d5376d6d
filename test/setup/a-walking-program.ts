/**
 * One program of one category without a limit of frequency, applied for and approved over HTTP; and what a driver does under it: deposit a
 * numbered record, read the numbers back, consent and withdraw. The number is the step count, so it passes every rule that real data passes.
 */
import type { DemoFile } from '../../src/demo/demo-file.js';
import { tourApplication } from '../../src/demo/tour-application.js';
import { ARecipient } from './a-recipient.js';
import type { Answer, HttpClient } from './http-client.js';

type DemoResident = DemoFile['residents'][number];

const purpose = 'care.prevention';
const category = 'activity.steps';
const sourceId = 'minatono-steps';
/** A day of its own, so that a window holds the numbered records and no others. */
const day = '2026-01-15';
const window = `category=${category}&from=${day}&to=2026-01-16`;

/** Nobody walks as far: a number from here on is a driver's. */
export const firstMarker = 100_001;

export class WalkingProgram {
  private constructor(
    private readonly http: HttpClient,
    private readonly demo: DemoFile,
    readonly recipient: ARecipient,
    readonly id: string,
  ) {}

  static async apply(http: HttpClient, demo: DemoFile, node = demo.baseUrl): Promise<WalkingProgram> {
    const recipient = new ARecipient(
      http,
      demo.issuer,
      demo.recipients.find(({ id }) => id === 'hamakaze-clinic')!,
    );
    const token = await recipient.token(node, 'application');
    const draft = await recipient.ask(node, token, 'POST', '/v1/programs', tourApplication());
    const { id } = requireStatus(draft, 201).json as { id: string };
    requireStatus(await recipient.ask(node, token, 'POST', `/v1/programs/${id}/submission`), 200);
    const program = new WalkingProgram(http, demo, recipient, id);
    requireStatus(await program.boardSays(node, 'decision', { decision: 'approve' }), 200);
    return program;
  }

  /** Takes up one applied for before, by the same recipient. */
  static known(http: HttpClient, demo: DemoFile, id: string): WalkingProgram {
    const recipient = new ARecipient(
      http,
      demo.issuer,
      demo.recipients.find((one) => one.id === 'hamakaze-clinic')!,
    );
    return new WalkingProgram(http, demo, recipient, id);
  }

  token(node: string): Promise<string> {
    return this.recipient.token(node, { program: this.id, purpose, categories: [category] });
  }

  give(node: string, resident: DemoResident, key?: string): Promise<Answer> {
    const body = { program: this.id, decision: 'give', items: [{ purpose, category }] };
    return this.http.ask(node, { method: 'POST', path: '/v1/consents', headers: as(resident, key), body });
  }

  withdraw(node: string, resident: DemoResident, consentId: string): Promise<Answer> {
    const path = `/v1/consents/${consentId}/withdrawal`;
    return this.http.ask(node, { method: 'POST', path, headers: as(resident), body: {} });
  }

  consentOf(node: string, resident: DemoResident, consentId: string): Promise<Answer> {
    return this.http.ask(node, { path: `/v1/consents/${consentId}`, headers: as(resident) });
  }

  suspend(node: string): Promise<Answer> {
    return this.boardSays(node, 'suspension');
  }

  resume(node: string): Promise<Answer> {
    return this.boardSays(node, 'resumption');
  }

  /** Deposits the record with this number, for one resident. @param recordId a second delivery under it supersedes the first. */
  deposit(node: string, resident: DemoResident, marker: number, recordId: string, key?: string): Promise<Answer> {
    const source = this.demo.sources.find(({ id }) => id === sourceId)!;
    const link = source.residents.find(({ login }) => login === resident.login)!.resident;
    const headers = {
      authorization: `Bearer ${source.token}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const items = [{ resident: link, recordId, date: day, data: numberedSteps(marker) }];
    return this.http.ask(node, { method: 'POST', path: '/v1/deposits', headers, body: { category, items } });
  }

  readPath(pairwiseId: string): string {
    return `/v1/residents/${pairwiseId}/records?program=${this.id}&${window}`;
  }

  read(node: string, token: string, pairwiseId: string): Promise<Answer> {
    return this.recipient.ask(node, token, 'GET', this.readPath(pairwiseId));
  }

  /** The stream over all who consent: one line each, and a last one. */
  async readAll(node: string, token: string): Promise<{ answer: Answer; lines: BulkLine[] }> {
    const body = { program: this.id, from: day, to: '2026-01-16' };
    const answer = await this.recipient.ask(node, token, 'POST', '/v1/provisions', body);
    if (answer.status !== 200) return { answer, lines: [] };
    const lines = answer.text.split('\n').filter((line) => line !== '');
    return { answer, lines: lines.map((line) => JSON.parse(line) as BulkLine) };
  }

  list(node: string, token: string): Promise<Answer> {
    return this.recipient.ask(node, token, 'GET', `/v1/programs/${this.id}/residents`);
  }

  private boardSays(node: string, what: 'decision' | 'suspension' | 'resumption', more: object = {}): Promise<Answer> {
    const body = { ...more, reason: { ja: '試験のためです。', en: 'For a test.' } };
    const headers = { cookie: this.demo.board[0]!.session };
    return this.http.ask(node, { method: 'POST', path: `/v1/programs/${this.id}/${what}`, headers, body });
  }
}

/** Those of the ten who are shown that can consent to everything: all but two, and they stand first. */
export function adultsOf({ residents }: DemoFile): DemoFile['residents'] {
  return residents.slice(0, -2);
}

/** What a read answers with, as JSON. */
export interface ReadAnswer {
  readonly records: readonly {
    readonly data: { readonly body: { readonly step_count: { readonly value: number } } };
  }[];
  readonly receipt: { readonly entry: string; readonly proof: string };
}

export type BulkLine = Partial<ReadAnswer> & {
  readonly pairwiseId?: string;
  readonly refused?: string;
  readonly end?: boolean;
};

/** The numbers of the records in an answer, ascending. */
export function markersOf({ records }: Pick<ReadAnswer, 'records'>): number[] {
  return records.map(({ data }) => data.body.step_count.value).sort((left, right) => left - right);
}

/** The index in a receipt's proof; the receipt is not verified. */
export function indexOf({ receipt }: Pick<ReadAnswer, 'receipt'>): number {
  return Number(/^index (\d+)$/m.exec(receipt.proof)![1]);
}

export function requireStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`it answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  return answer;
}

function as({ session }: DemoResident, key?: string): Record<string, string> {
  return { cookie: session, ...(key === undefined ? {} : { 'idempotency-key': key }) };
}

/** An Open mHealth data point; the same number gives the same bytes, so that a delivery can be repeated. */
export function numberedSteps(marker: number): object {
  return {
    header: {
      id: `marker-${marker}`,
      creation_date_time: `${day}T00:00:00Z`,
      schema_id: { namespace: 'omh', name: 'step-count', version: '3.0' },
    },
    body: {
      step_count: { value: marker, unit: 'steps' },
      effective_time_frame: {
        time_interval: { start_date_time: `${day}T00:00:00Z`, end_date_time: `${day}T12:00:00Z` },
      },
    },
  };
}
