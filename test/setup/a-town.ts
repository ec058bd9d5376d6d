/**
 * A demo city with its people at hand: what residents, recipients, sources and the board do, each in one call, all of it over HTTP. The
 * superuser's connection is for looking behind the answers, and for the hostile operator.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { tourApplication } from '../../src/demo/tour-application.js';
import type { Application } from '../../src/programs/application.js';
import type { RunningService, ServiceOptions } from '../../src/service.js';
import { openPool } from '../../src/database/pool.js';
import { SecurityLog } from '../../src/http/security-log.js';
import { ARecipient } from './a-recipient.js';
import { aDemoCity, type DemoCity } from './demo-city.js';
import { Answer, HttpClient } from './http-client.js';
import { Reader } from './a-reader.js';

export type DemoResident = DemoFile['residents'][number];
export type Item = { purpose: string; category: string };

/** What a consent or a token needs to know of a program. */
export interface AProgram {
  id: string;
  recipient: string;
  purpose: string;
  categories: string[];
  items: Item[];
}

/** A line of the log, parsed. */
export type Line = Record<string, unknown> & { index: number; t: string; text: string };

export const because = { reason: { ja: '試験のためです。', en: 'For a test.' } };

/** Among the ten who are shown, these are not grown up: a girl of 17 and her brother of 9. */
const minors = ['sato.aoi', 'sato.minato'];

export class Town {
  readonly http = new HttpClient();
  readonly base: string;
  readonly demo: DemoFile;
  readonly admin;

  private constructor(
    readonly city: DemoCity,
    /** Every line that the service wrote about requests, whichever log it belongs to. */
    readonly written: string[],
  ) {
    this.demo = city.demo;
    this.base = city.demo.baseUrl;
    this.admin = openPool({ url: city.databases.adminUrl, size: 2, applicationName: 'test superuser' });
  }

  static async open(options: Partial<ServiceOptions> = {}): Promise<Town> {
    const written: string[] = [];
    const sink = (line: string) => void written.push(line);
    const http = { securityLog: new SecurityLog(sink), incidentSink: sink };
    return new Town(await aDemoCity({ http, ...options }), written);
  }

  /** The people of a city that was opened otherwise. */
  static of(city: DemoCity): Town {
    return new Town(city, []);
  }

  /** Another node on the same databases, which knows nothing of the first; where it listens. */
  async anotherNode(options: Partial<ServiceOptions> = {}): Promise<{ base: string; service: RunningService }> {
    const sink = (line: string) => void this.written.push(line);
    const http = { securityLog: new SecurityLog(sink), incidentSink: sink };
    const service = await this.city.anotherNode({ http, ...options });
    return { base: `http://${service.address.host}:${service.address.port}`, service };
  }

  async close(): Promise<void> {
    this.http.close();
    await this.admin.end();
    await this.city.stop();
  }

  /** Ends the service and every connection; databases and directories stay as they are. */
  async leave(): Promise<void> {
    this.http.close();
    await this.admin.end();
    await this.city.service.stop();
  }

  /** A grown-up, counted from 0 to 7. */
  resident(number = 0): DemoResident {
    return this.demo.residents.filter(({ login }) => !minors.includes(login))[number]!;
  }

  /** 17 years old, or 9. */
  minor(age: 17 | 9): DemoResident {
    return this.demo.residents.find(({ login }) => login === minors[age === 17 ? 0 : 1])!;
  }

  recipient(id: string): ARecipient {
    return new ARecipient(
      this.http,
      this.demo.issuer,
      this.demo.recipients.find((one) => one.id === id)!,
    );
  }

  /** The program of the demo that has this name. */
  demoProgram(name: string): AProgram {
    for (const recipient of this.demo.recipients) {
      const found = recipient.programs.find((program) => program.name === name);
      if (!found) continue;
      const { id, purpose, categories } = found;
      const items = categories.map((category) => ({ purpose, category }));
      return { id, purpose, categories, items, recipient: recipient.id };
    }
    throw new Error(`the demo has no program ${name}`);
  }

  /** Handed in, and not yet decided. */
  async application(recipient: string, terms: Partial<Application['terms']> = {}): Promise<AProgram> {
    const own = tourApplication();
    const changed = { ...own, terms: { ...own.terms, ...terms } };
    const client = this.recipient(recipient);
    const token = await client.token(this.base, 'application');
    const draft = must(await client.ask(this.base, token, 'POST', '/v1/programs', changed), 201);
    const { id } = draft.json as { id: string };
    must(await client.ask(this.base, token, 'POST', `/v1/programs/${id}/submission`));
    const items = changed.terms.items.map(({ purpose, category }) => ({ purpose, category }));
    const { purpose } = items[0]!;
    const categories = items.filter((item) => item.purpose === purpose).map(({ category }) => category);
    return { id, recipient, purpose, categories: categories.sort(), items };
  }

  /** Handed in and approved: the clinic's steps, unless the terms say otherwise. */
  async program(recipient = 'hamakaze-clinic', terms: Partial<Application['terms']> = {}): Promise<AProgram> {
    const program = await this.application(recipient, terms);
    must(await this.board(`programs/${program.id}/decision`, { decision: 'approve' }));
    return program;
  }

  /** As the board's first member; a reason is added. */
  board(path: string, body: object = {}, node = this.base): Promise<Answer> {
    const headers = { cookie: this.demo.board[0]!.session };
    return this.http.ask(node, { method: 'POST', path: `/v1/${path}`, headers, body: { ...body, ...because } });
  }

  answer(resident: DemoResident, body: object, headers: Record<string, string> = {}, node = this.base) {
    const signedIn = { cookie: resident.session, ...headers };
    return this.http.ask(node, { method: 'POST', path: '/v1/consents', headers: signedIn, body });
  }

  /** Gives consent to all items of the program, or to those named. */
  async give(resident: DemoResident, program: AProgram, items = program.items, node = this.base) {
    const answer = await this.answer(resident, { program: program.id, decision: 'give', items }, {}, node);
    const { id: consentId, ...given } = must(answer, 201).json as unknown as {
      id: string;
      pairwiseId: string;
      logIndex: number;
      receipt: string;
    };
    return { consentId, ...given };
  }

  async refuse(resident: DemoResident, program: AProgram) {
    return must(await this.answer(resident, { program: program.id, decision: 'refuse' }), 201).json;
  }

  withdraw(resident: DemoResident, consentId: string, node = this.base): Promise<Answer> {
    const path = `/v1/consents/${consentId}/withdrawal`;
    return this.http.ask(node, { method: 'POST', path, headers: { cookie: resident.session }, body: {} });
  }

  withdrawItems(resident: DemoResident, consentId: string, items: readonly Item[], node = this.base): Promise<Answer> {
    const path = `/v1/consents/${consentId}/withdrawal`;
    return this.http.ask(node, { method: 'POST', path, headers: { cookie: resident.session }, body: { items } });
  }

  /** A recipient with an access token for the program. */
  async reader(program: AProgram, node = this.base): Promise<Reader> {
    const recipient = this.recipient(program.recipient);
    const { id, purpose, categories } = program;
    return new Reader(recipient, this.base, id, await recipient.token(node, { program: id, purpose, categories }));
  }

  /** One record each, as the source would send it. */
  deposit(source: string, category: string, records: readonly NewRecord[], headers: Record<string, string> = {}) {
    const { token, residents } = this.demo.sources.find(({ id }) => id === source)!;
    const items = records.map(({ resident, recordId, date, data }) => ({
      ...{ resident: residents.find(({ login }) => login === resident.login)!.resident, recordId, date, data },
    }));
    const asSource = { authorization: `Bearer ${token}`, ...headers };
    return this.http.ask(this.base, {
      method: 'POST',
      path: '/v1/deposits',
      headers: asSource,
      body: { category, items },
    });
  }

  /** As stored, covered by a checkpoint or not. */
  async log(from = 0): Promise<Line[]> {
    const { rows } = await this.admin.query<{ idx: number; entry: string }>(
      'SELECT idx, entry FROM azukari.log_entry WHERE idx >= $1 ORDER BY idx',
      [from],
    );
    return rows.map(({ idx, entry }) => ({ ...(JSON.parse(entry) as { t: string }), index: idx, text: entry }));
  }

  /** Waits until a published checkpoint covers this many entries; at most ten seconds, unless more are given. */
  async untilPublished(size: number, seconds = 10): Promise<void> {
    for (let attempt = 0; attempt < seconds * 40; attempt += 1) {
      const { rows } = await this.admin.query<{ size: number }>('SELECT size FROM azukari.published_checkpoint');
      if (rows[0]!.size >= size) return;
      await pause(25);
    }
    throw new Error(`no checkpoint covers ${size} entries`);
  }

  /** What `work` did to the log. */
  async linesOf(work: () => Promise<unknown>): Promise<Line[]> {
    const size = await this.logSize();
    await work();
    return this.log(size);
  }

  /** A digest of every table that holds what people said or handed over; equal when nothing was stored or lost. */
  async stored(): Promise<Record<string, string>> {
    const tables = [
      ...[
        'log_entry',
        'entry_detail',
        'provision_grant',
        'provision_void',
        'provision_count',
        'consent',
        'pairwise',
        'resident',
        'recipient',
        'source',
      ],
      ...[
        'program',
        'program_item',
        'program_decision',
        'status_change',
        'deposit',
        'deposit_authorisation',
        'vault_version',
      ],
      ...['vault_record', 'stripped_number', 'idempotency', 'board_member', 'session'],
      ...['unit', 'staff_member', 'staff_access', 'staff_look'],
    ];
    const digests = tables.map(
      (table) => `(SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM azukari.${table} t) AS ${table}`,
    );
    const { rows } = await this.admin.query<Record<string, string>>(`SELECT ${digests.join(', ')}`);
    return rows[0]!;
  }

  /** Whoever holds this row keeps the signer from publishing; everything else goes on. */
  async whileNobodyPublishes<T>(work: () => Promise<T>): Promise<T> {
    const holder = await this.admin.connect();
    await holder.query('BEGIN; SELECT FROM azukari.published_checkpoint FOR UPDATE');
    try {
      return await work();
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  }

  async logSize(): Promise<number> {
    const { rows } = await this.admin.query<{ size: number }>('SELECT size FROM azukari.log_state');
    return rows[0]!.size;
  }
}

export interface NewRecord {
  resident: DemoResident;
  recordId: string;
  /** `YYYY-MM-DD` */
  date: string;
  data: unknown;
}

/** A step count of one day, by which it can be told from others. */
export function steps(resident: DemoResident, count: number, date: string, recordId = `${date}/${count}`): NewRecord {
  const data = {
    header: {
      id: crypto.randomUUID(),
      creation_date_time: `${date}T00:00:00Z`,
      schema_id: { namespace: 'omh', name: 'step-count', version: '3.0' },
    },
    body: {
      step_count: { value: count, unit: 'steps' },
      effective_time_frame: {
        time_interval: { start_date_time: `${date}T00:00:00Z`, end_date_time: `${date}T12:00:00Z` },
      },
    },
  };
  return { resident, recordId, date, data };
}

export function must(answer: Answer, status = 200): Answer {
  if (answer.status !== status) throw new Error(`it answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  return answer;
}
