/**
 * Every statement of the hot path that touches what residents own names one resident (design section 11), but for those that are listed with their
 * reason. The service answers over HTTP, and PostgreSQL tells the plan of every statement it ran for that, within functions too.
 */
import { readFile } from 'node:fs/promises';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { GateService } from '../../src/provision/gate.service.js';
import { StaffSweeper } from '../../src/staff/staff-sweeper.service.js';
import { distributed } from './citus-layout.js';
import { explain, type PlanNode, type Statement } from './explained-city.js';
import { type Reach, reachOf, touchesOf } from './one-resident.js';
import { besideTheHotPath, onTheHotPath, type WiderStatement } from './wider-statements.js';
import { Staff } from '../setup/a-staff.js';
import { type AProgram, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { recordsOf, type Reader } from '../setup/a-reader.js';

let town: Town;
let hot: Statement[];
let beside: Statement[];

beforeAll(async () => {
  town = await Town.open();
  const told = await explain(town);
  const since = () => told.splice(0);
  const limited = { frequency: { count: 5, per: 'day' as const } };
  const program = await town.program('hamakaze-clinic', limited);
  const source = town.demo.sources.find(({ categories }) => categories.includes('activity.steps'))!.id;
  const records = [0, 1].map((number) => steps(town.resident(number), 4000 + number, '2026-01-02'));
  must(await town.deposit(source, 'activity.steps', records));
  beside = since();
  await readAndAnswer(program);
  hot = since();
  await lookAsStaff();
  beside.push(...since());
});

afterAll(() => closeSoundly(town));

/** Do their consents still stand? So it is asked for a stream whose reader was slow. */
async function lookAgain({ recipient, id, purpose, categories }: AProgram, names: readonly string[]): Promise<void> {
  const size = await town.logSize();
  const granted = names.map((name, place) => {
    const asked = { recipientId: recipient, programId: id, purpose, categories, from: null, to: null };
    return { index: size + place, item: { ...asked, pairwiseId: decodePairwiseId(name)! }, program: { version: 1 } };
  });
  expect(await town.city.service.app.get(GateService, { strict: false }).fallen(granted)).toEqual(new Set());
}

/** Two residents consent, are read of one by one, together and in a stream, look at their page and at their own data, and withdraw: one of them during a read. */
async function readAndAnswer(program: AProgram): Promise<void> {
  const [one, other] = [town.resident(0), town.resident(1)];
  const given = [await town.give(one, program), await town.give(other, program)] as const;
  const reader = await town.reader(program);
  const nobody = Buffer.alloc(32, 7).toString('base64url');
  const asked = [given[0].pairwiseId, given[1].pairwiseId, nobody];
  const [first, second, third] = await Promise.all(asked.map((pairwiseId) => reader.read(pairwiseId)));
  expect([recordsOf(must(first!)).length > 0, recordsOf(must(second!)).length > 0, third!.code]).toEqual([
    ...[true, true, 'no-consent'],
  ]);
  must(await reader.stream());
  await lookAgain(
    program,
    given.map(({ pairwiseId }) => pairwiseId),
  );
  for (const page of ['/', '/my/uses', '/my/consents']) {
    must(await town.http.ask(town.base, { path: page, headers: { cookie: one.session } }));
  }
  for (const [act, body] of [['access', { category: 'activity.steps' }] as const, ['export', {}] as const]) {
    const headers = { cookie: one.session };
    must(await town.http.ask(town.base, { method: 'POST', path: `/v1/me/${act}`, headers, body }));
  }
  await withdrawDuringRead(reader, given[0].pairwiseId, () => town.withdraw(one, given[0].consentId));
  expect(await reader.outcome(given[0].pairwiseId)).toBe('consent-withdrawn');
  must(await town.withdraw(other, given[1].consentId));
}

/** One is approved, looked at and listed; another is refused. */
async function lookAsStaff(): Promise<void> {
  const staff = new Staff(town);
  must(await staff.look(0, await staff.approved(town.resident(0))));
  must(await staff.decide(1, await staff.ask(0, town.resident(1)), 'refuse'));
  expect(await staff.list()).toHaveLength(2);
  expect((await staff.look(2, (await staff.list())[0]!.id)).code).toBe('forbidden');
  await town.city.service.app.get(StaffSweeper, { strict: false }).sweep();
}

/** The grant is there, the withdrawal comes, and only then may the grant be redeemed: it becomes void. */
async function withdrawDuringRead(reader: Reader, pairwiseId: string, withdraw: () => Promise<unknown>): Promise<void> {
  const size = await town.logSize();
  const reading: Promise<number | string>[] = [];
  await town.whileNobodyPublishes(async () => {
    reading.push(reader.outcome(pairwiseId));
    for (let attempt = 0; attempt < 400 && (await town.logSize()) === size; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await withdraw();
  });
  expect(await Promise.all(reading)).toEqual(['consent-withdrawn']);
  expect((await town.log(size)).map(({ t }) => t)).toContain('void');
}

interface Wider {
  readonly name: string;
  readonly reach: Reach;
  readonly isLocking: boolean;
}

/** Those that are about more than one resident, each once; an unknown one by its text. */
function widerOf(statements: readonly Statement[], known: readonly WiderStatement[]): Wider[] {
  const found = new Map<string, Wider>();
  for (const statement of statements) {
    const reach = reachOf(statement);
    if (reach === null || reach === 'one resident') continue;
    const name = known.find(({ pattern }) => pattern.test(statement.text))?.name ?? statement.text;
    const isLocking = touchesOf(statement).some((touch) => touch.isLocking && touch.reach === 'many residents');
    found.set(name, { name, reach, isLocking });
  }
  return [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

function expected(known: readonly WiderStatement[]): Wider[] {
  return known
    .map(({ name, reach, isLocking = false }) => ({ name, reach, isLocking }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

test('a read, a stream, an answer, a withdrawal and a resident’s pages name one resident in each statement, but for those listed', () => {
  expect(widerOf(hot, onTheHotPath)).toEqual(expected(onTheHotPath));
});

test('so it is also for deliveries, for a program that begins and for what staff do, but for those listed', () => {
  expect(widerOf(beside, besideTheHotPath)).toEqual(expected(besideTheHotPath));
});

test('what the gate counts, hands over and ends is among the statements that name one resident', () => {
  const narrow = hot.filter((statement) => reachOf(statement) === 'one resident').map(({ text }) => text);
  for (const pattern of [
    /JOIN vault_record r ON r\.resident_id = g\.resident_id/,
    /^INSERT INTO provision_count AS used /,
    /^UPDATE consent SET state = 'withdrawn'/,
    /^SELECT d\.idx, e\.entry, d\.sealed FROM azukari\.entry_detail d/,
  ]) {
    expect(narrow).toContainEqual(expect.stringMatching(pattern));
  }
});

test('every table that is distributed by resident was touched', () => {
  const touched = [...hot, ...beside].flatMap(touchesOf).map(({ table }) => table);
  expect([...new Set(touched)].toSorted()).toEqual(Object.keys(distributed).toSorted());
});

test.each<[string, string, Reach | null]>([
  ['a list of residents', 'SELECT FROM azukari.consent WHERE resident_id = ANY ($1::uuid[])', 'many residents'],
  [
    'residents of other rows',
    'SELECT FROM unnest($1::uuid[]) AS r JOIN azukari.consent c ON c.resident_id = r',
    'many residents',
  ],
  ['everybody', "SELECT FROM azukari.consent WHERE cardinality($1::uuid[]) > 0 AND state = 'active'", 'many residents'],
  ['anybody but one', 'SELECT FROM azukari.vault_version WHERE resident_id <> $2', 'many residents'],
  ['one resident', 'SELECT FROM azukari.vault_record WHERE resident_id = $2', 'one resident'],
  ['nothing that residents own', 'SELECT FROM azukari.recipient WHERE cardinality($1::uuid[]) > 0', null],
])('a statement about %s is seen as that', async (_what, text, reach) => {
  const client = await town.admin.connect();
  try {
    await client.query(
      'SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off',
    );
    await client.query(`PREPARE asked (uuid[], uuid) AS ${text}`);
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE asked ('{}', NULL)`,
    );
    expect(reachOf({ text, plan: rows[0]!['QUERY PLAN'][0]!.Plan })).toBe(reach);
  } finally {
    client.release(true);
  }
});

test('docs/growth.md lists them all', async () => {
  const text = await readFile(new URL('../../../docs/growth.md', import.meta.url), 'utf8');
  const missing = [...onTheHotPath, ...besideTheHotPath].filter(({ name }) => !text.includes(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
