/** Withdrawing single items: the rest goes on under a smaller consent, with nothing in between, and what was withdrawn stops at the next read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let resident: DemoResident;
let given: Awaited<ReturnType<Town['give']>>;
const steps = { purpose: 'care.prevention', category: 'activity.steps' };
const vitals = { purpose: 'care.prevention', category: 'health.vitals' };

beforeAll(async () => {
  town = await Town.open();
});
beforeEach(async () => {
  program = await town.program('hamakaze-clinic', {
    items: [
      { ...steps, fields: ['steps', 'time'] },
      { ...vitals, fields: ['blood-pressure', 'time'] },
    ],
  });
  resident = town.resident();
  given = await town.give(resident, program);
});
afterAll(() => closeSoundly(town));

async function consents() {
  const answer = must(await town.http.ask(town.base, { path: '/v1/consents', headers: { cookie: resident.session } }));
  const all = answer.json.consents as { id: string; program: string; state: string; items: object[]; endsAt: string }[];
  return all.filter((consent) => consent.program === program.id);
}

test('one step in the log and in the register: the old consent superseded, a smaller one in its place', async () => {
  const [before] = await consents();
  const lines = await town.linesOf(async () => {
    const answer = must(await town.withdrawItems(resident, given.consentId, [vitals])).json;
    expect(answer).toMatchObject({ state: 'active', supersedes: given.consentId, items: [steps] });
  });
  const tag = tagOf(decodePairwiseId(given.pairwiseId)!, lines[0]!.at as string);
  expect(lines.map(({ t, state, tag }) => ({ t, state, tag }))).toEqual([
    { t: 'consent', state: 'superseded', tag },
    { t: 'consent', state: 'active', tag },
  ]);
  expect(await consents()).toMatchObject([
    { state: 'active', items: [steps], supersedes: given.consentId, endsAt: before!.endsAt },
    { id: given.consentId, state: 'superseded', items: [steps, vitals] },
  ]);
});

test('the very next read of what was withdrawn is refused, and what is left can be read throughout', async () => {
  const [left, gone, both] = await Promise.all([
    town.reader({ ...program, categories: ['activity.steps'] }),
    town.reader({ ...program, categories: ['health.vitals'] }),
    town.reader(program),
  ]);
  expect(await gone.outcome(given.pairwiseId)).toBe(200);
  must(await town.withdrawItems(resident, given.consentId, [vitals]));
  expect(await gone.outcome(given.pairwiseId)).toBe('no-consent');
  expect(await both.outcome(given.pairwiseId)).toBe('no-consent');
  expect(await left.outcome(given.pairwiseId)).toBe(200);
});

test('the receipt of what is left names it alone, and the notice that was shown at the time', async () => {
  const { receipt } = must(await town.withdrawItems(resident, given.consentId, [vitals])).json as { receipt: string };
  const recordOf = (jws: string) =>
    decodeJwt<{ 'dpv:hasRecordOfActivity': { 'dpv:hasProcess': object[]; 'dpv:hasNotice': object } }>(jws)[
      'dpv:hasRecordOfActivity'
    ];
  expect(recordOf(receipt)['dpv:hasProcess']).toMatchObject([
    { 'dpv:hasPersonalData': { 'dct:identifier': 'activity.steps' } },
  ]);
  expect(recordOf(receipt)['dpv:hasNotice']).toEqual(recordOf(given.receipt)['dpv:hasNotice']);
});

test('twice is once, under the old id too; the journal has it before the answer', async () => {
  const first = must(await town.withdrawItems(resident, given.consentId, [vitals]));
  const lines = await town.linesOf(async () => {
    expect(must(await town.withdrawItems(resident, given.consentId, [vitals])).text).toBe(first.text);
  });
  expect(lines).toEqual([]);
  const journal = await readFile(join(town.city.directories.journalDirectory, 'withdrawals.ndjson'), 'utf8');
  expect(journal).toContain(`"consentId":"${given.consentId}","items":["care.prevention/health.vitals"]`);
});

test('withdrawing the last item is withdrawing the consent, whichever id it is asked under', async () => {
  must(await town.withdrawItems(resident, given.consentId, [vitals]));
  const lines = await town.linesOf(async () => {
    expect(must(await town.withdrawItems(resident, given.consentId, [steps])).json).toMatchObject({
      state: 'withdrawn',
    });
  });
  expect(lines.map(({ state }) => state)).toEqual(['withdrawn']);
  expect((await consents()).map(({ state }) => state)).toEqual(['withdrawn', 'superseded']);
});

test('of both items withdrawn at once, each alone, nothing is left', async () => {
  const answers = await Promise.all(
    [steps, vitals].map((item) => town.withdrawItems(resident, given.consentId, [item])),
  );
  for (const answer of answers) must(answer);
  expect((await consents()).map(({ state }) => state).toSorted()).toEqual(['superseded', 'withdrawn']);
});

test('it works while the program is suspended', async () => {
  must(await town.board(`programs/${program.id}/suspension`));
  must(await town.withdrawItems(resident, given.consentId, [vitals]));
  expect((await consents()).map(({ state }) => state)).toEqual(['active', 'superseded']);
});

test.each([
  ['no items', [], 'unacceptable-items'],
  ['an item of another program', [{ purpose: 'care.prevention', category: 'health.checkup' }], 'unacceptable-items'],
  ['an unknown category', [{ purpose: 'care.prevention', category: 'health.nothing' }], 'unknown-category'],
])('%s changes nothing', async (_what, items, code) => {
  const before = await town.stored();
  expect((await town.withdrawItems(resident, given.consentId, items)).code).toBe(code);
  expect(await town.stored()).toEqual(before);
});

test('another resident’s consent is not there, and of an ended one nothing can be withdrawn', async () => {
  expect((await town.withdrawItems(town.resident(1), given.consentId, [vitals])).code).toBe('not-found');
  must(await town.board(`programs/${program.id}/retirement`));
  expect((await town.withdrawItems(resident, given.consentId, [vitals])).code).toBe('conflict');
});
