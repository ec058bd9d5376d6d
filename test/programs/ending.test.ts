/** When a program ends, so do the consents to it: in the same transaction, each with an entry, whatever happens at the same moment. */
import { randomUUID } from 'node:crypto';
import { ConsentExpiry } from '../../src/consents/expiry.service.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { commitmentOf, tagOf } from '../../src/transparency-log/tag.js';
import { readEntryDetail } from '../../src/residents/entry-detail.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { type AProgram, because, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let program: AProgram;

beforeAll(async () => {
  town = await Town.open();
});
beforeEach(async () => {
  program = await town.program();
});
afterAll(() => closeSoundly(town));

const end = () => town.board(`programs/${program.id}/retirement`);
const everybody = () => Array.from({ length: 8 }, (_, number) => town.resident(number));

async function statesOf({ id }: AProgram): Promise<string[]> {
  const { rows } = await town.admin.query<{ state: string }>(
    'SELECT state FROM azukari.consent WHERE program_id = $1 ORDER BY state',
    [id],
  );
  return rows.map(({ state }) => state);
}

test('ending a program ends each consent in force, whoever gave it, with one entry under the recipient’s tag', async () => {
  const given = await Promise.all(everybody().map((resident) => town.give(resident, program)));
  must(await town.withdraw(town.resident(0), given[0]!.consentId));
  const reader = await town.reader(program);
  const lines = await town.linesOf(async () => must(await end()));
  const ended = lines.filter(({ t }) => t === 'consent');
  expect(lines.filter(({ t }) => t === 'program')).toMatchObject([{ program: program.id, status: 'retired' }]);
  expect(lines).toHaveLength(ended.length + 1);
  expect(new Set(ended.map(({ state }) => state))).toEqual(new Set(['inapplicable']));
  const tags = given.slice(1).map(({ pairwiseId }) => tagOf(decodePairwiseId(pairwiseId)!, ended[0]!.at as string));
  expect(ended.map(({ tag }) => tag).toSorted()).toEqual(tags.toSorted());
  const all = must(
    await town.http.ask(town.base, { path: '/v1/consents', headers: { cookie: town.resident(1).session } }),
  ).json.consents as Record<string, unknown>[];
  expect(all.find(({ id }) => id === given[1]!.consentId)).toMatchObject({ state: 'inapplicable', endedBy: 'board' });
  expect((await town.withdraw(town.resident(1), given[1]!.consentId)).code).toBe('conflict');
  expect(await reader.outcome(given[1]!.pairwiseId)).toBe('program-not-active');
});

test('only the resident can open what the entry commits to', async () => {
  const resident = town.resident();
  const { consentId } = await town.give(resident, program);
  const [line] = (await town.linesOf(async () => must(await end()))).filter(({ t }) => t === 'consent');
  const { rows } = await town.admin.query<{ sealed: Buffer }>(
    'SELECT sealed FROM azukari.entry_detail WHERE resident_id = $1 AND idx = $2',
    [resident.id, line!.index],
  );
  const { dataKey } = await town.city.service.app.get(ResidentKeysService).require(resident.id);
  const { nonce, detail, facts } = readEntryDetail(dataKey, resident.id, rows[0]!.sealed, line!.text)!;
  expect(facts).toMatchObject({ consentId, inapplicable: true });
  expect(commitmentOf(Buffer.from(nonce, 'base64url'), detail)).toBe(line!.commitment);
});

test('suspending a program leaves the consents as they are', async () => {
  await town.give(town.resident(), program);
  must(await town.board(`programs/${program.id}/suspension`));
  expect(await statesOf(program)).toEqual(['active']);
  must(await end());
  expect(await statesOf(program)).toEqual(['inapplicable']);
});

test('of consents given, withdrawn and given anew while a program ends, none is left in force and none ends twice', async () => {
  const before = await Promise.all(everybody().map((resident) => town.give(resident, program)));
  const lines = await town.linesOf(async () => {
    const [ended, ...others] = await Promise.all([
      end(),
      ...everybody().map((resident, number) =>
        number % 2 === 0
          ? town.withdraw(resident, before[number]!.consentId)
          : town.answer(resident, { program: program.id, decision: 'give', items: program.items }),
      ),
    ]);
    must(ended!);
    for (const { status } of others) expect([200, 201, 409]).toContain(status);
  });
  expect((await statesOf(program)).filter((state) => ['active', 'paused'].includes(state))).toEqual([]);
  const { rows } = await town.admin.query<{ idx: number }>(
    'SELECT end_log_index AS idx FROM azukari.consent WHERE program_id = $1',
    [program.id],
  );
  expect(new Set(rows.map(({ idx }) => idx)).size).toBe(rows.length);
  expect(lines.filter(({ state }) => state === 'inapplicable').length).toBeGreaterThan(0);
});

test('the database ends no program while a consent would stay in force', async () => {
  await town.give(town.resident(), program);
  const before = await town.stored();
  await expect(
    town.city.service.pool.query(`SELECT azukari.change_program_status($1, 'retired', $2, $3, '{}', '{}', '{}')`, [
      program.id,
      because.reason,
      town.demo.board[0]!.id,
    ]),
  ).rejects.toMatchObject({ code: 'AZ412' });
  expect(await town.stored()).toEqual(before);
});

test('it ends none either for 500 ids of no consent of the program, or for one consent named 500 times', async () => {
  const { consentId } = await town.give(town.resident(), program);
  const others = await town.program();
  const ofAnother = await town.give(town.resident(), others);
  const retire = (ids: string[]) =>
    town.city.service.pool.query(`SELECT azukari.change_program_status($1, 'retired', $2, $3, $4, $5, $5)`, [
      ...[program.id, because.reason, town.demo.board[0]!.id, ids, ids.map(() => Buffer.alloc(32))],
    ]);
  const before = await town.stored();
  const invented = [ofAnother.consentId, ...Array.from({ length: 499 }, () => randomUUID())];
  await expect(retire(invented)).rejects.toMatchObject({ code: 'AZ412' });
  await expect(retire(invented.map(() => consentId))).rejects.toMatchObject({ code: 'AZ001' });
  await expect(
    town.city.service.pool.query(`SELECT azukari.change_program_status($1, 'retired', $2, $3, NULL, NULL, NULL)`, [
      ...[program.id, because.reason, town.demo.board[0]!.id],
    ]),
  ).rejects.toMatchObject({ code: 'AZ001' });
  expect(await town.stored()).toEqual(before);
});

test('what a stop in the middle left in force is ended by the sweep, once, however many sweep at once', async () => {
  const given = await Promise.all(everybody().map((resident) => town.give(resident, program)));
  // As a node leaves it that is killed after the first 500.
  await town.admin.query(`UPDATE azukari.program SET status = 'retired' WHERE id = $1`, [program.id]);
  const expiry = town.city.service.app.get(ConsentExpiry);
  const lines = await town.linesOf(() => Promise.all([expiry.sweep(), expiry.sweep()]));
  expect(lines.map(({ state }) => state)).toEqual(given.map(() => 'inapplicable'));
  expect(await statesOf(program)).toEqual(given.map(() => 'inapplicable'));
});

test('of a program in force nothing is ended that way, and never more than 500 at once', async () => {
  const { consentId } = await town.give(town.resident(), program);
  const end = (ids: string[]) =>
    town.city.service.pool.query('SELECT azukari.end_consents_of_ended($1, $2, $3, $3) AS count', [
      ...[program.id, ids, ids.map(() => Buffer.alloc(32))],
    ]);
  expect((await end([consentId])).rows).toEqual([{ count: 0 }]);
  await expect(end(Array.from({ length: 501 }, () => consentId))).rejects.toMatchObject({ code: 'AZ001' });
  expect(await statesOf(program)).toEqual(['active']);
});

test('a recipient is removed only when its programs have ended, so no consent outlives it', async () => {
  const remove = () =>
    town.city.service.pool.query(`SELECT azukari.change_recipient_status($1, 'removed', $2, $3)`, [
      program.recipient,
      because.reason,
      town.demo.board[0]!.id,
    ]);
  await expect(remove()).rejects.toMatchObject({ code: 'AZ409' });
});
