/** What a captured process of the service would ask of the gate's functions: arrays that pair in two ways, snapshots of yesterday, entries of its own making. */
import { randomBytes } from 'node:crypto';
import { type AProgram, because, type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, appendText, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let resident: DemoResident;
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  resident = town.resident();
});
beforeEach(async () => {
  program = await town.program();
  ({ pairwiseId } = await town.give(resident, program));
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

const broken = { code: 'AZ001' };
const byAnOldSnapshot = { ...broken, message: 'the gate is asked in a transaction that reads what is committed' };
const inHex = (bytes: Buffer) => `\\\\x${bytes.toString('hex')}`;
/** As PostgreSQL reads it: two elements, the first of which has the number `first`. */
const fromOn = (first: number, one: string) => `[${first}:${first + 1}]={"${one}","${one}"}`;

/** The arrays of one item given twice, its kind too, as array literals: four of kinds, twelve of items. */
function twoAlike(): string[] {
  const item = anItem(program, pairwiseId);
  const sealed = inHex(Buffer.from('sealed'));
  const columns = [
    ...[item.recipient!, item.program!, item.purpose!, item.categories!],
    ...[
      '2',
      '5f0c9dd8-6a3b-4a53-9c8e-0e0f3f0a2b11',
      inHex(item.pairwise!),
      // The versions of both, and where those of each begin.
      '1',
      '1',
      'outside-terms',
      '2026-01-01',
      '2026-02-01',
    ],
    ...[inHex(randomBytes(32)), sealed, '2026-11', sealed],
  ];
  return columns.map((value) => fromOn(1, value));
}

const kindArrays = 4;
/** It has an element for each category of each item. */
const versionsArray = 7;
const appendLiterals = (arrays: readonly string[]) =>
  gate.pool.query<{ entry_lines: string }>(appendText, [town.city.service.city.policy, ...arrays]);

test('a batch is appended only when each of its arrays is flat, counts from one and has as many elements as the others', async () => {
  expect((await appendLiterals(twoAlike())).rows[0]!.entry_lines.split('\n')).toHaveLength(2);
  const lines = await town.linesOf(async () => {
    for (const column of twoAlike().keys()) {
      const replaced = (change: (array: string) => string) =>
        appendLiterals(twoAlike().map((array, at) => (at === column ? change(array) : array)));
      const elements = (array: string) => array.slice(array.indexOf('{') + 1, -1);
      await expect(replaced((array) => `[0:1]={${elements(array)}}`)).rejects.toMatchObject(broken);
      await expect(replaced((array) => `{{${elements(array)}}}`)).rejects.toMatchObject(broken);
      if (column === versionsArray) continue;
      await expect(replaced((array) => `{${elements(array)},${elements(array)}}`)).rejects.toMatchObject(broken);
      await expect(replaced(() => '{}')).rejects.toMatchObject(broken);
    }
    for (const isMoved of [(at: number) => at < kindArrays, (at: number) => at >= kindArrays]) {
      const moved = twoAlike().map((array, at) => (isMoved(at) ? array.replace('[1:2]', '[2:3]') : array));
      await expect(appendLiterals(moved)).rejects.toMatchObject(broken);
    }
  });
  expect(lines).toEqual([]);
});

test.each([['0'], ['3'], ['-1'], ['NULL']])(
  'an item of a kind that is not named (%s) is not appended, nor is any beside it',
  async (kind) => {
    const arrays = twoAlike().map((array, at) => (at === kindArrays ? `{1,${kind}}` : array));
    expect(
      await town.linesOf(async () => void (await expect(appendLiterals(arrays)).rejects.toMatchObject(broken))),
    ).toEqual([]);
  },
);

test.each([
  ['begin_deposit', `'s', 'c', $1::uuid[], $2::bytea[], $2::bytea[]`],
  [
    'finish_deposit',
    `gen_random_uuid(), 's', 'c', sha256('x'), $1::uuid[], $1::uuid[], '{1,1}', $2::bytea[], $2::bytea[], '{2026-01-01,2026-01-01}', $2::bytea[], '[]'`,
  ],
  ['authenticate_reads', `$2::bytea[], $1::uuid[]::text[], $2::bytea[], '{2026-01-01,2026-01-01}', 'a', true`],
  ['end_consents_of_ended', `'p', $1::uuid[], $2::bytea[], $2::bytea[]`],
])('arrays that do not count alike are not taken by %s either', async (name, parameters) => {
  const values = [fromOn(0, '5f0c9dd8-6a3b-4a53-9c8e-0e0f3f0a2b11'), fromOn(1, inHex(randomBytes(32)))];
  await expect(gate.pool.query(`SELECT azukari.${name}(${parameters})`, values)).rejects.toMatchObject(broken);
});

/** In a transaction whose snapshot is older than `change`. */
async function underAnOldSnapshot(level: string, change: () => Promise<unknown>, text: string, values: unknown[]) {
  const client = await gate.pool.connect();
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${level}`);
    await client.query('SELECT size FROM azukari.published_checkpoint');
    await change();
    return await client.query(text, values);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

test('a log that was made shorter than what was provided from it takes no entry of a provision', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  await gate.redeem(idx);
  const client = await town.admin.connect();
  try {
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica;
      DELETE FROM azukari.log_entry WHERE idx >= ${idx}; DELETE FROM azukari.entry_detail WHERE idx >= ${idx};
      UPDATE azukari.log_state SET size = ${idx}`);
    const asked = gate.append([anItem(program, pairwiseId)], undefined, client);
    await expect(asked).rejects.toMatchObject({
      code: '23505',
      message: expect.stringContaining('fewer entries') as string,
    });
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

test('whoever reads by an old snapshot is handed nothing, is told of nothing that it stands, and writes nothing', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  const suspend = async () => must(await town.board(`programs/${program.id}/suspension`, because));
  const ask = (text: string, values: unknown[], change = () => Promise.resolve()) =>
    underAnOldSnapshot('REPEATABLE READ', change, text, values);
  const stand = 'SELECT * FROM azukari.consents_that_stand($1, $2, $3, $4, $5, $6)';
  await expect(ask(stand, [program.recipient, program.id, [], [], [], []])).rejects.toMatchObject(byAnOldSnapshot);
  await expect(
    underAnOldSnapshot('SERIALIZABLE', suspend, 'SELECT * FROM azukari.redeem_grants($1)', [[idx]]),
  ).rejects.toMatchObject(byAnOldSnapshot);
  await expect(ask(appendText, [town.city.service.city.policy, ...twoAlike()])).rejects.toMatchObject(byAnOldSnapshot);
  for (const call of [
    `append_list(policy, '${program.recipient}', '${program.id}', 1)`,
    `adopt_policy(encode(sha256('another'), 'hex'))`,
  ]) {
    await expect(ask(`SELECT azukari.${call} FROM azukari.city`, [])).rejects.toMatchObject(byAnOldSnapshot);
  }
});

test('a provision whose resident would not find out what it was is not granted', async () => {
  await expect(gate.append([anItem(program, pairwiseId, { detail: null })])).rejects.toMatchObject(broken);
});

test('a grant that names another recipient or program than its consent does hands over nothing', async () => {
  const other = await town.program('minatono-university');
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  const { consentId } = await town.give(resident, other);
  await town.admin.query('UPDATE azukari.provision_grant SET consent_id = $2 WHERE entry_idx = $1', [idx, consentId]);
  expect(await gate.redeem(idx)).toMatchObject([{ outcome: 'no-consent', sealed: null }]);
});

test.each([
  ['is no JSON', '{"v":1,"t":"policy","policy":"p-x""}'],
  ['is no object', '["v",1]'],
  ['says one thing twice', '{"v":1,"t":"policy","policy":"a","policy":"b"}'],
])('no function can store an entry that %s', async (_, entry) => {
  await expect(town.admin.query('SELECT azukari.append_entry($1)', [entry])).rejects.toMatchObject({
    constraint: 'entry_is_an_object_that_says_each_thing_once',
  });
});

test('on the word of the journal a recipient or a program is suspended, never removed or retired: the board can resume it', async () => {
  const stop = (kind: string, id: string) => gate.pool.query('SELECT azukari.stop_again($1, $2, NULL)', [kind, id]);
  const lines = await town.linesOf(async () => {
    for (let twice = 0; twice < 2; twice++) {
      await stop('recipient', program.recipient);
      await stop('program', program.id);
    }
  });
  expect(lines.map(({ t, status }) => [t, status])).toEqual([
    ['org', 'suspended'],
    ['program', 'suspended'],
  ]);
  must(await town.board(`recipients/${program.recipient}/resumption`));
  must(await town.board(`programs/${program.id}/resumption`));
  expect((await gate.append([anItem(program, pairwiseId)]))[0]!.reason).toBeNull();
});
