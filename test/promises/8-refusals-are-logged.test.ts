/** Promise 8: A refused attempt leaves an entry too. */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import type { Reader } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, type Line, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

interface Situation {
  program: AProgram;
  reader: Reader;
  resident: DemoResident;
  consentId: string;
  pairwiseId: string;
}

async function aReadThatWorks(terms = {}): Promise<Situation> {
  const program = await town.program('hamakaze-clinic', terms);
  const resident = town.resident();
  const { consentId, pairwiseId } = await town.give(resident, program);
  return { program, reader: await town.reader(program), resident, consentId, pairwiseId };
}

const sql = (statement: string, parameter: (situation: Situation) => unknown) => (situation: Situation) =>
  town.admin.query(statement, [parameter(situation)]);
const suspended =
  (kind: 'programs' | 'recipients') =>
  async ({ program }: Situation) =>
    must(await town.board(`${kind}/${kind === 'programs' ? program.id : program.recipient}/suspension`));

const kinds: [reason: string, status: number, change: (situation: Situation) => Promise<unknown>][] = [
  ['consent-withdrawn', 403, ({ resident, consentId }) => town.withdraw(resident, consentId)],
  [
    'consent-paused',
    403,
    sql(`UPDATE azukari.consent SET state = 'paused' WHERE id = $1`, ({ consentId }) => consentId),
  ],
  [
    'consent-expired',
    403,
    sql(
      `UPDATE azukari.consent SET given_at = given_at - interval '1 day', ends_at = clock_timestamp() - interval '1 ms' WHERE id = $1`,
      ({ consentId }) => consentId,
    ),
  ],
  [
    'no-consent',
    403,
    sql(
      `UPDATE azukari.consent SET items = '{care.prevention/health.vitals}' WHERE id = $1`,
      ({ consentId }) => consentId,
    ),
  ],
  ['program-not-active', 403, suspended('programs')],
  ['recipient-not-active', 403, suspended('recipients')],
  [
    'outside-terms',
    403,
    // A token from before the terms were narrower.
    sql(
      `UPDATE azukari.access_token SET categories = '{health.checkup}' WHERE program_id = $1`,
      ({ program }) => program.id,
    ),
  ],
  [
    'policy-forbids',
    403,
    sql(`UPDATE azukari.resident SET age_band = 'young' WHERE id = $1`, ({ resident }) => resident.id),
  ],
  ['frequency-exceeded', 429, ({ reader, pairwiseId }) => reader.read(pairwiseId)],
];

test.each(kinds)(
  'refused for %s, an attempt leaves exactly one entry with that reason under the resident’s tag',
  async (reason, status, change) => {
    const situation = await aReadThatWorks({ frequency: { count: 1, per: 'day' } });
    const { program, reader, pairwiseId, resident } = situation;
    await change(situation);

    const lines = await town.linesOf(async () => {
      const answer = await reader.read(pairwiseId);
      expect([answer.status, answer.code]).toEqual([status, reason]);
    });

    expect(lines).toEqual([
      expect.objectContaining({
        t: 'refusal',
        reason,
        recipient: program.recipient,
        program: program.id,
        version: 1,
        purpose: program.purpose,
      }),
    ]);
    expect(lines[0]!.tag).toBe(tagOf(decodePairwiseId(pairwiseId)!, lines[0]!.at as string));
    // The resident sees the attempt, and why it failed.
    const own = must(
      await town.http.ask(town.base, { path: '/v1/me/uses?limit=1', headers: { cookie: resident.session } }),
    );
    expect(own.json.uses).toMatchObject([
      { index: lines[0]!.index, entry: { t: 'refusal', reason }, detail: { pairwiseId } },
    ]);

    await undo();
  },
);

/** Back to where every recipient and resident stands as before. */
async function undo(): Promise<void> {
  await town.board('recipients/hamakaze-clinic/resumption');
  await town.admin.query(`UPDATE azukari.resident SET age_band = 'adult' WHERE id = $1`, [town.resident().id]);
}

test('an attempt on somebody who does not exist leaves one entry too, under no tag', async () => {
  const { reader } = await aReadThatWorks();
  const lines = await town.linesOf(async () => {
    expect(await reader.outcome(Buffer.alloc(32, 5).toString('base64url'))).toBe('no-consent');
  });
  expect(lines).toEqual([expect.objectContaining({ t: 'refusal', reason: 'no-consent' })]);
  expect(lines[0]).not.toHaveProperty('tag');
});

const asked = (lines: Line[]) => lines.map(({ t, reason, tag }) => [t, reason, tag]);

test.each([
  ['program-not-active', suspended('programs')],
  ['recipient-not-active', suspended('recipients')],
] as const)('a list and a stream refused for %s leave one untagged entry each', async (reason, change) => {
  const situation = await aReadThatWorks();
  await change(situation);
  const { reader } = situation;
  for (const attempt of [() => reader.list(), () => reader.stream()]) {
    const lines = await town.linesOf(async () => expect((await attempt()).code).toBe(reason));
    expect(asked(lines)).toEqual([['refusal', reason, undefined]]);
  }
  await undo();
});

test('in a stream each refused resident has an entry, and a line that says why', async () => {
  const situation = await aReadThatWorks({ frequency: { count: 1, per: 'day' } });
  const other = await town.give(town.resident(1), situation.program);
  expect(await situation.reader.outcome(situation.pairwiseId)).toBe(200);
  const lines = await town.linesOf(async () => {
    const { text } = must(await situation.reader.stream());
    expect(text).toContain(`{"pairwiseId":"${situation.pairwiseId}","refused":"frequency-exceeded"}\n`);
    expect(text).toContain(`"pairwiseId":"${other.pairwiseId}","records":[`);
  });
  expect(lines.map(({ t, reason }) => reason ?? t).sort()).toEqual(['frequency-exceeded', 'provision']);
});

test('who cannot be authenticated is written to the security log, and not into the tree', async () => {
  const { reader, pairwiseId } = await aReadThatWorks();
  const before = town.written.length;
  const lines = await town.linesOf(async () => {
    const path = reader.pathOf(pairwiseId);
    const answer = await town.http.ask(town.base, {
      path,
      headers: {
        authorization: `DPoP ${Buffer.alloc(32).toString('base64url')}`,
        dpop: reader.recipient.proof('GET', path, reader.token),
      },
    });
    expect(answer.status).toBe(401);
  });
  expect(lines).toEqual([]);
  const written = town.written.slice(before);
  expect(written).toHaveLength(1);
  expect(written[0]).not.toContain(pairwiseId);
});
