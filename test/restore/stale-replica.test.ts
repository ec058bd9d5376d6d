/**
 * Failover to a replica that lacks the last transactions: the signer finds that the log is shorter than what was signed and freezes it;
 * nothing is provided, withdrawals work. What was appended meanwhile took places that others have: `azukari restore` moves it behind
 * them, and everything that refers to it along with it.
 */
import { sweepGrants } from '../setup/check-log.js';
import type { Line } from '../setup/a-town.js';
import { must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import type { Restored } from '../../src/transparency-log/restore/restore-log.js';
import { LostTown } from './a-lost-town.js';

let lost: LostTown;
let town: Town;
let restored: Restored;
let appended: Line[];
let frozen: string | null;
let base: number;
const kept: { label: string; content: string }[] = [];
let consentId: string;

/** The database takes the time to be an hour later meanwhile. */
async function anHourLater<T>(work: () => Promise<T>): Promise<T> {
  const definition = await lost.asSuperuser(async (client) => {
    const { rows } = await client.query<{ sql: string }>(
      "SELECT pg_get_functiondef('azukari.log_minute_at'::regproc) AS sql",
    );
    return rows[0]!.sql;
  });
  expect(definition).toContain('clock_timestamp()');
  const later = definition.replace('clock_timestamp()', "(clock_timestamp() + interval '1 hour')");
  await lost.asSuperuser((client) => client.query(later));
  const done = await work();
  await lost.asSuperuser((client) => client.query(definition));
  return done;
}

beforeAll(async () => {
  const primary = await Town.open();
  base = await primary.logSize();
  const resident = primary.resident(2);
  const { rows } = await primary.admin.query<{ id: string }>(
    `SELECT id FROM azukari.consent WHERE resident_id = $1 AND state = 'active'`,
    [resident.id],
  );
  consentId = rows[0]!.id;
  await primary.program();
  await primary.program('hamakaze-clinic');
  await expectSoundLog(primary);
  kept.push({ label: 'the primary’s', content: await (await fetch(`${primary.base}/log/checkpoint`)).text() });

  lost = await LostTown.of(primary);
  const replica = await lost.reopen();
  const { rows: state } = await replica.admin.query<{ freeze_reason: string | null }>(
    'SELECT freeze_reason FROM azukari.signer_state',
  );
  frozen = state[0]!.freeze_reason;
  const program = replica.demoProgram('checkup-follow-up');
  const asked = replica.demo.residents.find(({ login }) => login === resident.login)!;
  const given = await replica.give(replica.resident(1), program);
  const answer = await (await replica.reader(program)).read(given.pairwiseId);
  expect([answer.status, answer.code]).toEqual([503, 'log-unavailable']);
  must(await replica.withdraw(asked, consentId));
  await replica.admin.query(`UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'`);
  await sweepGrants(replica.admin);
  appended = await replica.log(base);
  await replica.leave();

  restored = await anHourLater(() => lost.restore());
  town = await lost.reopen();
}, 120_000);
afterAll(async () => {
  await town?.close();
  await lost?.discard();
});

test('the signer names both sizes and freezes the log', () => {
  expect(frozen).toMatch(/^the log has \d+ entries, a signed checkpoint covers \d+$/);
});

test('the restore imports what is missing and moves what was appended meanwhile', () => {
  expect(appended.map(({ t }) => t)).toEqual(expect.arrayContaining(['consent', 'provision', 'void']));
  expect(restored).toMatchObject({ from: base, moved: appended.length });
  expect(restored.to).toBeGreaterThan(base);
});

test('moved entries are the same, but that a void names its provision by the new number', async () => {
  const moved = (await town.log(restored.to + 1)).slice(0, appended.length);
  const by = restored.to + 1 - base;
  expect(moved.map(({ index, t, of }) => ({ index, t, of }))).toEqual(
    appended.map(({ index, t, of }) => ({ index: index + by, t, of: t === 'void' ? (of as number) + by : of })),
  );
});

test('the log is sound, goes on, and begins with every checkpoint of the primary', async () => {
  await town.program();
  const report = await expectSoundLog(town, { earlier: kept });
  expect(report.counts.restore).toBe(1);
});

test('whatever refers to a moved entry refers to it still', async () => {
  const { rows } = await town.admin.query<{ t: string; state: string | null }>(
    `SELECT e.entry::jsonb ->> 't' AS t, e.entry::jsonb ->> 'state' AS state FROM azukari.consent c
     JOIN azukari.log_entry e ON e.idx = c.end_log_index WHERE c.id = $1`,
    [consentId],
  );
  expect(rows).toEqual([{ t: 'consent', state: 'withdrawn' }]);
  const { rows: grants } = await town.admin.query<{ entry: string; void: string }>(
    `SELECT p.entry::jsonb ->> 't' AS entry, v.entry::jsonb ->> 't' AS void FROM azukari.provision_void g
     JOIN azukari.log_entry p ON p.idx = g.entry_idx JOIN azukari.log_entry v ON v.idx = g.void_idx WHERE g.entry_idx > $1`,
    [restored.to],
  );
  expect(grants).toEqual([{ entry: 'provision', void: 'void' }]);
});

test('the foreign keys are as they were', async () => {
  const { rows } = await town.admin.query(
    `SELECT conname FROM pg_constraint WHERE confrelid = 'azukari.log_entry'::regclass AND condeferrable`,
  );
  expect(rows).toEqual([]);
});
