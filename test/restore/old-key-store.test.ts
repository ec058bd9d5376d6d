/**
 * City and key store have backups of their own, and one of them alone is put back; the journal is lost, and the log does not say what it said. Each
 * remembers whom it has erased: the key store by its tombstones, the city by its erasures. So whoever had erased everything is gone before anything is served.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SecurityLog } from '../../src/http/security-log.js';
import { asAdmin } from '../../src/database/migrate.js';
import { sayReplayed } from '../../src/restore-report.js';
import { type AProgram, type DemoResident, must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { anOldBackup, openCity } from '../setup/demo-city.js';
import { everythingStored } from '../setup/everything-stored.js';
import { exchangeKeyStores, type FreshCity } from '../setup/fresh-database.js';
import { LostTown, stopSigning } from './a-lost-town.js';

let town: Town;
let lost: LostTown | null = null;
let old: FreshCity | null = null;

afterEach(async () => {
  await town?.close();
  await lost?.discard();
  await old?.drop();
  [lost, old] = [null, null];
});

function erase(from: Town, { session }: DemoResident) {
  const body = { confirm: 'erase-everything' };
  return from.http.ask(from.base, { method: 'POST', path: '/v1/me/erasure', headers: { cookie: session }, body });
}

/** Somebody whose consent the backup knows, with the program. */
async function consenting(from: Town): Promise<{ resident: DemoResident; program: AProgram; pairwiseId: string }> {
  const { rows } = await from.admin.query<{ resident_id: string; program_id: string; pairwise_id: Buffer }>(
    `SELECT c.resident_id, c.program_id, c.pairwise_id FROM azukari.consent c
     JOIN azukari.program p ON p.id = c.program_id AND p.version = c.program_version AND p.status = 'active'
     WHERE c.state = 'active' AND c.resident_id = ANY ($1::uuid[]) ORDER BY c.resident_id, c.program_id LIMIT 1`,
    [from.demo.residents.map(({ id }) => id)],
  );
  const { resident_id, program_id, pairwise_id } = rows[0]!;
  const programs = from.demo.recipients.flatMap(({ programs }) => programs.map(({ name }) => from.demoProgram(name)));
  return {
    resident: from.demo.residents.find(({ id }) => id === resident_id)!,
    program: programs.find(({ id }) => id === program_id)!,
    pairwiseId: pairwise_id.toString('base64url'),
  };
}

async function keyStoreOf({ keysAdminUrl }: FreshCity, { id }: DemoResident): Promise<unknown> {
  const text = `SELECT (SELECT count(*)::integer FROM azukari_keys.resident_key WHERE resident_id = $1) AS keys,
    (SELECT count(*)::integer FROM azukari_keys.tombstone WHERE resident_id = $1) AS tombstones`;
  return (await asAdmin(keysAdminUrl, (client) => client.query(text, [id]))).rows[0];
}

/** So many were erased that one look does not find them all; those of the demo come after them. */
const many = `SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid AS id, n FROM generate_series(1, 1500) AS n`;

const loseJournal = (directory: string) => rm(join(directory, 'withdrawals.ndjson'));

function reportOf({ city: { service } }: Town): string[] {
  const said: string[] = [];
  sayReplayed(service.replayed, (sentence) => said.push(sentence));
  return said;
}

test('a city from before an erasure that nothing but the key store remembers: nothing is left of the resident, and nothing is served for them', async () => {
  const before = await Town.open();
  const { resident, program, pairwiseId } = await consenting(before);
  await stopSigning(before.city);
  must(await erase(before, resident));
  lost = await LostTown.of(before);
  await exchangeKeyStores(lost.backup, before.city.databases);
  await loseJournal(lost.directories.journalDirectory);
  await asAdmin(lost.backup.keysAdminUrl, (client) =>
    client.query(`INSERT INTO azukari_keys.tombstone (resident_id) SELECT id FROM (${many}) AS many`),
  );
  // The backup is some hours old.
  await lost.asSuperuser((client) =>
    client.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '3 hours'"),
  );
  expect(await keyStoreOf(lost.backup, resident)).toEqual({ keys: 0, tombstones: 1 });
  expect(await lost.catchUp()).toEqual([]);

  town = await lost.reopen();
  expect(reportOf(town)).toEqual([
    'City and key store did not agree: 1 residents who were erased in the one were still in the other, and are erased there too.',
  ]);
  const stored = await everythingStored(town.admin, ['erasure']);
  expect([stored.includes(resident.id), stored.includes(resident.login)]).toEqual([false, false]);
  expect(await (await town.reader(program)).outcome(pairwiseId)).toBe('no-consent');
  expect((await town.log()).filter(({ t }) => t === 'erasure')).toHaveLength(1);
  await expectSoundLog(town);

  await town.leave();
  town = await lost.reopen();
  expect(reportOf(town)).toEqual([]);
  expect((await town.log()).filter(({ t }) => t === 'erasure')).toHaveLength(1);
  await expectSoundLog(town);
}, 60_000);

test('a key store from before an erasure: the keys that came back are destroyed again, for the city knows whose they are', async () => {
  const before = await Town.open();
  const { city } = before;
  const resident = before.resident(1);
  must(await erase(before, resident));
  await expectSoundLog(before);
  await before.leave();
  old = await anOldBackup();
  old.leaveUnchecked('of this backup only the key store is put back');
  await exchangeKeyStores(city.databases, old);
  await loseJournal(city.directories.journalDirectory);
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query(`SET session_replication_role = replica;
      INSERT INTO azukari.erasure SELECT id, -n, now(), now(), now() FROM (${many}) AS many`),
  );
  expect(await keyStoreOf(city.databases, resident)).toEqual({ keys: 1, tombstones: 0 });

  const again = async () => {
    const http = { securityLog: new SecurityLog(() => undefined), incidentSink: () => undefined };
    town = Town.of(await openCity(city.databases, city.directories, { publicUrl: city.service.publicUrl, http }));
  };
  await again();
  expect(await keyStoreOf(city.databases, resident)).toEqual({ keys: 0, tombstones: 1 });
  expect(reportOf(town)).toHaveLength(1);
  expect(await keyStoreOf(city.databases, town.resident(2))).toEqual({ keys: 1, tombstones: 0 });

  await town.leave();
  await again();
  expect(reportOf(town)).toEqual([]);
  await expectSoundLog(town);
}, 60_000);
