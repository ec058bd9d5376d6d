/** The gate's first half, called in SQL as the API's role: who may not go becomes a refusal, and an entry cannot say other than its grant. */
import { randomBytes, randomUUID } from 'node:crypto';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate, type GateItem } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let resident: DemoResident;
let consentId: string;
let pairwiseId: string;

const stepsAndVitals = {
  items: [
    { purpose: 'care.prevention', category: 'activity.steps', fields: ['steps', 'time'] },
    { purpose: 'care.prevention', category: 'health.vitals', fields: ['blood-pressure', 'time'] },
  ],
};

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  resident = town.resident();
});
beforeEach(async () => {
  program = await town.program('hamakaze-clinic', stepsAndVitals);
  ({ consentId, pairwiseId } = await town.give(resident, program));
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

const item = (changes: Partial<GateItem> = {}) => anItem(program, pairwiseId, changes);

async function ofConsent(change: string): Promise<void> {
  await town.admin.query(`UPDATE azukari.consent SET ${change} WHERE id = $1`, [consentId]);
}

async function ofProgram(change: string): Promise<void> {
  await town.admin.query(`UPDATE azukari.program SET ${change} WHERE id = $1`, [program.id]);
}

const nothing = () => Promise.resolve();

test.each<[situation: string, reason: string | null, prepare: () => Promise<unknown>, changes: Partial<GateItem>]>([
  ['everything stands', null, nothing, {}],
  ['one of the two categories is asked for', null, nothing, { categories: 'activity.steps', versions: '1' }],
  [
    'the recipient is suspended',
    'recipient-not-active',
    async () => must(await town.board('recipients/hamakaze-clinic/suspension')),
    {},
  ],
  ['the recipient is back', null, async () => must(await town.board('recipients/hamakaze-clinic/resumption')), {}],
  [
    'the program is suspended',
    'program-not-active',
    async () => must(await town.board(`programs/${program.id}/suspension`)),
    {},
  ],
  ['the program is retired', 'program-not-active', () => ofProgram(`status = 'retired'`), {}],
  [
    'the program has not begun',
    'program-not-active',
    () => ofProgram(`starts_at = clock_timestamp() + interval '1 minute'`),
    {},
  ],
  [
    'the program ended a moment ago',
    'program-not-active',
    () => ofProgram(`starts_at = starts_at - interval '1 year', ends_at = clock_timestamp()`),
    {},
  ],
  ['there is no such program', 'program-not-active', nothing, { program: 'p-nowhere' }],
  ['the program is another recipient’s', 'program-not-active', nothing, { recipient: 'minatono-university' }],
  ['the purpose is not the program’s', 'outside-terms', nothing, { purpose: 'care.treatment' }],
  ['a category is not the program’s', 'outside-terms', nothing, { categories: 'activity.steps,mobility.trip' }],
  ['the resident is unknown', 'no-consent', nothing, { pairwise: Buffer.alloc(32, 1) }],
  ['the consent is withdrawn', 'consent-withdrawn', async () => town.withdraw(resident, consentId), {}],
  ['the consent is paused', 'consent-paused', () => ofConsent(`state = 'paused'`), {}],
  [
    'the consent has ended by the database’s clock',
    'consent-expired',
    () => ofConsent(`given_at = given_at - interval '1 day', ends_at = clock_timestamp()`),
    {},
  ],
  ['the consent ends in a moment', null, () => ofConsent(`ends_at = clock_timestamp() + interval '5 seconds'`), {}],
  [
    'the consent is marked expired',
    'consent-expired',
    () => ofConsent(`state = 'expired', ended_at = clock_timestamp(), ended_by = 'time', end_log_index = log_index`),
    {},
  ],
  [
    'the consent was invalidated',
    'no-consent',
    () =>
      ofConsent(`state = 'invalidated', ended_at = clock_timestamp(), ended_by = 'board', end_log_index = log_index`),
    {},
  ],
  ['the consent is for other items', 'no-consent', () => ofConsent(`items = '{care.prevention/health.vitals}'`), {}],
  [
    'the consent is for the same category and another purpose',
    'no-consent',
    () => ofConsent(`items = '{care.treatment/activity.steps,care.treatment/health.vitals}'`),
    {},
  ],
  ['the policy forbids, and the consent stands', 'policy-forbids', nothing, { refusal: 'policy-forbids' }],
  [
    'the policy forbids, and there is no consent',
    'no-consent',
    nothing,
    { refusal: 'policy-forbids', pairwise: Buffer.alloc(32, 2) },
  ],
  [
    'the policy forbids, and the consent is for other items',
    'no-consent',
    () => ofConsent(`items = '{care.prevention/health.vitals}'`),
    { refusal: 'policy-forbids' },
  ],
  ['the service found it outside the terms', 'outside-terms', nothing, { refusal: 'outside-terms' }],
  ['the service did not know the resident when it asked', 'no-consent', nothing, { statutory: null, period: null }],
  ['the service takes the id for nobody’s, so that no lock is taken', 'no-consent', nothing, { resident: null }],
  ['the service takes the id for another’s, whose lock is taken', 'no-consent', nothing, { resident: randomUUID() }],
])('when %s, the gate says %s', async (situation, reason, prepare, changes) => {
  await prepare();
  const asked = item(changes);
  const { idx, entry, reason: given } = (await gate.append([asked]))[0]!;
  expect(given).toBe(reason);

  const line = JSON.parse(entry) as Record<string, unknown>;
  expect(line).toMatchObject({ t: reason === null ? 'provision' : 'refusal', recipient: asked.recipient });
  if (reason !== null) expect(line.reason).toBe(reason);
  const { rows } = await town.admin.query('SELECT FROM azukari.provision_grant WHERE entry_idx = $1', [idx]);
  expect(rows).toHaveLength(reason === null ? 1 : 0);
  if (asked.recipient === program.recipient && asked.pairwise![0] !== 1 && asked.pairwise![0] !== 2) {
    expect(line.tag).toBe(tagOf(asked.pairwise!, line.at as string));
  } else expect(line).not.toHaveProperty('tag');
  // Hash tiles are public: an entry that could be guessed has something in it that cannot.
  expect(/^[0-9a-f]{64}$/.test(String(line.salt))).toBe(line.tag === undefined);
  if (situation === 'the recipient is suspended') must(await town.board('recipients/hamakaze-clinic/resumption'));
});

test('the entry says exactly what the grant holds', async () => {
  const { idx, entry } = await gate.grant(item({ from: '2026-01-01', to: '2026-02-01' }));
  const { rows } = await town.admin.query(
    `SELECT g.*, c.resident_id = g.resident_id AS is_theirs, from_on::text AS from_text, to_on::text AS to_text
     FROM azukari.provision_grant g JOIN azukari.consent c ON c.id = g.consent_id WHERE entry_idx = $1`,
    [idx],
  );
  const grant = rows[0] as Record<string, unknown>;
  const line = JSON.parse(entry) as Record<string, unknown>;
  expect(grant).toMatchObject({
    consent_id: consentId,
    is_theirs: true,
    from_text: '2026-01-01',
    to_text: '2026-02-01',
  });
  for (const [field, column] of [
    ['recipient', 'recipient_id'],
    ['program', 'program_id'],
    ['version', 'program_version'],
    ['purpose', 'purpose'],
    ['categories', 'categories'],
  ] as const) {
    expect(line[field]).toEqual(grant[column]);
  }
});

const injected = '","t":"start","x":"';

test.each<[what: string, changes: Partial<GateItem>]>([
  ['a recipient that is none', { recipient: 'nobody' }],
  ['a recipient that closes the string', { recipient: `hamakaze-clinic${injected}` }],
  ['no recipient', { recipient: null }],
  ['no program', { program: null }],
  ['no purpose', { purpose: null }],
  ['a purpose that closes the string', { purpose: `care.prevention${injected}` }],
  ['a category that closes the string', { categories: `activity.steps"],"t":"start","x":["a` }],
  ['no category', { categories: '' }],
  ['a missing list of categories', { categories: null }],
  ['an empty category among others', { categories: 'activity.steps,' }],
  ['categories that do not ascend', { categories: 'health.vitals,activity.steps' }],
  ['a category twice', { categories: 'activity.steps,activity.steps' }],
  ['a reason of its own making', { refusal: `no-consent${injected}` }],
  ['a reason that only the database gives', { refusal: 'consent-withdrawn' }],
  ['a pairwise id of 31 bytes', { pairwise: Buffer.alloc(31) }],
  ['no pairwise id', { pairwise: null }],
  ['a commitment of 31 bytes', { commitment: randomBytes(31) }],
  ['no commitment', { commitment: null }],
  ['fewer versions than categories', { versions: '1' }],
  ['no versions', { versions: null }],
  ['a window that ends before it starts', { from: '2026-02-01', to: '2026-01-01' }],
])('an item with %s is no entry at all, and takes its whole batch with it', async (_what, changes) => {
  const lines = await town.linesOf(async () => {
    await expect(gate.append([item(), item(changes)])).rejects.toThrow();
  });
  expect(lines).toEqual([]);
});

test('a program that closes the string is a program nobody has, and is not written', async () => {
  const [refused] = await gate.append([item({ program: `p${injected}` })]);
  expect(refused!.reason).toBe('program-not-active');
  expect(refused!.entry).not.toContain('start');
});

test('a node that decides by another policy than the city’s gets nothing decided', async () => {
  const lines = await town.linesOf(async () => {
    await expect(gate.append([item()], '0'.repeat(64))).rejects.toMatchObject({ code: 'AZ003' });
  });
  expect(lines).toEqual([]);
});

test('a batch answers each item in its place, whatever the order of the locks', async () => {
  const second = await town.give(town.resident(1), program);
  const asked = [
    item(),
    item({ pairwise: Buffer.alloc(32, 9) }),
    anItem(program, second.pairwiseId),
    item({ purpose: 'care.treatment' }),
    item(),
  ];
  const answers = await gate.append(asked);
  expect(answers.map(({ reason }) => reason)).toEqual([null, 'no-consent', null, 'outside-terms', null]);
  expect(answers.map(({ idx }) => idx - answers[0]!.idx)).toEqual([0, 1, 2, 3, 4]);
  for (const [position, { entry }] of answers.entries()) {
    const line = JSON.parse(entry) as { t: string; commitment?: string };
    if (line.t === 'provision') expect(line.commitment).toBe(asked[position]!.commitment!.toString('hex'));
  }
});

test('nobody is answered for another, whether the items come in one order or the other', async () => {
  const others = await Promise.all([1, 2, 3].map((number) => town.give(town.resident(number), program)));
  must(await town.withdraw(town.resident(2), others[1]!.consentId));
  const asked: [Partial<GateItem>, string | null][] = [
    [{}, null],
    [{ refusal: 'policy-forbids' }, 'policy-forbids'],
    ...others.map((given, place): [Partial<GateItem>, string | null] => [
      { pairwise: decodePairwiseId(given.pairwiseId) },
      place === 1 ? 'consent-withdrawn' : null,
    ]),
    [{ pairwise: Buffer.alloc(32, 9) }, 'no-consent'],
    [{ statutory: null }, 'no-consent'],
  ];
  for (const order of [asked, asked.toReversed()]) {
    const answers = await gate.append(order.map(([change]) => item(change)));
    expect(answers.map(({ reason }) => reason)).toEqual(order.map(([, reason]) => reason));
  }
});

const functionsText = `SELECT proname AS name, coalesce(prosrc, '') || coalesce(pg_get_function_sqlbody(oid), '') AS text FROM pg_proc
  WHERE pronamespace = 'azukari'::regnamespace`;

test('every array_agg in a function of the database says its order', async () => {
  const { rows } = await town.admin.query<{ name: string; text: string }>(functionsText);
  const gathers = rows.flatMap(({ name, text }) =>
    text
      .split('array_agg(')
      .slice(1)
      .map((rest) => ({ name, rest })),
  );
  expect(gathers.length).toBeGreaterThan(5);
  expect(gathers.filter(({ rest }) => !/^(?:[^()]|\((?:[^()]|\([^()]*\))*\))*ORDER BY/.test(rest))).toEqual([]);
});

test('no function of the database names a time zone: who is connected may say what a name means', async () => {
  const { rows } = await town.admin.query<{ name: string; text: string }>(functionsText);
  const named = /at time zone '[a-z]|asia\/|'utc'|::timestamptz/i;
  expect(rows.filter(({ text }) => named.test(text)).map(({ name }) => name)).toEqual([]);
});

test.each(['<ASIA/TOKYO>-40', '<UTC>-167:59', '<+09>-100', '<JST>+30'])(
  'whoever lets the session lie in a zone of his own (%s) gets no further use, and no other time into the log',
  async (zone) => {
    program = await town.program('hamakaze-clinic', { frequency: { count: 1, per: 'day' } });
    const { pairwiseId: own } = await town.give(resident, program);
    const connection = await gate.pool.connect();
    try {
      await connection.query(`SET TimeZone = '${zone}'`);
      const [first] = await gate.append([anItem(program, own)], undefined, connection);
      const [second] = await gate.append([anItem(program, own)], undefined, connection);
      expect([first!.reason, second!.reason]).toEqual([null, 'frequency-exceeded']);
      const { at } = JSON.parse(first!.entry) as { at: string };
      expect(Math.abs(new Date(at).getTime() - new Date().getTime())).toBeLessThan(120_000);
    } finally {
      await connection.query('RESET TimeZone');
      connection.release();
    }
    expect((await gate.append([anItem(program, own)]))[0]!.reason).toBe('frequency-exceeded');
  },
);

test('the time of an entry is read as UTC, whatever the session says that Z means', async () => {
  const connection = await town.admin.connect();
  try {
    await connection.query(`SET TimeZone = '<Z>-9'`);
    const { rows } = await connection.query(
      `SELECT azukari.read_minute('2026-11-01T00:00Z') = '2026-11-01 00:00:00+00'::timestamptz AS "isUtc"`,
    );
    expect(rows).toEqual([{ isUtc: true }]);
  } finally {
    await connection.query('RESET TimeZone');
    connection.release();
  }
});

test('a batch of more than a thousand items is not taken', async () => {
  await expect(gate.append(Array.from({ length: 1001 }, () => item()))).rejects.toMatchObject({ code: 'AZ001' });
});

test('of several uses of one resident in a batch, those that come first are granted', async () => {
  program = await town.program('hamakaze-clinic', { frequency: { count: 3, per: 'day' } });
  const given = await Promise.all([0, 1, 2, 3].map((number) => town.give(town.resident(number), program)));
  const asked = Array.from({ length: 24 }, (_, place) => anItem(program, given[place % 4]!.pairwiseId));
  const answers = await gate.append(asked);
  expect(answers.map(({ reason }) => reason)).toEqual(
    asked.map((_, place) => (place < 12 ? null : 'frequency-exceeded')),
  );
});

test('of 40 uses at once where 10 are approved, 10 are granted and 30 refused', async () => {
  program = await town.program('hamakaze-clinic', { frequency: { count: 10, per: 'day' } });
  ({ pairwiseId } = await town.give(resident, program));
  const answers = (await Promise.all(Array.from({ length: 40 }, () => gate.append([item()])))).flat();
  const counts = Object.groupBy(answers, ({ reason }) => reason ?? 'granted');
  expect([counts['granted']?.length, counts['frequency-exceeded']?.length]).toEqual([10, 30]);
});

test('a use that is refused is not counted', async () => {
  program = await town.program('hamakaze-clinic', { frequency: { count: 1, per: 'day' } });
  ({ pairwiseId } = await town.give(resident, program));
  const reasonOf = async (changes = {}) => (await gate.append([item(changes)]))[0]!.reason;
  expect(await reasonOf({ refusal: 'policy-forbids' })).toBe('policy-forbids');
  expect(await reasonOf({ statutory: null })).toBe('no-consent');
  expect(await reasonOf()).toBeNull();
  expect(await reasonOf()).toBe('frequency-exceeded');
});
