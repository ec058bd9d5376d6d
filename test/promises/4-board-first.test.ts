/** Promise 4: No resident can be asked before the board has approved the program, within the approved terms. */
import { type AProgram, because, must, Town } from '../setup/a-town.js';
import { tourApplication } from '../../src/demo/tour-application.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

/** Everything by which a resident could be asked or an answer be taken, and what came of it: a code, or the status. */
async function asking(program: AProgram): Promise<Record<string, string | number>> {
  const resident = town.resident();
  const headers = { cookie: resident.session };
  const outcome = async (answer: Promise<{ status: number; code?: string | undefined }>) => {
    const { status, code } = await answer;
    return code ?? status;
  };
  return {
    notice: await outcome(town.http.ask(town.base, { path: `/v1/consents/notices/${program.id}`, headers })),
    give: await outcome(town.answer(resident, { program: program.id, decision: 'give', items: program.items })),
    refuse: await outcome(town.answer(resident, { program: program.id, decision: 'refuse' })),
  };
}

const decided = (decision: string) => async () => {
  const program = await town.application('hamakaze-clinic');
  must(await town.board(`programs/${program.id}/decision`, { decision }));
  return program;
};

async function draft(): Promise<AProgram> {
  const client = town.recipient('hamakaze-clinic');
  const token = await client.token(town.base, 'application');
  const { json } = must(await client.ask(town.base, token, 'POST', '/v1/programs', tourApplication()), 201);
  const items = [{ purpose: 'care.prevention', category: 'activity.steps' }];
  return {
    id: json.id as string,
    recipient: client.id,
    purpose: 'care.prevention',
    categories: ['activity.steps'],
    items,
  };
}

/** No API sets these yet, or not for a test to wait for. */
const forced = (change: string) => async () => {
  const program = await town.program();
  await town.admin.query(`UPDATE azukari.program SET ${change} WHERE id = $1`, [program.id]);
  return program;
};

async function followed(program: AProgram, step: string): Promise<AProgram> {
  must(await town.board(`programs/${program.id}/${step}`));
  return program;
}

const nobody = { notice: 'not-approved', give: 'not-approved', refuse: 'not-approved' };

test.each<[status: string, make: () => Promise<AProgram>, outcomes: Record<string, string | number>]>([
  ['a draft', draft, nobody],
  ['submitted', forced(`status = 'submitted'`), nobody],
  ['in review', () => town.application('hamakaze-clinic'), nobody],
  ['returned', decided('return'), nobody],
  ['refused', decided('refuse'), nobody],
  ['being reexamined', forced(`status = 'reexamined'`), nobody],
  ['approved but not yet active', forced(`status = 'approved'`), nobody],
  ['active', () => town.program(), { notice: 200, give: 201, refuse: 'conflict' }],
  ['suspended', async () => followed(await town.program(), 'suspension'), nobody],
  [
    'resumed',
    async () => followed(await followed(await town.program(), 'suspension'), 'resumption'),
    { notice: 200, give: 201, refuse: 'conflict' },
  ],
  ['retired', forced(`status = 'retired'`), nobody],
  [
    'past its end',
    forced(`starts_at = starts_at - interval '1 year', ends_at = clock_timestamp() - interval '1 second'`),
    nobody,
  ],
])('about a program that is %s residents are asked accordingly', async (_status, make, outcomes) => {
  const program = await make();
  const lines = await town.linesOf(async () => expect(await asking(program)).toEqual(outcomes));
  expect(lines.map(({ t }) => t)).toEqual(outcomes === nobody ? [] : ['consent']);
});

test('nobody is asked for a recipient that is suspended, though the program was approved', async () => {
  const program = await town.program('minatono-bus', {
    items: [{ purpose: 'transport.planning', category: 'mobility.trip', fields: ['stops', 'times'] }],
  });
  must(await town.board('recipients/minatono-bus/suspension'));
  expect(await asking(program)).toEqual(nobody);
  must(await town.board('recipients/minatono-bus/resumption'));
  expect((await asking(program)).give).toBe(201);
});

test.each([
  ['another category', [{ purpose: 'care.prevention', category: 'health.checkup' }]],
  ['another purpose', [{ purpose: 'research.public-health', category: 'activity.steps' }]],
  [
    'an approved item and one that is not',
    [
      { purpose: 'care.prevention', category: 'activity.steps' },
      { purpose: 'care.prevention', category: 'health.vitals' },
    ],
  ],
])('within a program nobody can consent to %s than the board approved', async (_what, items) => {
  const program = await town.program();
  const lines = await town.linesOf(async () => {
    const answer = await town.answer(town.resident(1), { program: program.id, decision: 'give', items });
    expect([answer.status, answer.code]).toEqual([422, 'unacceptable-items']);
  });
  expect(lines).toEqual([]);
});

test('a consent never outlasts the approved end of its program', async () => {
  const program = await town.program();
  await town.admin.query(`UPDATE azukari.program SET ends_at = clock_timestamp() + interval '3 days' WHERE id = $1`, [
    program.id,
  ]);
  const { consentId } = await town.give(town.resident(1), program);
  const { rows } = await town.admin.query<{ fits: boolean }>(
    `SELECT c.ends_at <= p.ends_at AS fits FROM azukari.consent c JOIN azukari.program p ON p.id = c.program_id WHERE c.id = $1`,
    [consentId],
  );
  expect(rows).toEqual([{ fits: true }]);
});

test('a recipient gets no access token for a program the board has not approved', async () => {
  const program = await town.application('hamakaze-clinic');
  await expect(town.reader(program)).rejects.toThrow(/invalid_authorization_details|not active/);
});

test('an approval is a board member’s alone: neither the recipient nor a resident can give it', async () => {
  const program = await town.application('hamakaze-clinic');
  const path = `/v1/programs/${program.id}/decision`;
  const body = { decision: 'approve', ...because };
  const client = town.recipient('hamakaze-clinic');
  const token = await client.token(town.base, 'application');
  const byRecipient = await client.ask(town.base, token, 'POST', path, body);
  const byResident = await town.http.ask(town.base, {
    method: 'POST',
    path,
    headers: { cookie: town.resident().session },
    body,
  });
  const byNobody = await town.http.ask(town.base, { method: 'POST', path, body });
  expect([byRecipient.code, byResident.code, byNobody.code]).toEqual([
    'sign-in-required',
    'forbidden',
    'sign-in-required',
  ]);
  expect((await asking(program)).give).toBe('not-approved');
});

test('the database itself refuses an active program without a decision', async () => {
  const program = await town.application('hamakaze-clinic');
  await expect(
    town.admin.query(`UPDATE azukari.program SET status = 'active' WHERE id = $1`, [program.id]),
  ).rejects.toThrow('active_program_has_a_decision');
});
