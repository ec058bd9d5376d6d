/**
 * A restore does not raise the dead: residents who erased everything since the backup are erased again before anything is served, be it from
 * the log (a signed erasure), or from the journal (one that was answered and not signed); their keys too, where the key store is as old as the backup.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { everythingStored } from '../setup/everything-stored.js';
import { LostTown, stopSigning } from './a-lost-town.js';

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

/** Whose consent the backup knows, with the program. */
async function consenting(
  from: Town,
  how: number,
): Promise<{ resident: DemoResident; program: AProgram; pairwiseId: string }[]> {
  const { rows } = await from.admin.query<{ resident_id: string; program_id: string; pairwise_id: Buffer }>(
    `SELECT DISTINCT ON (c.resident_id) c.resident_id, c.program_id, c.pairwise_id FROM azukari.consent c
     JOIN azukari.program p ON p.id = c.program_id AND p.version = c.program_version AND p.status = 'active'
     WHERE c.state = 'active' ORDER BY c.resident_id, c.program_id`,
  );
  const programs = from.demo.recipients.flatMap(({ programs }) => programs.map(({ name }) => from.demoProgram(name)));
  const known = rows.flatMap(({ resident_id, program_id, pairwise_id }) => {
    const resident = from.demo.residents.find(({ id }) => id === resident_id);
    const program = programs.find(({ id }) => id === program_id);
    return resident && program ? [{ resident, program, pairwiseId: pairwise_id.toString('base64url') }] : [];
  });
  return known.slice(0, how);
}

/** The backup is some hours old. */
async function lose(old: Town): Promise<void> {
  lost = await LostTown.of(old);
  await lost.asSuperuser((client) =>
    client.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '3 hours'"),
  );
}

async function keysLeft(ids: readonly string[]): Promise<number> {
  const { rowCount } = await asAdmin(lost.backup.keysAdminUrl, (client) =>
    client.query('SELECT FROM azukari_keys.resident_key WHERE resident_id = ANY ($1::uuid[])', [ids]),
  );
  return rowCount!;
}

test('whoever had erased everything is unknown before the first request, with database and key store from before; a second start finds nothing to do', async () => {
  const old = await Town.open();
  const [signed, unsigned] = (await consenting(old, 2)) as [Consenting, Consenting];
  const ids = [signed.resident.id, unsigned.resident.id];
  must(await erase(old, signed.resident));
  await expectSoundLog(old);
  await stopSigning(old.city);
  must(await erase(old, unsigned.resident));
  await lose(old);
  expect(await keysLeft(ids)).toBe(2);

  const said = await lost.catchUp();
  expect(said).toContain('  1 residents had erased their data since the backup: it is erased again');
  town = await lost.reopen();

  expect(town.city.service.replayed.erasures).toBe(2);
  expect(await keysLeft(ids)).toBe(0);
  const stored = await everythingStored(town.admin, ['erasure']);
  for (const { resident, program, pairwiseId } of [signed, unsigned]) {
    expect([stored.includes(resident.id), stored.includes(resident.login)]).toEqual([false, false]);
    expect(await (await town.reader(program)).outcome(pairwiseId)).toBe('no-consent');
  }
  // Signed once, and said again by the start that did it again.
  expect((await town.log()).filter(({ t }) => t === 'erasure')).toHaveLength(2);
  await expectSoundLog(town);

  await town.leave();
  town = await lost.reopen();
  expect(town.city.service.replayed.erasures).toBe(0);
  expect((await town.log()).filter(({ t }) => t === 'erasure')).toHaveLength(2);
}, 60_000);

test('the log alone is enough: without the journal the signed erasure is done again, and the keys follow', async () => {
  const old = await Town.open();
  const [{ resident, program, pairwiseId }] = (await consenting(old, 1)) as [Consenting];
  must(await erase(old, resident));
  await expectSoundLog(old);
  await lose(old);
  await rm(join(lost.directories.journalDirectory, 'withdrawals.ndjson'));
  await lost.catchUp();
  town = await lost.reopen();

  expect(await (await town.reader(program)).outcome(pairwiseId)).toBe('no-consent');
  for (let attempt = 0; (await keysLeft([resident.id])) > 0 && attempt < 200; attempt += 1) await pause(50);
  expect(await keysLeft([resident.id])).toBe(0);
  expect((await everythingStored(town.admin, ['erasure'])).includes(resident.id)).toBe(false);
  await expectSoundLog(town);
}, 60_000);

type Consenting = Awaited<ReturnType<typeof consenting>>[number];
