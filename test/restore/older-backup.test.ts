/**
 * A database restored to an older backup takes the missing entries from the tiles again, and nothing that ended since comes back: withdrawals
 * (signed or not), narrower consents, suspensions. What was given since is lost, and is said.
 */
import { join } from 'node:path';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { directoryReader } from '../../src/transparency-log/directory-reader.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { trustIn } from '../setup/a-log-reader.js';
import { expectSoundLog } from '../setup/check-log.js';
import { LostTown, stopSigning } from './a-lost-town.js';

interface Consent {
  id: string;
  program: string;
  state: string;
  items: { purpose: string; category: string }[];
}

/** Of a resident, in force, with its program. */
interface InForce {
  resident: DemoResident;
  consent: Consent;
  program: AProgram;
  pairwiseId: string;
}

let old: Town;
let lost: LostTown;
let town: Town;
let said: string[];
const kept: { label: string; content: string }[] = [];
let withdrawn: InForce;
let narrowed: InForce;
let unsigned: InForce;
let renewed: InForce;
let untouched: InForce;
let stoppedProgram: string;
let ofStopped: InForce;
let newProgram: AProgram;
let size: number;
let usesBefore: { count: number }[];
let uses: { count: number }[];

/** The backup was made while a grant was waiting: nobody knows whether it was redeemed afterwards. */
const waitingGrant = `INSERT INTO azukari.provision_grant (entry_idx, resident_id, recipient_id, program_id, program_version, consent_id, purpose,
    categories, versions, statutory_period, statutory_sealed, granted_at)
  SELECT log_index, resident_id, recipient_id, program_id, program_version, id, 'care.prevention', '{activity.steps}', '{1}', '2026', 'sealed',
    clock_timestamp() - interval '2 hours' FROM azukari.consent WHERE resident_id = $1 AND id = $2`;

async function consentsOf(from: Town, resident: DemoResident): Promise<Consent[]> {
  const { json } = must(
    await from.http.ask(from.base, { path: '/v1/consents', headers: { cookie: resident.session } }),
  );
  return json.consents as Consent[];
}

async function inForce(from: Town): Promise<InForce[]> {
  // The demo has a program that was suspended after residents had consented to it: nobody can answer it anew.
  const active = from.demo.recipients.flatMap(({ programs }) => programs.filter(({ status }) => status === 'active'));
  const programs = active.map(({ name }) => from.demoProgram(name));
  const { rows } = await from.admin.query<{ resident_id: string; id: string; program_id: string; pairwise_id: Buffer }>(
    `SELECT resident_id, id, program_id, pairwise_id FROM azukari.consent WHERE state = 'active' ORDER BY given_at, id`,
  );
  const found: InForce[] = [];
  for (const { resident_id, id, program_id, pairwise_id } of rows) {
    const resident = from.demo.residents.find((one) => one.id === resident_id);
    const program = programs.find((one) => one.id === program_id);
    if (!resident || !program) continue;
    const consent = (await consentsOf(from, resident)).find((one) => one.id === id)!;
    found.push({ resident, consent, program, pairwiseId: pairwise_id.toString('base64url') });
  }
  return found;
}

async function stateOf(from: Town, { consent }: InForce): Promise<unknown> {
  const { rows } = await from.admin.query<{ state: string; reason: string | null; logged: string | null }>(
    `SELECT c.state, c.end_reason AS reason, e.entry::jsonb ->> 'state' AS logged FROM azukari.consent c
     LEFT JOIN azukari.log_entry e ON e.idx = c.end_log_index WHERE c.id = $1`,
    [consent.id],
  );
  return rows[0] ?? null;
}

async function outcome(from: Town, { program, pairwiseId }: InForce): Promise<number | string> {
  const answer = await (await from.reader(program)).read(pairwiseId);
  return answer.code ?? answer.status;
}

beforeAll(async () => {
  old = await Town.open();
  const all = await inForce(old);
  narrowed = all.find(({ consent }) => consent.items.length > 1)!;
  const others = all.filter((one) => one !== narrowed);
  ofStopped = others.find(({ program }) => program.recipient !== narrowed.program.recipient)!;
  const free = others.filter(({ program }) => program.recipient !== ofStopped.program.recipient);
  const counted = ['stop-and-timetable-planning', 'walking-and-health'].map((name) => old.demoProgram(name).id);
  untouched = free.find(({ program }) => counted.includes(program.id))!;
  [withdrawn, unsigned, renewed] = free.filter((one) => one !== untouched) as [InForce, InForce, InForce];
  const used = [narrowed, withdrawn, unsigned, renewed, untouched, ofStopped].map(({ program }) => program.id);
  stoppedProgram = old.demo.recipients
    .filter(({ id }) => id !== ofStopped.program.recipient)
    .flatMap(({ programs }) => programs)
    .find(({ id }) => !used.includes(id))!.id;

  must(await old.withdraw(withdrawn.resident, withdrawn.consent.id));
  await old.give(narrowed.resident, narrowed.program, narrowed.consent.items.slice(0, 1));
  newProgram = await old.program();
  const given = await old.give(old.resident(), newProgram);
  must(await (await old.reader(newProgram)).read(given.pairwiseId));
  for (let use = 0; use < 2; use += 1) must(await (await old.reader(untouched.program)).read(untouched.pairwiseId));
  must(await old.deposit('minatono-steps', 'activity.steps', [steps(old.resident(), 4321, '2026-02-03')]));
  must(await old.board(`recipients/${ofStopped.program.recipient}/suspension`));
  size = (await expectSoundLog(old)).size;
  kept.push({ label: 'before', content: await (await fetch(`${old.base}/log/checkpoint`)).text() });
  await stopSigning(old.city);
  must(await old.withdraw(unsigned.resident, unsigned.consent.id));
  await old.give(renewed.resident, renewed.program);
  must(await old.board(`programs/${stoppedProgram}/suspension`));

  const countQuery = 'SELECT count FROM azukari.provision_count WHERE resident_id = $1 AND program_id = $2';
  const ofUntouched = [untouched.resident.id, untouched.program.id];
  ({ rows: usesBefore } = await old.admin.query<{ count: number }>(countQuery, ofUntouched));
  lost = await LostTown.of(old);
  // The sweep of a slow founding may have gone past it.
  await lost.asSuperuser((client) => client.query('UPDATE azukari.grant_sweep SET swept = 0'));
  await lost.asSuperuser((client) => client.query(waitingGrant, [untouched.resident.id, untouched.consent.id]));
  said = await lost.catchUp();
  uses = await lost.asSuperuser(async (client) => {
    const { rows } = await client.query<{ count: number }>(countQuery, ofUntouched);
    return rows;
  });
  town = await lost.reopen();
}, 120_000);
afterAll(async () => {
  await town?.close();
  await lost?.discard();
});

test('it says what it did, and what is lost', () => {
  expect(said.join('\n')).toMatch(
    /^The database has \d+ log entries, but \d+ were signed: it is older than its log\.\nEntries \d+ to \d+ were missing/,
  );
  expect(said).toEqual(
    expect.arrayContaining([
      '  2 consents had ended since the backup and are ended',
      '  1 organisations had been suspended or removed since the backup and are so',
      '  2 consents were given since the backup and are lost: the residents have to be asked again',
      '  1 deposited records are lost, to be handed over again: activity.steps of minatono-steps',
      `  approved since the backup, to be decided again: ${newProgram.id} version 1`,
    ]),
  );
});

test('the log goes on where it was signed, every checkpoint kept before is a beginning of it, and it says that it was restored', async () => {
  const report = await expectSoundLog(town, { earlier: kept });
  expect(report.counts.restore).toBe(1);
  const [line] = await town.log(size);
  expect(line).toMatchObject({ t: 'restore', to: size });
  const { tilesDirectory } = lost.directories;
  expect(
    (await checkLog(directoryReader(join(tilesDirectory, '2026')), trustIn(town.demo.log), { earlier: kept })).findings,
  ).toEqual([]);
  const verified = await runVerify(['log', tilesDirectory, '--vkey', town.demo.log.vkey], { stdout: () => undefined });
  expect(verified).toBe(0);
});

test('what the log says has ended is ended, by the entry that said so, and reads are refused', async () => {
  expect(await stateOf(town, withdrawn)).toEqual({ state: 'withdrawn', reason: 'restored', logged: 'withdrawn' });
  expect(await stateOf(town, narrowed)).toEqual({ state: 'superseded', reason: 'restored', logged: 'superseded' });
  expect(await outcome(town, withdrawn)).toBe('consent-withdrawn');
  expect(await outcome(town, narrowed)).toBe('no-consent');
});

test('a withdrawal that was answered but never signed is withdrawn again from the journal, with an entry', async () => {
  expect(await stateOf(town, unsigned)).toEqual({ state: 'withdrawn', reason: 'restored', logged: 'withdrawn' });
  expect(await outcome(town, unsigned)).toBe('consent-withdrawn');
});

test('so is a consent that was replaced by another, which is lost; and a program suspended without a signature is suspended', async () => {
  expect(await stateOf(town, renewed)).toEqual({ state: 'withdrawn', reason: 'restored', logged: 'withdrawn' });
  const { rows } = await town.admin.query('SELECT status FROM azukari.program WHERE id = $1', [stoppedProgram]);
  expect(rows).toEqual([{ status: 'suspended' }]);
  expect(town.city.service.replayed).toEqual({
    ...{ erasures: 0, halfErased: 0, withdrawals: 2, programs: 1, recipients: 0 },
  });
});

test('a recipient suspended since stays suspended; others go on', async () => {
  const { rows } = await town.admin.query('SELECT status FROM azukari.recipient WHERE id = $1', [
    ofStopped.program.recipient,
  ]);
  expect(rows).toEqual([{ status: 'suspended' }]);
  expect(await outcome(town, untouched)).toBe(200);
});

test('what was given since is gone: the program nobody has decided on again, and so nothing to redeem', async () => {
  const { rows } = await town.admin.query('SELECT FROM azukari.program WHERE id = $1', [newProgram.id]);
  expect(rows).toEqual([]);
  const answer = await town.answer(town.resident(), {
    program: newProgram.id,
    decision: 'give',
    items: newProgram.items,
  });
  expect(answer.status).toBe(404);
});

test('uses that the database forgot count against the approved frequency', () => {
  expect(usesBefore[0]!.count).toBeGreaterThanOrEqual(2);
  expect(uses).toEqual(usesBefore);
});

test('a grant that was waiting counts as provided and has its statutory record: a void might be untrue', async () => {
  const { rows } = await town.admin.query(
    `SELECT g.entry_idx IS NULL AS used, v.entry_idx IS NOT NULL AS void FROM azukari.consent c
     JOIN statutory.provision_record r ON r.entry_idx = c.log_index LEFT JOIN azukari.provision_grant g ON g.entry_idx = r.entry_idx
     LEFT JOIN azukari.provision_void v ON v.entry_idx = r.entry_idx WHERE c.id = $1`,
    [untouched.consent.id],
  );
  expect(rows).toEqual([{ used: true, void: false }]);
});

test('sessions from before are over', async () => {
  const answer = await town.http.ask(town.base, { path: '/v1/consents', headers: { cookie: old.resident().session } });
  expect(answer.status).toBe(401);
});

test('a second start finds nothing left to do', async () => {
  expect(await lost.catchUp()).toEqual([]);
  const node = await town.anotherNode();
  expect(node.service.replayed).toEqual({
    ...{ erasures: 0, halfErased: 0, withdrawals: 0, programs: 0, recipients: 0 },
  });
});

test('what is done again after a restore stands in the log like the first time', async () => {
  const again = await town.program();
  await town.give(town.resident(), again);
  const sameResident = town.demo.residents.find(({ login }) => login === narrowed.resident.login)!;
  await town.give(sameResident, narrowed.program, narrowed.consent.items.slice(0, 1));
  await expectSoundLog(town, { earlier: kept });
});
