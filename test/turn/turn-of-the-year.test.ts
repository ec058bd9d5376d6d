/** A log a year: while the service runs the old log is closed and the new one begins; nothing is lost between them, and each can be read alone. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import type { Turned } from '../../src/transparency-log/turn/open-next-log.js';
import type { AReceipt, Reader } from '../setup/a-reader.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { Staff } from '../setup/a-staff.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { runMirror } from '../../src/transparency-log/mirror/mirror-command.js';
import { checkOf, expectSoundLogs, nextYear, thisYear, turn, verify } from './a-turning-town.js';

let town: Town;
let home: AtHome;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;
let consentId: string;
let turned: Turned;
let oldReceipt: AReceipt;
/** The entry of a read that was under way at the turn. */
let underWay: number;

beforeAll(async () => {
  town = await Town.open();
  home = await AtHome.of(town);
  program = await town.program();
  ({ pairwiseId, consentId } = await town.give(town.resident(), program));
  await town.give(town.resident(1), program);
  reader = await town.reader(program);
  oldReceipt = must(await reader.read(pairwiseId)).json.receipt as unknown as AReceipt;
  await home.indexed();
  must(await reader.read(pairwiseId));
  const approved = await new Staff(town).approved(town.resident());
  // Nobody publishes while this read waits for its checkpoint; then the year turns.
  const waiting = await town.whileNobodyPublishes(async () => {
    underWay = await town.logSize();
    const asked = reader.read(pairwiseId);
    while ((await town.logSize()) === underWay) await pause(5);
    const looking = new Staff(town).look(0, approved);
    while ((await town.logSize()) < underWay + 2) await pause(5);
    const turning = turn(town);
    while ((await town.admin.query('SELECT FROM azukari.city_log')).rowCount === 1) await pause(5);
    return { asked, turning, looking };
  });
  turned = await waiting.turning;
  expect(await waiting.asked).toMatchObject({ status: 503, code: 'log-unavailable' });
  expect(await waiting.looking).toMatchObject({ status: 503, code: 'log-unavailable' });
}, 60_000);
afterAll(() => town.close());

test('the old log ends by naming the new one, which begins by quoting it and stating again what stood', async () => {
  const old = await checkOf(town, thisYear, town.demo.log.vkey);
  const next = await checkOf(town, nextYear, turned.vkey);
  expect([old.findings, old.isComplete, next.findings, next.isComplete]).toEqual([[], true, [], true]);
  expect(old.size).toBe(turned.closed.size);
  const lines = await town.log(old.size - 1);
  expect(lines[0]).toMatchObject({ t: 'close', next: nextYear, key: turned.vkey });
  expect(lines[1]).toMatchObject({ t: 'start', origin: nextYear, previous: thisYear, size: old.size, root: old.root });
  expect(next.standing).toEqual({
    ...old.standing,
    // Each stands by another entry.
    organisations: expect.objectContaining({ size: old.standing.organisations.size }) as object,
  });
});

test('a read that was under way is void in the log of its provision, and is answered with something to ask again', async () => {
  const [voided] = (await town.log()).filter(({ t, of }) => t === 'void' && of === underWay);
  expect(voided).toMatchObject({ reason: 'log-closed' });
  expect(voided!.index).toBeLessThan(turned.closed.size);
});

test('reads go on in the new log, whose receipts name places in it; a receipt of the old log stays what it was', async () => {
  const { receipt } = must(await reader.read(pairwiseId)).json as unknown as { receipt: AReceipt };
  const trusted = (origin: string, vkey: string) => ({ origin, logKeys: [parseVerifierKey(vkey)] });
  expect(verifyReceipt(receipt, trusted(nextYear, turned.vkey))).toMatchObject({ ok: true });
  expect(verifyReceipt(oldReceipt, trusted(thisYear, town.demo.log.vkey))).toMatchObject({ ok: true });
  const index = Number(/^index (\d+)$/m.exec(receipt.proof)![1]);
  expect((await town.log(turned.closed.size + index))[0]).toMatchObject({ t: 'provision', text: receipt.entry });
});

test('with both logs at hand a verifier finds that the one follows from the other; alone, it says that it did not look', async () => {
  const [log, keys] = [`${town.base}/log`, ['--vkey', turned.vkey, '--vkey', town.demo.log.vkey]];
  const both = await verify(town, 'log', log, ...keys);
  expect(both.text).toContain(`ok: it follows from ${thisYear}`);
  expect(both.exit).toBe(0);
  const old = await verify(town, 'log', log, '--vkey', town.demo.log.vkey);
  expect([old.exit, old.text.includes(`log      ${thisYear}\n`)]).toEqual([0, true]);
  const own = join(town.city.directories.tilesDirectory, '2027');
  const unpinned = await verify(town, 'log', own, '--vkey', turned.vkey);
  expect([unpinned.exit, unpinned.text]).toEqual([0, expect.stringContaining('pin that key too')]);
});

test('what staff are shown after the turn stands in the new log, under a unit that it states again; what was under way is asked for again', async () => {
  const staff = new Staff(town);
  const id = await staff.approved(town.resident(1));
  const { entry } = must(await staff.look(0, id)).json as unknown as { entry: string };
  const [line] = (await town.log(turned.closed.size)).filter(({ t }) => t === 'staff');
  expect(line).toMatchObject({ text: entry, recipient: 'op:resident-desk' });
  const next = await checkOf(town, nextYear, turned.vkey);
  expect(next.findings).toEqual([]);
  expect(
    (await town.admin.query('SELECT FROM azukari.staff_look WHERE resident_id = $1', [town.resident().id])).rowCount,
  ).toBe(0);
});

test('a resident’s list is proved log by log, and every file checks at home', async () => {
  const claimed = await home.claimed(town.resident());
  expect(claimed).toMatchObject({ isProved: true, unlisted: [], closedLogs: ['2026'] });
  expect(claimed.upTo).not.toBeNull();
  await home.indexed();
  expect(await home.claimed(town.resident())).toMatchObject({ isProved: true, unlisted: [] });
});

test('the front page links a closed log once its last checkpoint is known, and not before', async () => {
  const isLinked = async () => (await (await fetch(town.base)).text()).includes('href="/log/2026/checkpoint"');
  expect(await isLinked()).toBe(true);
  const { rows } = await town.admin.query('SELECT final_note FROM azukari.city_log WHERE size IS NOT NULL');
  await town.admin.query('UPDATE azukari.city_log SET final_note = NULL WHERE size IS NOT NULL');
  expect(await isLinked()).toBe(false);
  const { final_note } = rows[0] as { final_note: string };
  await town.admin.query('UPDATE azukari.city_log SET final_note = $1 WHERE size IS NOT NULL', [final_note]);
});

test('a mirror that pins the old key copies both logs, one after the other', async () => {
  const copy = await aTemporaryDirectory();
  let text = '';
  const environment = { AZUKARI_MIRROR_TOKEN: town.demo.log.mirrorToken };
  const args = [`${town.base}/log`, copy, '--vkey', town.demo.log.vkey];
  const exit = await runMirror(args, { stdout: (part) => (text += part) }, new AbortController().signal, environment);
  expect([exit, text]).toEqual([0, expect.stringContaining(`(${nextYear})`)]);
  expect(await verify(town, 'log', copy, '--vkey', turned.vkey, '--vkey', town.demo.log.vkey)).toMatchObject({
    exit: 0,
  });
});

test('a withdrawal after the turn stands in the new log, and the very next read is refused', async () => {
  must(await town.withdraw(town.resident(), consentId));
  expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
  expect((await checkOf(town, nextYear, turned.vkey)).findings).toEqual([]);
});

test('an entry of the closed log that somebody edits while the service runs is found out too', async () => {
  // The last test: until here all was well.
  await expectSoundLogs(town, { [thisYear]: town.demo.log.vkey, [nextYear]: turned.vkey });
  town.city.databases.leaveUnchecked('somebody edits it');
  const operator = await town.admin.connect();
  try {
    await operator.query(`SET session_replication_role = replica; ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry;
      UPDATE azukari.log_entry SET entry = replace(entry, '"at":"20', '"at":"19') WHERE idx = 1`);
  } finally {
    await operator.query('RESET session_replication_role');
    operator.release();
  }
  const reason = async () =>
    (await town.admin.query<{ freeze_reason: string | null }>('SELECT freeze_reason FROM azukari.signer_state'))
      .rows[0]!.freeze_reason;
  for (let attempt = 0; (await reason()) === null && attempt < 200; attempt += 1) await pause(50);
  expect(await reason()).toBe('entry 1 does not have the hash that is stored for it');
});
