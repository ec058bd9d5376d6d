/** One resident's records through the door: the consented fields of the asked categories and days, with a receipt that says exactly that. */
import { receiptOf, recordsOf, verified } from '../setup/a-reader.js';
import { must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

const prevention = { purpose: 'care.prevention' };

test('each category comes with the fields that the board approved and the resident read, and no others', async () => {
  const program = await town.program('hamakaze-clinic', {
    items: [
      { ...prevention, category: 'activity.steps', fields: ['steps'] },
      { ...prevention, category: 'health.vitals', fields: ['blood-pressure'] },
    ],
  });
  const { pairwiseId } = await town.give(town.resident(), program);
  const records = recordsOf(must(await (await town.reader(program)).read(pairwiseId)));
  const walked = records.filter(({ category }) => category === 'activity.steps');
  expect(walked.length).toBeGreaterThan(0);
  for (const { data } of walked) {
    // The header is form: what is in it of time, device or user is not a consented field.
    expect(JSON.stringify(data)).not.toMatch(/creation_date_time|acquisition|user_id|time_interval/);
    expect(Object.keys(data.body as object)).toEqual(['step_count']);
  }
  const measured = records.filter(({ category }) => category === 'health.vitals');
  expect(measured.length).toBeGreaterThan(0);
  for (const { data } of measured) expect(JSON.stringify(data)).not.toMatch(/bodyWeight|measuredAt|place/);
});

test('days are half-open, and a window is part of what is committed to', async () => {
  const program = await town.program();
  const resident = town.resident();
  must(
    await town.deposit(
      'minatono-steps',
      'activity.steps',
      ['2025-03-01', '2025-03-02', '2025-03-03'].map((date, day) => steps(resident, 100 + day, date)),
    ),
  );
  const { pairwiseId } = await town.give(resident, program);
  const reader = await town.reader(program);
  const datesOf = async (query: Record<string, string>) => {
    const answer = must(await reader.read(pairwiseId, query));
    const { detail } = verified(receiptOf(answer), town.demo, { pairwiseId, program: program.id });
    expect(detail.window).toEqual({ from: query.from ?? null, to: query.to ?? null });
    return recordsOf(answer).map(({ date }) => date);
  };
  expect(await datesOf({ from: '2025-03-01', to: '2025-03-03' })).toEqual(['2025-03-01', '2025-03-02']);
  expect(await datesOf({ from: '2025-03-02', to: '2025-03-03' })).toEqual(['2025-03-02']);
  expect(await datesOf({ to: '2025-03-02' })).toEqual(['2025-03-01']);
  expect(await datesOf({ from: '2020-01-01', to: '2020-01-02' })).toEqual([]);
});

test('a receipt says who asked whom for what, when, and in which version; the entry says none of it about the resident', async () => {
  const program = await town.program();
  const resident = town.resident(1);
  const { pairwiseId } = await town.give(resident, program);
  const [line] = await town.linesOf(async () => {
    const receipt = receiptOf(
      must(await (await town.reader(program)).read(pairwiseId, { category: 'activity.steps' })),
    );
    const { detail, entry } = verified(receipt, town.demo, { pairwiseId, program: program.id });
    expect(detail).toMatchObject({
      pairwiseId,
      items: [{ purpose: 'care.prevention', category: 'activity.steps', fields: ['steps', 'time'] }],
      versions: { 'activity.steps': expect.any(Number) as number },
    });
    expect(Math.abs(Date.parse(detail.at as string) - Date.now())).toBeLessThan(10_000);
    expect(entry).toMatchObject({
      recipient: program.recipient,
      program: program.id,
      version: 1,
      purpose: 'care.prevention',
      categories: ['activity.steps'],
    });
  });
  expect(line!.text).not.toContain(pairwiseId);
  // The resident holds the same evidence.
  const own = await town.http.ask(town.base, {
    path: `/v1/me/uses/${line!.index}/receipt`,
    headers: { cookie: resident.session },
  });
  verified(must(own).json as never, town.demo, { pairwiseId, program: program.id });
  const others = await town.http.ask(town.base, {
    path: `/v1/me/uses/${line!.index}/receipt`,
    headers: { cookie: town.resident(2).session },
  });
  expect(others.code).toBe('not-found');
});

test('a receipt that was altered in any part no longer verifies', async () => {
  const program = await town.program();
  const { pairwiseId } = await town.give(town.resident(2), program);
  const receipt = receiptOf(must(await (await town.reader(program)).read(pairwiseId)));
  verified(receipt, town.demo);
  const other = receiptOf(must(await (await town.reader(program)).read(pairwiseId)));
  const altered = [
    { ...receipt, entry: receipt.entry.replace('"version":1', '"version":2') },
    { ...receipt, detail: receipt.detail.replace('"steps"', '"time"') },
    { ...receipt, nonce: other.nonce },
    { ...receipt, proof: other.proof },
    { ...receipt, entry: other.entry },
  ];
  for (const forged of altered) expect(() => verified(forged, town.demo)).toThrow('does not verify');
});

test('a correction by the source takes the place of what it corrects; ids stay the recipient’s own', async () => {
  const program = await town.program();
  const resident = town.resident(3);
  const day = { from: '2025-04-01', to: '2025-04-02' };
  const deposit = async (count: number) =>
    must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, count, '2025-04-01', 'one day')]));
  await deposit(500);
  const { pairwiseId } = await town.give(resident, program);
  const reader = await town.reader(program);
  const countsOf = async () =>
    recordsOf(must(await reader.read(pairwiseId, day))).map(
      ({ data }) => (data.body as { step_count: { value: number } }).step_count.value,
    );
  expect(await countsOf()).toEqual([500]);
  await deposit(600);
  expect(await countsOf()).toEqual([600]);
});

test('a node that decides by a policy that is no longer the city’s decides nothing, and says that it is the node', async () => {
  const program = await town.program();
  const { pairwiseId } = await town.give(town.resident(5), program);
  const reader = await town.reader(program);
  const { policy } = town.city.service.city;
  const adopt = (digest: string) => town.admin.query('UPDATE azukari.city SET policy = $1', [digest]);
  await adopt('0'.repeat(64));
  const lines = await town.linesOf(async () => {
    for (const answer of [await reader.read(pairwiseId), await reader.list()]) {
      expect([answer.status, answer.code]).toEqual([503, 'unavailable']);
    }
  });
  await adopt(policy);
  expect(lines).toEqual([]);
  expect(await reader.outcome(pairwiseId)).toBe(200);
});

test('every read is one entry, whether it finds anything or not', async () => {
  const program = await town.program();
  const { pairwiseId } = await town.give(town.resident(4), program);
  const reader = await town.reader(program);
  const lines = await town.linesOf(async () => {
    const queries: Record<string, string>[] = [{}, {}, { from: '1999-01-01', to: '1999-01-02' }];
    for (const query of queries) must(await reader.read(pairwiseId, query));
  });
  expect(lines.map(({ t }) => t)).toEqual(['provision', 'provision', 'provision']);
  expect(new Set(lines.map(({ commitment }) => commitment)).size).toBe(3);
});
