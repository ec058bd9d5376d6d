/**
 * The database fails over to a replica that lacks one answered withdrawal, while the service goes on: nothing leaves before the journal has brought
 * the withdrawal back, and no node has to be restarted. The replica is the same database, taken back by hand and given another run.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { inOneRun, readRun } from '../../src/database/database-run.js';
import { SignerService } from '../../src/transparency-log/signer.service.js';
import { must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { stopSigning } from './a-lost-town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

const anotherRun = (name: string) =>
  `CREATE OR REPLACE FUNCTION azukari.database_run() RETURNS text LANGUAGE sql STABLE RETURN '${name}'`;

/** Takes back the newest entry of the log, which ended this consent, and cuts every connection, as the loss of the primary does. */
async function failOver(consentId: string, index: number): Promise<void> {
  await town.admin.query(`BEGIN; SET LOCAL session_replication_role = replica;
    UPDATE azukari.consent SET state = 'active', ended_at = NULL, ended_by = NULL, end_reason = NULL, end_log_index = NULL WHERE id = '${consentId}';
    DELETE FROM azukari.entry_detail WHERE idx = ${index};
    DELETE FROM azukari.log_entry WHERE idx = ${index};
    UPDATE azukari.log_state SET size = ${index};
    ${anotherRun('the replica')};
    COMMIT`);
  await town.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename IN ('azukari_app', 'azukari_signer') AND datname = current_database()`);
}

/** The first connections it takes may still be those that were cut. */
async function signAgain(): Promise<void> {
  const signer = town.city.service.app.get(SignerService, { strict: false });
  for (let attempt = 1; ; attempt++) {
    try {
      await signer.start();
      return;
    } catch (error) {
      if (attempt === 20 || !/terminat/i.test((error as Error).message)) throw error;
      await pause(50);
    }
  }
}

test('a withdrawal that was answered and that the new database does not know stops every read, and stands in its log again', async () => {
  const program = await town.program();
  const [gone, staying] = [town.resident(0), town.resident(1)];
  const { pairwiseId, consentId } = await town.give(gone, program);
  const other = await town.give(staying, program);
  const reader = await town.reader(program);
  must(await reader.read(pairwiseId));

  await stopSigning(town.city);
  const { logIndex } = must(await town.withdraw(gone, consentId)).json as { logIndex: number };
  await failOver(consentId, logIndex);
  await signAgain();

  const answers: [number, string | undefined][] = [];
  do {
    const { status, code } = await reader.read(pairwiseId);
    answers.push([status, code]);
    await pause(50);
  } while (answers.at(-1)![0] === 503 && answers.length < 200);
  expect(answers.slice(0, -1).filter(([status]) => status !== 503)).toEqual([]);
  expect(answers.at(-1)).toEqual([403, 'consent-withdrawn']);
  expect((await town.log(logIndex))[0]).toMatchObject({ t: 'consent', state: 'withdrawn' });
  must(await reader.read(other.pairwiseId));
}, 60_000);

test.each([
  ['no entry is appended', `SELECT * FROM azukari.append_list(NULL, NULL, NULL, 0)`],
  ['no grant is made', `SELECT * FROM azukari.append_provisions(NULL${", '{}'".repeat(16)})`],
  ['nothing is handed over', `SELECT * FROM azukari.redeem_grants('{}')`],
])('in a run into which the journal was not replayed %s', async (_, call) => {
  const holder = await town.admin.connect();
  try {
    await holder.query(`BEGIN; ${anotherRun('unknown')}`);
    await expect(holder.query(call)).rejects.toMatchObject({ code: 'AZ007' });
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
});

test('who has taken over the connections that serve requests cannot open the gate', async () => {
  const { pool } = town.city.service;
  await expect(pool.query(`SELECT azukari.open_gate('the replica')`)).rejects.toMatchObject({ code: '42501' });
});

test('in a run into which the journal was not replayed a stream under way ends, and what was replayed into another run opens nothing', async () => {
  const holder = await town.admin.connect();
  const standing = async () =>
    (
      await holder.query<{ stands: number }>(
        `SELECT count(s.place)::integer AS stands FROM azukari.consent c
         JOIN azukari.consents_that_stand(c.recipient_id, c.program_id, c.items, ARRAY[c.program_version], ARRAY[c.pairwise_id],
           ARRAY[c.log_index + 1]) s ON true`,
      )
    ).rows[0]!.stands;
  try {
    await holder.query('BEGIN');
    expect(await standing()).toBeGreaterThan(0);
    await holder.query(anotherRun('unknown'));
    expect(await standing()).toBe(0);
    await holder.query(`SELECT azukari.open_gate('the replica')`);
    expect(await standing()).toBe(0);
    await holder.query(`SELECT azukari.open_gate('unknown')`);
    expect(await standing()).toBeGreaterThan(0);
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
});

test('what is committed in one run and written to the journal in another is not answered', async () => {
  const { pool } = town.city.service;
  expect(await inOneRun(pool, () => Promise.resolve('done'))).toBe('done');
  const failingOver = inOneRun(pool, () => town.admin.query(anotherRun('the next')));
  await expect(failingOver).rejects.toMatchObject({ code: 'unavailable' });
  for (let attempt = 0; attempt < 100 && !(await readRun(pool)).isOpen; attempt += 1) await pause(50);
  expect(await readRun(pool)).toEqual({ run: 'the next', isOpen: true });
});
