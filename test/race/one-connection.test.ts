/**
 * Everybody at once through a single connection: what one request leaves on it does not answer the next one's, and none needs a second connection
 * while it holds the first.
 */
import { type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import type { Answer } from '../setup/http-client.js';
import { type Asked, asked, type Question, questionsOfReader, questionsOfResident, wordsOf } from './questions.js';

const requests = 1_000;
const inFlight = 50;

let town: Town;
let residents: DemoResident[];
let busy: DemoResident;
let doors: [Asked, Asked];
let questions: Question[];

beforeAll(async () => {
  town = await Town.open({ connections: { plain: 1, entities: 1 } });
  residents = [0, 1, 2].map((number) => town.resident(number));
  busy = town.resident(3);
  const programs = [await town.program(), await town.program('minatono-university')] as const;
  doors = [await asked(town, programs[0], residents), await asked(town, programs[1], residents)];
  const [one, other] = doors;
  questions = [
    ...questionsOfReader(town, one, other.people[0]!.pairwiseId),
    ...questionsOfReader(town, other, one.people[1]!.pairwiseId),
    // Last, so that they have been told of those reads.
    ...residents.flatMap((resident, n) => questionsOfResident(town, resident, one.people[(n + 1) % 3]!.consentId)),
  ];
}, 60_000);
afterAll(() => closeSoundly(town));

/** Consents, withdraws and is sent data, one after the other: what runs in transactions. */
async function live(turn: number): Promise<Answer[]> {
  const { id, items } = doors[0].program;
  const given = must(await town.answer(busy, { program: id, decision: 'give', items }), 201);
  const withdrawn = must(await town.withdraw(busy, given.json.id as string));
  const record = steps(busy, 10_000 + turn, `2026-01-${String((turn % 28) + 1).padStart(2, '0')}`);
  must(await town.deposit('minatono-steps', 'activity.steps', [record]), 200);
  return [given, withdrawn];
}

/** Of one resident, as their own list tells it. */
async function provisionsOf({ session }: DemoResident): Promise<number> {
  let count = 0;
  for (let next: number | null = Number.MAX_SAFE_INTEGER; next !== null;) {
    const path = `/v1/me/uses?limit=200&before=${next}`;
    const page = must(await town.http.ask(town.base, { path, headers: { cookie: session } })).json as unknown as Page;
    count += page.uses.filter(({ entry }) => entry.t === 'provision').length;
    next = page.next;
  }
  return count;
}

interface Page {
  uses: { entry: { t: string } }[];
  next: number | null;
}

async function connections(): Promise<Record<string, number>> {
  const { rows } = await town.admin.query<{ name: string; count: number }>(
    `SELECT application_name AS name, count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND usename = 'azukari_app' GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

test(`${requests} mixed requests through one connection, ${inFlight} at a time: each is answered as if it had come alone, with no word that only others were told`, async () => {
  const names = [...residents, busy].flatMap(({ name, login }) => [name, login]);
  const toldTo = new Map<string, Set<string>>();
  const hear = (who: string, answer: Answer) => {
    for (const word of wordsOf(answer, names)) toldTo.set(word, (toldTo.get(word) ?? new Set()).add(who));
  };
  const alone: unknown[] = [];
  for (const [number, { who, ask, lasting }] of questions.entries()) {
    const answer = await ask();
    hear(who, answer);
    alone[number] = lasting(answer);
  }
  for (const answer of await live(0)) hear(busy.login, answer);
  expect(toldTo.size).toBeGreaterThan(100);
  const before = await Promise.all(residents.map(provisionsOf));

  const answers: { number: number; answer: Answer }[] = [];
  const busyAnswers: Answer[] = [];
  let next = 0;
  const workers = Array.from({ length: inFlight }, async () => {
    for (let n = next++; n < requests; n = next++) {
      const number = (n * 7) % questions.length;
      answers.push({ number, answer: await questions[number]!.ask() });
    }
  });
  const living = (async () => {
    for (let turn = 1; next < requests; turn += 1) busyAnswers.push(...(await live(turn)));
  })();
  await Promise.all([...workers, living]);
  expect(await connections()).toEqual({ 'azukari app': 2, 'azukari entities': 1 });

  const wrong: string[] = [];
  const look = (who: string, answer: Answer) => {
    const foreign = wordsOf(answer, names).filter((word) => toldTo.get(word)?.has(who) === false);
    if (foreign.length > 0) wrong.push(`${who} was told ${foreign.length} words, ${foreign[0]} first`);
  };
  for (const { number, answer } of answers) {
    const { who, lasting } = questions[number]!;
    look(who, answer);
    if (JSON.stringify(lasting(answer)) !== JSON.stringify(alone[number]))
      wrong.push(`${who}: ${answer.text.slice(0, 200)}`);
  }
  for (const answer of busyAnswers) look(busy.login, answer);
  expect(wrong).toEqual([]);
  expect(answers).toHaveLength(requests);
  expect(busyAnswers.length).toBeGreaterThan(0);
  const readsOf = ({ login }: DemoResident) =>
    answers.filter(({ number }) => questions[number]!.who.endsWith(` of ${login}`)).length;
  expect(await Promise.all(residents.map(provisionsOf))).toEqual(residents.map((one, n) => before[n]! + readsOf(one)));
}, 120_000);
