/**
 * A backend of an external database crashes and the postmaster starts all anew, in the same run of the server: what had not reached the disk is forgotten.
 * Recovery empties `gate_state`, for it is UNLOGGED; so does the test. (killed-backend.test.ts and test/crash kill a backend for real.)
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readRun } from '../../src/database/database-run.js';
import { asAdmin } from '../../src/database/migrate.js';
import { urlForDatabase } from '../../src/database/roles.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { cityTemplate, requireTestCluster } from '../setup/test-cluster.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let consentId: string;
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  program = await town.program();
});
beforeEach(async () => {
  ({ consentId, pairwiseId } = await town.give(town.resident(), program));
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

async function untilOpen(): Promise<void> {
  for (let attempt = 0; !(await readRun(gate.pool)).isOpen; attempt += 1) {
    if (attempt > 200) throw new Error('the gate was not opened again');
    await pause(50);
  }
}

/** What is answered right after a crash. Should the service have opened the gate before it was asked, once more. */
async function inTheMomentAfter(ask: () => Promise<unknown>): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    await town.admin.query('TRUNCATE azukari.gate_state');
    const code = await ask().then(
      () => 'passed',
      (error: { code: string }) => error.code,
    );
    if (code !== 'passed' || attempt === 5) return code;
  }
}

test('nothing passes the gate after a crash before the journal was replayed; then the service opens it by itself', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  for (const ask of [() => gate.append([anItem(program, pairwiseId)]), () => gate.redeem(idx)]) {
    expect(await inTheMomentAfter(ask)).toBe('AZ007');
  }
  await untilOpen();
  const { idx: next } = await gate.grant(anItem(program, pairwiseId));
  expect((await gate.redeem(next))[0]).toMatchObject({ outcome: 'provided' });
});

test.each([
  ['forgotten', () => Promise.resolve()],
  ['kept', (idx: number) => gate.record(idx)],
])(
  'what was granted before a crash and whose record was %s is handed over to nobody and counts as provided',
  async (_what, before) => {
    const { idx } = await gate.grant(anItem(program, pairwiseId));
    await before(idx);
    await town.admin.query('TRUNCATE azukari.gate_state');
    await untilOpen();
    const lines = await town.linesOf(async () => {
      expect(await gate.redeem(idx)).toMatchObject([{ outcome: 'not-redeemed', sealed: null }]);
      // Not even when what it stood on has gone does the log say that nothing has left.
      must(await town.withdraw(town.resident(), consentId));
      await gate.redeem(idx);
      await town.admin.query(
        `UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds' WHERE entry_idx = $1`,
        [idx],
      );
      await gate.sweep();
    });
    expect(lines.filter(({ of }) => of === idx)).toEqual([]);
    const { rows } = await town.admin.query(
      `SELECT g.entry_idx IS NULL AS used, octet_length(r.sealed) > 0 AS recorded
     FROM statutory.provision_record r LEFT JOIN azukari.provision_grant g USING (entry_idx) WHERE entry_idx = $1`,
      [idx],
    );
    expect(rows).toEqual([{ used: true, recorded: true }]);
  },
);

test('a redemption that began before the gate was opened again knows what was granted before', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  await gate.record(idx);
  const { rows } = await town.admin.query<{ source: string }>(
    `SELECT pg_get_functiondef('azukari.require_read_committed()'::regprocedure) AS source`,
  );
  // Of this test's own connections it stands still where it is first asked whether it may go on; the service opens the gate meanwhile.
  const slow = rows[0]!.source.replace(
    'BEGIN',
    `BEGIN IF current_setting('application_name') = 'gate test' THEN PERFORM pg_sleep(1.5); END IF;`,
  );
  await town.admin.query(slow);
  try {
    await town.admin.query('TRUNCATE azukari.gate_state');
    expect((await gate.redeemRecorded(idx)).map(({ outcome }) => outcome)).toEqual(['not-redeemed']);
  } finally {
    await town.admin.query(rows[0]!.source);
  }
});

test('a dump that says that the gate was open opens nothing where it is put back, also while the same server runs', async () => {
  const holder = await town.admin.connect();
  try {
    // What a dump restores is a new table with the old rows.
    await holder.query(`BEGIN; SET LOCAL ROLE azukari_owner; ALTER TABLE azukari.gate_state RENAME TO gate_state_before;
      CREATE UNLOGGED TABLE azukari.gate_state (LIKE azukari.gate_state_before INCLUDING ALL);
      INSERT INTO azukari.gate_state SELECT * FROM azukari.gate_state_before`);
    await expect(holder.query(`SELECT * FROM azukari.redeem_grants('{}')`)).rejects.toMatchObject({ code: 'AZ007' });
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
});

test.each(['TRUNCATE', 'DELETE FROM'])(
  'what was dumped and is put back into a table that was emptied (%s) is of another run: the gate is shut',
  async (emptied) => {
    const holder = await town.admin.connect();
    try {
      await holder.query(`BEGIN; CREATE TEMP TABLE dumped AS SELECT * FROM azukari.gate_state; ${emptied} azukari.gate_state;
      INSERT INTO azukari.gate_state SELECT * FROM dumped`);
      await expect(holder.query(`SELECT * FROM azukari.redeem_grants('{}')`)).rejects.toMatchObject({ code: 'AZ007' });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  },
);

test('a copy that was made within one server, and takes the place of its original, is another run: its gate is shut', async () => {
  const { adminUrl } = requireTestCluster();
  const name = `copy_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${cityTemplate}`));
  try {
    const { rows } = await asAdmin(urlForDatabase(adminUrl, name), (client) =>
      client.query('SELECT run = azukari.database_run() AS "isOpen" FROM azukari.gate_state'),
    );
    expect(rows).toEqual([{ isOpen: false }]);
  } finally {
    await asAdmin(adminUrl, (client) => client.query(`DROP DATABASE ${name}`));
  }
});

describe('what waits for the disk', () => {
  const commits: [what: string, waits: boolean, call: (idx: number) => { text: string; values: unknown[] }][] = [
    ['a record of a provision', false, (idx) => call('record_provisions($1::bigint[])', [[idx]])],
    ['a redemption', false, (idx) => call('redeem_grants($1::bigint[])', [[idx]])],
    ['the use of a proof where an entry follows', false, () => proof(true)],
    ['the use of a proof where none follows', true, () => proof(false)],
  ];
  const call = (text: string, values: unknown[]) => ({ text: `SELECT * FROM azukari.${text}`, values });
  const proof = (isBeforeEntry: boolean) =>
    call('authenticate_reads($1::bytea[], $2::text[], $1::bytea[], $3::timestamptz[], $4, $5)', [
      ...[[Buffer.alloc(32)], ['A'.repeat(43)], [new Date()], 'a', isBeforeEntry],
    ]);

  test.each(commits)('%s waits: %s', async (_what, waits, query) => {
    const { idx } = await gate.grant(anItem(program, pairwiseId));
    await gate.record(idx);
    expect(await commitOf(query(idx))).toBe(waits ? 'on' : 'off');
  });

  test.each(['off', 'local'])('an entry of the log does, whatever its session was told before (%s)', async (told) => {
    const connection = await gate.pool.connect();
    try {
      await connection.query(`BEGIN; SET LOCAL synchronous_commit = ${told}`);
      await gate.append([anItem(program, pairwiseId)], undefined, connection);
      expect(await setting(connection)).toBe('on');
      await connection.query('ROLLBACK');
    } finally {
      connection.release();
    }
  });

  test('an entry of the log does, always: of a provision, and the void of one that fell', async () => {
    const { idx } = await gate.grant(anItem(program, pairwiseId));
    must(await town.withdraw(town.resident(), consentId));
    const connection = await gate.pool.connect();
    try {
      await connection.query('BEGIN');
      await gate.append([anItem(program, pairwiseId)], undefined, connection);
      expect(await setting(connection)).toBe('on');
      await connection.query('ROLLBACK');
    } finally {
      connection.release();
    }
    expect(await commitOf(call('redeem_grants($1::bigint[])', [[idx]]), 'COMMIT')).toBe('on');
    expect((await gate.redeem(idx))[0]).toMatchObject({ outcome: 'already-used' });
  });

  async function commitOf(query: { text: string; values: unknown[] }, end = 'ROLLBACK'): Promise<string> {
    const connection = await gate.pool.connect();
    try {
      await connection.query('BEGIN');
      await connection.query(query);
      const found = await setting(connection);
      await connection.query(end);
      return found;
    } finally {
      connection.release();
    }
  }

  async function setting(connection: { query: typeof gate.pool.query }): Promise<string> {
    const { rows } = await connection.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
    return rows[0]!.synchronous_commit;
  }
});
