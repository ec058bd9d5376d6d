/** A stream whose reader was slow looks at the consents of a page again, before it writes what it took out of the database a while ago. */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { GateService } from '../../src/provision/gate.service.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let given: { consentId: string; pairwiseId: string }[];
/** What both were granted has the numbers from here on. */
let from: number;

beforeAll(async () => {
  town = await Town.open();
});
beforeEach(async () => {
  program = await town.program();
  given = [await town.give(town.resident(0), program), await town.give(town.resident(1), program)];
  from = await town.logSize();
});
afterAll(() => closeSoundly(town));

/** The numbers of those of the two whose data may no longer be written. */
async function fallen({ recipient, id, purpose, categories }: AProgram, version = 1): Promise<number[]> {
  const asked = { recipientId: recipient, programId: id, purpose, categories, from: null, to: null };
  const granted = given.map(({ pairwiseId }, place) => ({
    ...{ index: from + place, item: { ...asked, pairwiseId: decodePairwiseId(pairwiseId)! }, program: { version } },
  }));
  const indexes = await town.city.service.app.get(GateService, { strict: false }).fallen(granted);
  return [...indexes].map((index) => index - from);
}

const first = () => town.resident(0);
const change = (set: string) =>
  town.admin.query(`UPDATE azukari.consent SET ${set} WHERE id = $1`, [given[0]!.consentId]);

test.each<[what: string, fallen: number[], change: () => Promise<unknown>]>([
  ['nothing has changed', [], () => Promise.resolve()],
  ['one has withdrawn', [0], async () => must(await town.withdraw(first(), given[0]!.consentId))],
  ['one has paused', [0], () => change("state = 'paused'")],
  ['the time of one is over', [0], () => change("given_at = given_at - interval '1 day', ends_at = clock_timestamp()")],
  [
    'one has consented anew, to the same: what was redeemed before is under the consent before',
    [0],
    () => town.give(first(), program),
  ],
  [
    'one has withdrawn and consented anew',
    [0],
    async () => {
      must(await town.withdraw(first(), given[0]!.consentId));
      await town.give(first(), program);
    },
  ],
  ['the consent of one is to something else', [0], () => change("items = '{care.prevention/health.vitals}'")],
  ['the program is suspended', [0, 1], async () => must(await town.board(`programs/${program.id}/suspension`))],
  [
    'the program has ended',
    [0, 1],
    () =>
      town.admin.query(
        `UPDATE azukari.program SET starts_at = starts_at - interval '1 year', ends_at = clock_timestamp() WHERE id = $1`,
        [program.id],
      ),
  ],
])('when %s', async (_what, expected, act) => {
  await act();
  expect(await fallen(program)).toEqual(expected);
});

test('nobody consents to another version, program or category, nor to another recipient', async () => {
  expect(await fallen(program, 2)).toEqual([0, 1]);
  expect(await fallen({ ...program, id: town.demoProgram('checkup-follow-up').id })).toEqual([0, 1]);
  expect(await fallen({ ...program, categories: ['health.vitals'] })).toEqual([0, 1]);
  expect(await fallen({ ...program, recipient: 'minatono-university' })).toEqual([0, 1]);
});

test('while the log is frozen, and while the recipient is suspended, nothing is written', async () => {
  await town.admin.query(`UPDATE azukari.signer_state SET frozen_at = clock_timestamp(), freeze_reason = 'for a test'`);
  expect(await fallen(program)).toEqual([0, 1]);
  await town.admin.query('UPDATE azukari.signer_state SET frozen_at = NULL, freeze_reason = NULL');
  expect(await fallen(program)).toEqual([]);
  must(await town.board(`recipients/${program.recipient}/suspension`));
  expect(await fallen(program)).toEqual([0, 1]);
  must(await town.board(`recipients/${program.recipient}/resumption`));
  expect(await fallen(program)).toEqual([]);
});
