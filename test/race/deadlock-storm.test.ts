/**
 * Everything at once, in opposite orders, on two nodes: bulk and single reads, consents and withdrawals, suspensions of programs and
 * recipients, deposits, applications, all over the same few residents. The order of locks (recipient, program, consents ascending, the log
 * last) must let all of them settle: no deadlock is ever detected, and nobody is answered with an error of ours.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { RecipientsService } from '../../src/recipients/recipients.service.js';
import { checkLogAt, untilCovered } from '../setup/a-log-reader.js';
import { ARecipient } from '../setup/a-recipient.js';
import { adultsOf, numberedSteps, requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import type { FreshCity } from '../setup/fresh-database.js';
import type { Answer } from '../setup/http-client.js';
import { requireTestCluster } from '../setup/test-cluster.js';
import { aTwoNodeCity, type TwoNodeCity } from './a-two-node-city.js';

const isSoak = process.env.AZUKARI_SOAK === '1';
const stormMs = isSoak ? 120_000 : 6_000;

type DemoProgram = DemoFile['recipients'][number]['programs'][number];

const reason = { ja: '試験のためです。', en: 'For a test.' };

interface Asking {
  readonly recipient: ARecipient;
  readonly program: DemoProgram;
  readonly items: readonly { readonly purpose: string; readonly category: string }[];
  readonly token: string;
  /** By login. */
  readonly pairwiseIds: Map<string, string>;
  readonly consents: Map<string, string>;
}

let city: TwoNodeCity;
let adults: DemoFile['residents'];
let askings: Asking[];
const statuses = new Map<string, number>();

beforeAll(async () => {
  city = await aTwoNodeCity(watchLocks);
  adults = adultsOf(city.demo);
  askings = [];
  for (const { id, programs, ...recipient } of city.demo.recipients) {
    const own = new ARecipient(city.http, city.demo.issuer, { id, programs, ...recipient });
    for (const program of programs.filter(({ status }) => status === 'active')) {
      askings.push(await asking(own, program));
    }
  }
});
afterAll(() => city?.stop());

async function asking(recipient: ARecipient, program: DemoProgram): Promise<Asking> {
  const { http, bases, demo } = city;
  const path = `/v1/consents/notices/${program.id}`;
  const notice = await http.ask(bases[0], { path, headers: { cookie: demo.residents[0]!.session } });
  const { items } = requireStatus(notice, 200).json as { items: Asking['items'] };
  const categories = [...new Set(items.map(({ category }) => category))].sort();
  const token = await recipient.token(bases[0], { program: program.id, purpose: items[0]!.purpose, categories });
  const chosen = items.map(({ purpose, category }) => ({ purpose, category }));
  const asked: Asking = { recipient, program, items: chosen, token, pairwiseIds: new Map(), consents: new Map() };
  for (const resident of adults) requireStatus(await give(asked, resident, bases[0]), 201);
  return asked;
}

async function give(asked: Asking, { login, session }: DemoFile['residents'][number], node: string): Promise<Answer> {
  const body = { program: asked.program.id, decision: 'give', items: asked.items };
  const answer = await city.http.ask(node, {
    method: 'POST',
    path: '/v1/consents',
    headers: { cookie: session },
    body,
  });
  if (answer.status === 201) {
    const { id: consentId, pairwiseId } = answer.json as { id: string; pairwiseId: string };
    asked.consents.set(login, consentId);
    asked.pairwiseIds.set(login, pairwiseId);
  }
  return answer;
}

/** Ascending on the first node, descending on the second. */
function inOrder<T>(items: readonly T[], node: number): T[] {
  return node === 0 ? [...items] : [...items].reverse();
}

function count(what: string, { status }: Answer): void {
  const key = `${what} ${status}`;
  statuses.set(key, (statuses.get(key) ?? 0) + 1);
}

async function withdraw({ consents }: Asking, { login, session }: DemoFile['residents'][number], node: string) {
  const path = `/v1/consents/${consents.get(login)}/withdrawal`;
  return city.http.ask(node, { method: 'POST', path, headers: { cookie: session }, body: {} });
}

function boardSays(program: string, what: 'suspension' | 'resumption', node: string): Promise<Answer> {
  const headers = { cookie: city.demo.board[0]!.session };
  return city.http.ask(node, { method: 'POST', path: `/v1/programs/${program}/${what}`, headers, body: { reason } });
}

async function deposit(node: number, run: number): Promise<void> {
  for (const [sourceId, category, data] of [
    ['minatono-steps', 'activity.steps', numberedSteps(run)],
    ['minatono-register', 'profile.contact', { name: `試験 ${run}`, address: 'みなと野市' }],
  ] as const) {
    const source = city.demo.sources.find(({ id }) => id === sourceId)!;
    const items = inOrder(source.residents, node).map(({ resident }) => ({
      ...{ resident, recordId: 'storm', date: '2026-01-15', data },
    }));
    const headers = { authorization: `Bearer ${source.token}` };
    const asked = { method: 'POST', path: '/v1/deposits', headers, body: { category, items } };
    count(`deposit ${category}`, await city.http.ask(city.bases[node]!, asked));
  }
}

/** What one node is made to do, all of it again and again at the same time. */
function loopsOn(node: number): ((run: number) => Promise<void>)[] {
  const base = city.bases[node]!;
  const recipients = city.service.app.get(RecipientsService);
  const why = { reason, actor: city.demo.board[0]!.id };
  return [
    ...askings.map((asked) => async () => {
      const { recipient, token, program } = asked;
      count('stream', await recipient.ask(base, token, 'POST', '/v1/provisions', { program: program.id }));
    }),
    async () => {
      const reads = inOrder(askings, node).flatMap(({ recipient, token, program, pairwiseIds }) =>
        inOrder([...pairwiseIds.values()], node).map(async (name) => {
          const path = `/v1/residents/${name}/records?program=${program.id}&from=2026-01-15&to=2026-01-16`;
          count('read', await recipient.ask(base, token, 'GET', path));
        }),
      );
      await Promise.all(reads);
    },
    async () => {
      for (const asked of inOrder(askings, node)) {
        await Promise.all(
          inOrder(adults, node).map(async (one) => count('withdraw', await withdraw(asked, one, base))),
        );
        await Promise.all(inOrder(adults, node).map(async (one) => count('give', await give(asked, one, base))));
      }
    },
    async () => {
      for (const { program } of inOrder(askings, node)) {
        count('suspend', await boardSays(program.id, 'suspension', base));
        count('resume', await boardSays(program.id, 'resumption', base));
      }
      await pause(20);
    },
    async () => {
      for (const { recipient } of inOrder(askings, node)) {
        await recipients.changeStatus(recipient.id, 'suspended', why);
        await recipients.changeStatus(recipient.id, 'active', why);
      }
      await pause(50);
    },
    (run) => deposit(node, run),
    async () => {
      for (const { recipient, token, program } of inOrder(askings, node)) {
        count('list', await recipient.ask(base, token, 'GET', `/v1/programs/${program.id}/residents`));
      }
    },
  ];
}

test(
  'everything at once in opposite orders settles without a deadlock and without an error of ours',
  async () => {
    const until = performance.now() + stormMs;
    const loop = async (step: (run: number) => Promise<void>) => {
      for (let run = 0; performance.now() < until; run += 1) await step(run);
    };
    await Promise.all([...loopsOn(0), ...loopsOn(1)].map(loop));

    const failures = [...statuses.keys()].filter((key) => Number(key.slice(-3)) >= 500);
    expect(failures).toEqual([]);
    expect(city.nodes.flatMap(({ incidents }) => incidents)).toEqual([]);
    for (const what of ['stream', 'read', 'withdraw', 'give', 'suspend', 'resume', 'deposit activity.steps', 'list']) {
      expect([what, (statuses.get(`${what} 200`) ?? statuses.get(`${what} 201`) ?? 0) > 0]).toEqual([what, true]);
    }

    for (const { recipient, program, token, pairwiseIds } of askings) {
      await boardSays(program.id, 'resumption', city.bases[0]);
      const path = `/v1/residents/${[...pairwiseIds.values()][0]}/records?program=${program.id}`;
      expect([200, 403, 429]).toContain((await recipient.ask(city.bases[1], token, 'GET', path)).status);
    }
    const walking = await WalkingProgram.apply(city.http, city.demo, city.bases[1]);
    requireStatus(await walking.give(city.bases[0], adults[0]!), 201);
    const { rows } = await city.service.pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
    await untilCovered(city.bases[0], city.demo.log, rows[0]!.size);
    expect((await checkLogAt(city.bases[0], city.demo.log, { now: new Date() })).findings).toEqual([]);
    await Promise.all(city.nodes.map((node) => node.stop()));
    expect(await deadlocks()).toBe(0);
    expect(await avoidedDeadlocks()).toEqual([]);
  },
  stormMs + 120_000,
);

/** Look for a circle after 50 ms of waiting, not a second; and tell also of one that was undone by reordering the queue. */
async function watchLocks({ adminUrl }: FreshCity): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    const database = new URL(adminUrl).pathname.slice(1);
    await client.query(`ALTER DATABASE ${database} SET deadlock_timeout = '50ms'`);
    await client.query(`ALTER DATABASE ${database} SET log_lock_waits = on`);
  });
}

/** As PostgreSQL counts them; a backend tells its counts at the latest when it ends. */
async function deadlocks(): Promise<number> {
  return asAdmin(city.databases.adminUrl, async (client) => {
    const { rows } = await client.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]!.deadlocks);
  });
}

/**
 * Circles of waiting that PostgreSQL undid by itself, by letting somebody jump the queue (src/backend/storage/lmgr/README): no error, but a
 * sign that somebody takes locks in another order. Told only of databases like ours, where lock waits are logged.
 */
async function avoidedDeadlocks(): Promise<string[]> {
  const log = await readFile(join(requireTestCluster().directory, 'cluster', 'server.log'), 'utf8');
  return log.split('\n').filter((line) => line.includes('avoided deadlock'));
}
