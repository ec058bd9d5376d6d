/**
 * Erasures and a failover to a replica that lacks the last entries, from where `azukari restore` takes the entries that were signed: whatever was granted of
 * somebody who was erased, there or here, counts as provided and stands so in the record that the law demands, under its own number.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepGrants } from '../setup/check-log.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { LostTown } from './a-lost-town.js';

let lost: LostTown;
let town: Town;

afterEach(async () => {
  await town?.close();
  await lost?.discard();
});

function erase(from: Town, { session }: DemoResident) {
  const body = { confirm: 'erase-everything' };
  return from.http.ask(from.base, { method: 'POST', path: '/v1/me/erasure', headers: { cookie: session }, body });
}

/** The log is frozen there, so that what is granted waits. */
async function granted(replica: Town, resident: DemoResident, program: AProgram): Promise<void> {
  const { pairwiseId } = await replica.give(resident, program);
  const { status, code } = await (await replica.reader(program)).read(pairwiseId);
  expect([status, code]).toEqual([503, 'log-unavailable']);
}

/** What stands in the log where a provision is recorded. */
async function recorded(from: Town): Promise<(string | null)[]> {
  const { rows } = await from.admin.query<{ t: string | null; same: boolean }>(
    `SELECT e.entry::json ->> 't' AS t FROM statutory.provision_record r LEFT JOIN azukari.log_entry e
       ON e.idx = r.entry_idx AND e.entry::json ->> 'recipient' = r.recipient_id ORDER BY r.entry_idx`,
  );
  return rows.map(({ t }) => t);
}

test('what was granted of a resident who was erased on the replica is recorded under the number that its entry has after the restore', async () => {
  const primary = await Town.open();
  await primary.program();
  await expectSoundLog(primary);
  lost = await LostTown.of(primary);
  const replica = await lost.reopen();
  await granted(replica, replica.resident(1), replica.demoProgram('checkup-follow-up'));
  must(await erase(replica, replica.resident(1)));
  const before = await recorded(replica);
  expect(before.at(-1)).toBe('provision');
  await replica.leave();

  expect((await lost.restore()).moved).toBeGreaterThan(2);
  town = await lost.reopen();
  expect(await recorded(town)).toEqual(before);
  await expectSoundLog(town);
}, 60_000);

test('what was granted on the replica of a resident whose erasure was signed is recorded, and voids what was granted of others all the same', async () => {
  const primary = await Town.open();
  must(await erase(primary, primary.resident(1)));
  await expectSoundLog(primary);
  lost = await LostTown.of(primary);
  // The process died between the log and the journal.
  await rm(join(lost.directories.journalDirectory, 'withdrawals.ndjson'));
  const replica = await lost.reopen();
  const program = replica.demoProgram('checkup-follow-up');
  await granted(replica, replica.resident(2), program);
  await granted(replica, replica.resident(1), program);
  await granted(replica, replica.resident(3), program);
  await replica.leave();

  await lost.restore();
  town = await lost.reopen();
  await town.admin.query(`UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'`);
  await sweepGrants(town.admin);
  const lines = await town.log();
  const provisions = lines.filter(({ t }) => t === 'provision').slice(-3);
  const voids = lines.filter(({ t }) => t === 'void').map(({ of }) => of);
  expect(provisions.map(({ index }) => voids.includes(index))).toEqual([true, false, true]);
  const { rows } = await town.admin.query<{ idx: number }>('SELECT entry_idx AS idx FROM statutory.provision_record');
  expect(provisions.map(({ index }) => rows.some(({ idx }) => idx === index))).toEqual([false, true, false]);
  await expectSoundLog(town);
}, 60_000);
