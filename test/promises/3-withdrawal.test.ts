/** Promise 3: A withdrawal stops the very next read, on every node. */
import { setTimeout as pause } from 'node:timers/promises';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { linesOf, type Reader } from '../setup/a-reader.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let reader: Reader;
/** Two nodes on one database, which know nothing of one another. */
let nodeA: string;
let nodeB: string;

beforeAll(async () => {
  town = await Town.open();
  nodeA = town.base;
  nodeB = (await town.anotherNode()).base;
  program = await town.program();
  reader = await town.reader(program);
});
afterAll(() => closeSoundly(town));

test('withdrawn on one node, the very next read on the other is refused, and so is every later one', async () => {
  const resident = town.resident(0);
  const { consentId, pairwiseId } = await town.give(resident, program);
  // Both nodes have answered before, so whatever they remember they remember as allowed.
  for (const node of [nodeA, nodeB, nodeA, nodeB]) expect(await reader.outcome(pairwiseId, {}, node)).toBe(200);

  expect(must(await town.withdraw(resident, consentId, nodeA)).json).toMatchObject({ state: 'withdrawn' });

  for (const node of [nodeB, nodeA, nodeB]) {
    expect(await reader.outcome(pairwiseId, {}, node)).toBe('consent-withdrawn');
  }
});

test('a withdrawn resident is on no list and in no stream of any node', async () => {
  const resident = town.resident(1);
  const { consentId, pairwiseId } = await town.give(resident, program);
  const listed = async (node: string) => must(await reader.list({}, node)).json.residents as string[];
  const streamed = async (node: string) => linesOf(must(await reader.stream({}, node))).map((line) => line.pairwiseId);
  expect(await listed(nodeB)).toContain(pairwiseId);
  expect(await streamed(nodeB)).toContain(pairwiseId);

  must(await town.withdraw(resident, consentId, nodeA));

  for (const node of [nodeB, nodeA]) {
    expect(await listed(node)).not.toContain(pairwiseId);
    expect(await streamed(node)).not.toContain(pairwiseId);
  }
});

test('many residents withdraw while both nodes are read: no read that began after the answer gets data', async () => {
  const consents = await Promise.all(
    [2, 3, 4, 5].map(async (number) => {
      const resident = town.resident(number);
      return { resident, ...(await town.give(resident, program)) };
    }),
  );
  const late: (number | string)[] = [];
  await Promise.all(
    consents.map(async ({ resident, consentId, pairwiseId }, position) => {
      const noise = Array.from({ length: 20 }, (_, count) => reader.outcome(pairwiseId, {}, count % 2 ? nodeA : nodeB));
      must(await town.withdraw(resident, consentId, position % 2 ? nodeB : nodeA));
      late.push(await reader.outcome(pairwiseId, {}, position % 2 ? nodeA : nodeB));
      await Promise.all(noise);
    }),
  );
  expect(late).toEqual(late.map(() => 'consent-withdrawn'));
});

test('a read already under way is stopped too: what waits for its checkpoint is not handed over, and is taken back in the log', async () => {
  const resident = town.resident(2);
  const { consentId, pairwiseId } = await town.give(resident, program);
  const size = await town.logSize();
  const waiting = await town.whileNobodyPublishes(async () => {
    const answers = [reader.read(pairwiseId, {}, nodeB), reader.read(pairwiseId, {}, nodeA)];
    for (let attempt = 0; (await town.logSize()) < size + 2 && attempt < 100; attempt++) await pause(20);
    must(await town.withdraw(resident, consentId, nodeA));
    return answers;
  });
  for (const answer of await Promise.all(waiting))
    expect([answer.status, answer.code]).toEqual([403, 'consent-withdrawn']);
  const lines = await town.log(size);
  expect(lines.map(({ t, state, reason }) => state ?? reason ?? t)).toEqual([
    ...['provision', 'provision', 'withdrawn', 'consent-withdrawn', 'consent-withdrawn'],
  ]);
  expect(lines.slice(3).map(({ of }) => of)).toEqual(expect.arrayContaining([size, size + 1]));
});

test('a new consent makes the same access token useful again, on both nodes', async () => {
  const resident = town.resident(6);
  const first = await town.give(resident, program);
  must(await town.withdraw(resident, first.consentId, nodeB));
  expect(await reader.outcome(first.pairwiseId, {}, nodeA)).toBe('consent-withdrawn');

  const second = await town.give(resident, program, program.items, nodeB);

  expect(second.pairwiseId).toBe(first.pairwiseId);
  expect(second.consentId).not.toBe(first.consentId);
  for (const node of [nodeA, nodeB]) expect(await reader.outcome(second.pairwiseId, {}, node)).toBe(200);
  // What was ended stays ended.
  expect((await town.withdraw(resident, first.consentId)).json).toMatchObject({ state: 'withdrawn' });
  expect(await reader.outcome(second.pairwiseId, {}, nodeA)).toBe(200);
});

test.each([
  ['program', () => `programs/${program.id}`, 'program-not-active'],
  ['recipient', () => `recipients/${program.recipient}`, 'recipient-not-active'],
] as const)(
  'suspending the %s on one node stops the very next read on the other, and resuming lets it go on',
  async (_, path, code) => {
    const { pairwiseId } = await town.give(town.resident(7), program);
    expect(await reader.outcome(pairwiseId, {}, nodeB)).toBe(200);

    must(await town.board(`${path()}/suspension`, {}, nodeA));

    expect(await reader.outcome(pairwiseId, {}, nodeB)).toBe(code);
    expect((await reader.list({}, nodeB)).code).toBe(code);
    expect((await reader.stream({}, nodeB)).code).toBe(code);

    must(await town.board(`${path()}/resumption`, {}, nodeB));
    expect(await reader.outcome(pairwiseId, {}, nodeA)).toBe(200);
  },
);

test('a withdrawal works while program and recipient are suspended and nobody can sign', async () => {
  const resident = town.resident(0);
  const { consentId, pairwiseId } = await town.give(resident, program);
  must(await town.board(`programs/${program.id}/suspension`));
  must(await town.board(`recipients/${program.recipient}/suspension`));
  must(await town.withdraw(resident, consentId, nodeB));
  must(await town.board(`recipients/${program.recipient}/resumption`));
  must(await town.board(`programs/${program.id}/resumption`));
  expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
});
