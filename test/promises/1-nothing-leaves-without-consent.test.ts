/**
 * Promise 1: Nothing leaves without a consent in force for that recipient, that purpose and that category, or another legal basis that is
 * recorded, shown to the resident and counted in public.
 */
import { linesOf, recordsOf } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

const steps = { purpose: 'care.prevention', category: 'activity.steps' };
const vitals = { purpose: 'care.prevention', category: 'health.vitals' };
const treatment = { purpose: 'care.treatment', category: 'health.vitals' };

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

/** The clinic's: steps and vitals for prevention, vitals for treatment too. */
function threeItems(): Promise<AProgram> {
  return town.program('hamakaze-clinic', {
    items: [
      { ...steps, fields: ['steps', 'time'] },
      { ...vitals, fields: ['blood-pressure', 'time'] },
      { ...treatment, fields: ['blood-pressure', 'time'] },
    ],
  });
}

/** The resident's name for the clinic, known to it from another program. */
async function nameOf(resident: DemoResident): Promise<string> {
  return (await town.give(resident, await town.program())).pairwiseId;
}

async function inTheDatabase(consentId: string, change: string): Promise<void> {
  await town.admin.query(`UPDATE azukari.consent SET ${change} WHERE id = $1`, [consentId]);
}

interface Case {
  situation: string;
  given: (resident: DemoResident, program: AProgram) => Promise<unknown>;
  asked: Partial<AProgram>;
  answer: string;
}

const onlySteps = { categories: ['activity.steps'] };

test.each<Case>([
  { situation: 'who was never asked', given: () => Promise.resolve(), asked: onlySteps, answer: 'no-consent' },
  {
    situation: 'who consented to another program of the same recipient',
    given: async (resident) => town.give(resident, await town.program()),
    asked: onlySteps,
    answer: 'no-consent',
  },
  {
    situation: 'who consented to another recipient',
    given: (resident) => town.give(resident, town.demoProgram('walking-and-health')),
    asked: onlySteps,
    answer: 'no-consent',
  },
  {
    situation: 'who consented to another category',
    given: (resident, program) => town.give(resident, program, [vitals]),
    asked: onlySteps,
    answer: 'no-consent',
  },
  {
    situation: 'who consented to one of the two categories asked for',
    given: (resident, program) => town.give(resident, program, [steps]),
    asked: { categories: ['activity.steps', 'health.vitals'] },
    answer: 'no-consent',
  },
  {
    situation: 'who consented to the category, but for another purpose',
    given: (resident, program) => town.give(resident, program, [steps, vitals]),
    asked: { purpose: 'care.treatment', categories: ['health.vitals'] },
    answer: 'no-consent',
  },
  {
    situation: 'who refused',
    given: (resident, program) => town.refuse(resident, program),
    asked: onlySteps,
    answer: 'no-consent',
  },
  {
    situation: 'who withdrew',
    given: async (resident, program) => town.withdraw(resident, (await town.give(resident, program)).consentId),
    asked: onlySteps,
    answer: 'consent-withdrawn',
  },
  {
    situation: 'who pauses the consent',
    given: async (resident, program) => {
      await inTheDatabase((await town.give(resident, program)).consentId, `state = 'paused'`);
    },
    asked: onlySteps,
    answer: 'consent-paused',
  },
  {
    situation: 'whose consent ended a second ago by the clock of the database',
    given: async (resident, program) => {
      const past = `given_at = clock_timestamp() - interval '1 day', ends_at = clock_timestamp() - interval '1 second'`;
      await inTheDatabase((await town.give(resident, program)).consentId, past);
    },
    asked: onlySteps,
    answer: 'consent-expired',
  },
])('of a resident $situation nothing leaves', async ({ given, asked, answer }) => {
  const resident = town.resident();
  const [program, name] = [await threeItems(), await nameOf(resident)];
  await given(resident, program);
  const reader = await town.reader({ ...program, ...asked });

  const lines = await town.linesOf(async () => {
    const read = await reader.read(name);
    expect([read.status, read.code]).toEqual([403, answer]);
    expect(read.json).not.toHaveProperty('records');
  });

  expect(lines.map(({ t, reason }) => [t, reason])).toEqual([['refusal', answer]]);
  const streamed = linesOf(must(await reader.stream()));
  expect(streamed.flatMap(({ records }) => records ?? [])).toEqual([]);
});

test('with a consent in force exactly the items consented to leave', async () => {
  const resident = town.resident();
  const program = await threeItems();
  const { pairwiseId } = await town.give(resident, program, [steps, treatment]);

  const walked = await town.reader({ ...program, categories: ['activity.steps'] });
  const records = recordsOf(must(await walked.read(pairwiseId)));
  expect(records.length).toBeGreaterThan(0);
  expect(new Set(records.map(({ category }) => category))).toEqual(new Set(['activity.steps']));

  const measured = { ...program, categories: ['health.vitals'] };
  expect(await (await town.reader(measured)).outcome(pairwiseId)).toBe('no-consent');
  expect(await (await town.reader({ ...measured, purpose: 'care.treatment' })).outcome(pairwiseId)).toBe(200);
});

test('the name of one resident does not open the records of another', async () => {
  const program = await threeItems();
  const consenting = await town.give(town.resident(1), program);
  const other = await nameOf(town.resident(2));
  const reader = await town.reader(program);
  expect(await reader.outcome(consenting.pairwiseId)).toBe(200);
  expect(await reader.outcome(other)).toBe('no-consent');
});

test('a program that a law provides for opens nothing without consent: no other basis has a path of its own yet', async () => {
  const program = await town.program('minatono-welfare', {
    items: [{ purpose: 'welfare.outreach', category: 'profile.household', fields: ['size', 'living-alone'] }],
    legalBasis: 'law',
    publicInterest: { ja: '見守りは市の義務です。', en: 'Looking after people is a duty of the city.' },
  });
  const { pairwiseId } = await town.give(town.resident(3), town.demoProgram('living-alone-outreach'));
  const reader = await town.reader(program);
  expect(await reader.outcome(pairwiseId)).toBe('no-consent');
});
