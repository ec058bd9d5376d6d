/** The gate's second half, called in SQL as the API's role: covered by a checkpoint, once, within a minute, while everything still stands. */
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { anItem, Gate } from './gate-calls.js';

let town: Town;
let gate: Gate;
let program: AProgram;
let resident: DemoResident;
let consentId: string;
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  resident = town.resident();
});
beforeEach(async () => {
  program = await town.program();
  ({ consentId, pairwiseId } = await town.give(resident, program));
});
afterAll(async () => {
  await gate.pool.end();
  await closeSoundly(town);
});

const outcomesOf = (rows: Awaited<ReturnType<Gate['redeem']>>) =>
  rows.filter(({ outcome }) => outcome !== 'record').map(({ outcome }) => outcome);

async function age(index: number, seconds: number): Promise<void> {
  await town.admin.query(
    `UPDATE azukari.provision_grant SET granted_at = granted_at - make_interval(secs => $2) WHERE entry_idx = $1`,
    [index, seconds],
  );
}

test('a grant is redeemed once: the second time it hands over nothing and leaves no entry', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  const first = await gate.redeem(idx);
  expect(outcomesOf(first)).toEqual(['provided']);
  expect(first.filter(({ sealed }) => sealed !== null).length).toBeGreaterThan(0);
  const lines = await town.linesOf(async () => {
    expect(await gate.redeem(idx)).toMatchObject([{ outcome: 'already-used', sealed: null }]);
  });
  expect(lines).toEqual([]);
});

test('of a grant that was used nothing is left but the record for the law, and of a void one two numbers', async () => {
  const [used, unread] = [await gate.grant(anItem(program, pairwiseId)), await gate.grant(anItem(program, pairwiseId))];
  await gate.redeem(used.idx);
  await age(unread.idx, 61);
  await gate.redeem(unread.idx);
  const { rows } = await town.admin.query(
    `SELECT i.idx, g.entry_idx IS NOT NULL AS waits, r.entry_idx IS NOT NULL AS recorded, e.entry::json ->> 't' AS void
     FROM unnest($1::bigint[]) AS i (idx) LEFT JOIN azukari.provision_grant g ON g.entry_idx = i.idx
     LEFT JOIN statutory.provision_record r ON r.entry_idx = i.idx
     LEFT JOIN azukari.provision_void v ON v.entry_idx = i.idx LEFT JOIN azukari.log_entry e ON e.idx = v.void_idx ORDER BY 1`,
    [[used.idx, unread.idx]],
  );
  expect(rows).toEqual([
    { idx: used.idx, waits: false, recorded: true, void: null },
    { idx: unread.idx, waits: false, recorded: false, void: 'void' },
  ]);
});

test('of twenty that redeem one grant at once, one is handed the records', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  const all = await Promise.all(Array.from({ length: 20 }, () => gate.redeem(idx)));
  const counts = Object.groupBy(all.flatMap(outcomesOf), (outcome) => outcome);
  expect([counts['provided']?.length, counts['already-used']?.length]).toEqual([1, 19]);
});

test('nothing is redeemed before a published checkpoint covers the entry, alone or among others that are covered', async () => {
  const covered = await gate.grant(anItem(program, pairwiseId));
  const waiting = await town.whileNobodyPublishes(async () => {
    const appended = (await gate.append([anItem(program, pairwiseId)]))[0]!;
    for (const indexes of [[appended.idx], [covered.idx, appended.idx], [appended.idx + 1_000], [null]]) {
      await expect(gate.redeem(...indexes)).rejects.toMatchObject({ code: 'AZ005' });
    }
    return appended;
  });
  await gate.untilPublished(waiting.idx);
  expect(outcomesOf(await gate.redeem(covered.idx, waiting.idx))).toEqual(['provided', 'provided']);
});

test('what was never granted cannot be redeemed: not a refusal’s entry, not another kind’s, not one index twice', async () => {
  const granted = await gate.grant(anItem(program, pairwiseId));
  const [refused] = await gate.append([anItem(program, pairwiseId, { purpose: 'care.treatment' })]);
  await gate.untilPublished(refused!.idx);
  for (const indexes of [[refused!.idx], [0], [-1], [granted.idx, granted.idx], [granted.idx, 0]]) {
    await expect(gate.redeem(...indexes)).rejects.toMatchObject({ code: 'AZ404' });
  }
});

test('after 60 seconds a grant is void, in the log, once', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  await age(idx, 61);
  const lines = await town.linesOf(async () => {
    expect(outcomesOf(await gate.redeem(idx))).toEqual(['not-redeemed']);
    expect(outcomesOf(await gate.redeem(idx))).toEqual(['already-used']);
  });
  expect(lines).toMatchObject([{ t: 'void', of: idx, reason: 'not-redeemed', recipient: program.recipient }]);
});

test('after 55 seconds it is still good', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  await age(idx, 55);
  expect(outcomesOf(await gate.redeem(idx))).toEqual(['provided']);
});

const suspend = (path: () => string) => async () => must(await town.board(`${path()}/suspension`));

test.each<[what: string, reason: string, change: () => Promise<unknown>]>([
  ['the consent is withdrawn', 'consent-withdrawn', async () => must(await town.withdraw(resident, consentId))],
  [
    'the consent is paused',
    'consent-paused',
    () => town.admin.query(`UPDATE azukari.consent SET state = 'paused' WHERE id = $1`, [consentId]),
  ],
  [
    'the consent ends',
    'consent-expired',
    () =>
      town.admin.query(
        `UPDATE azukari.consent SET given_at = given_at - interval '1 day', ends_at = clock_timestamp() WHERE id = $1`,
        [consentId],
      ),
  ],
  [
    'a smaller consent takes its place',
    'no-consent',
    () =>
      town.admin.query(`UPDATE azukari.consent SET items = '{care.prevention/health.vitals}' WHERE id = $1`, [
        consentId,
      ]),
  ],
  ['a new consent takes its place', 'no-consent', () => town.give(resident, program)],
  ['the program is suspended', 'program-not-active', suspend(() => `programs/${program.id}`)],
  [
    'the program ends',
    'program-not-active',
    () =>
      town.admin.query(
        `UPDATE azukari.program SET starts_at = starts_at - interval '1 year', ends_at = clock_timestamp() WHERE id = $1`,
        [program.id],
      ),
  ],
  ['the recipient is suspended', 'recipient-not-active', suspend(() => `recipients/${program.recipient}`)],
])(
  'when %s between entry and redemption, nothing is handed over and exactly one void entry says so',
  async (_what, reason, change) => {
    const { idx, entry } = await gate.grant(anItem(program, pairwiseId));
    await change();
    const lines = await town.linesOf(async () => {
      const rows = await gate.redeem(idx);
      expect(rows).toMatchObject([{ outcome: reason, sealed: null }]);
      expect(outcomesOf(await gate.redeem(idx))).toEqual(['already-used']);
    });
    expect(lines).toMatchObject([{ t: 'void', of: idx, reason, tag: (JSON.parse(entry) as { tag: string }).tag }]);
    if (reason === 'recipient-not-active') must(await town.board(`recipients/${program.recipient}/resumption`));
  },
);

test('a batch with one fallen grant hands over the others', async () => {
  const other = await town.give(town.resident(1), program);
  const [good, fallen] = [
    await gate.grant(anItem(program, pairwiseId)),
    await gate.grant(anItem(program, other.pairwiseId)),
  ];
  must(await town.withdraw(town.resident(1), other.consentId));
  const rows = await gate.redeem(good.idx, fallen.idx);
  const outcomes = new Map(
    rows.filter(({ outcome }) => outcome !== 'record').map(({ entry_idx, outcome }) => [entry_idx, outcome]),
  );
  expect(outcomes).toEqual(
    new Map([
      [good.idx, 'provided'],
      [fallen.idx, 'consent-withdrawn'],
    ]),
  );
  expect(rows.filter(({ outcome, entry_idx }) => outcome === 'record' && entry_idx === fallen.idx)).toEqual([]);
});

test('sweepers at work together void each abandoned grant once', async () => {
  const granted = await gate.append(Array.from({ length: 30 }, () => anItem(program, pairwiseId)));
  const lines = await town.linesOf(async () => {
    for (const { idx } of granted) await age(idx, 61);
    const sweeps = await Promise.all(Array.from({ length: 6 }, () => gate.sweep(20)));
    const voided = sweeps.reduce((sum, own) => sum + own, 0);
    // The service's own sweeper may have taken a share.
    expect(voided).toBeLessThanOrEqual(30);
    await gate.sweep();
  });
  const voids = lines.filter(({ t }) => t === 'void');
  expect(voids.map(({ of }) => of).sort()).toEqual(granted.map(({ idx }) => idx).sort());
  expect(new Set(voids.map(({ reason }) => reason))).toEqual(new Set(['not-redeemed']));
});

/** What the tests before have left waiting. */
const nothingWaits = async () => {
  await town.admin.query("UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'");
  await sweptTo();
};
/** Whoever sweeps moves the mark over what was closed before, so the second time over what was closed by the first. */
const sweptTo = async () => {
  for (let time = 0; time < 2; time += 1) {
    await gate.sweep();
  }
  const { rows } = await town.admin.query<{ swept: number }>('SELECT swept FROM azukari.grant_sweep');
  return rows[0]!.swept;
};

test('the sweep goes on from the first grant that waits, or from the end of the log, and passes over none', async () => {
  await nothingWaits();
  const used = await gate.grant(anItem(program, pairwiseId));
  const [waiting, later] = await gate.append([anItem(program, pairwiseId), anItem(program, pairwiseId)]);
  await gate.untilPublished(later!.idx);
  await gate.redeem(used.idx);
  expect(await sweptTo()).toBe(waiting!.idx);
  const lines = await town.linesOf(async () => {
    await age(later!.idx, 61);
    expect(await sweptTo()).toBe(waiting!.idx);
  });
  expect(lines).toMatchObject([{ t: 'void', of: later!.idx, reason: 'not-redeemed' }]);
  await gate.redeem(waiting!.idx);
  expect(await sweptTo()).toBe(await town.logSize());
});

test('a grant that bears a time to come, for the clock was set back, is void and does not hold up the sweep', async () => {
  await nothingWaits();
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  const lines = await town.linesOf(async () => {
    await age(idx, -3_600);
    expect(await sweptTo()).toBe(await town.logSize());
  });
  expect(lines).toMatchObject([{ t: 'void', of: idx, reason: 'not-redeemed' }]);
});

test('nothing is redeemed before its record for the law is committed: not without it, nor in the same transaction, nor behind a savepoint', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  expect(await gate.redeemRecorded(idx)).toMatchObject([{ outcome: 'not-recorded', sealed: null }]);
  const reader = await gate.pool.connect();
  try {
    for (const [before, after] of [
      ['BEGIN', ''],
      ['BEGIN; SAVEPOINT recorded', 'RELEASE SAVEPOINT recorded'],
    ] as const) {
      await reader.query(before);
      await reader.query('SELECT azukari.record_provisions($1::bigint[])', [[idx]]);
      await reader.query(after);
      const { rows } = await reader.query('SELECT * FROM azukari.redeem_grants($1::bigint[])', [[idx]]);
      expect(rows).toMatchObject([{ outcome: 'not-recorded', records: null }]);
      await reader.query('ROLLBACK');
    }
  } finally {
    reader.release();
  }
  expect(outcomesOf(await gate.redeem(idx))).toEqual(['provided']);
});

describe('who reads and takes the transaction back has read: the provision stands, is recorded, and never becomes void', () => {
  test.each<[what: string, outcome: string, change: (idx: number) => Promise<unknown>]>([
    ['the minute passes and the grant is swept', 'already-used', (idx) => sweepAged(idx)],
    ['the minute passes and it is redeemed', 'not-redeemed', (idx) => age(idx, 61)],
    ['the consent is withdrawn', 'consent-withdrawn', async () => must(await town.withdraw(resident, consentId))],
    ['it is redeemed once more', 'provided', () => Promise.resolve()],
  ])('when %s', async (_what, outcome, change) => {
    const { idx } = await gate.grant(anItem(program, pairwiseId));
    await gate.record(idx);
    const reader = await gate.pool.connect();
    try {
      await reader.query('BEGIN');
      const { rows } = await reader.query('SELECT * FROM azukari.redeem_grants($1::bigint[])', [[idx]]);
      expect(rows).toMatchObject([{ outcome: 'provided', records: expect.any(String) as string }]);
      await reader.query('ROLLBACK');
    } finally {
      reader.release();
    }
    const lines = await town.linesOf(async () => {
      await change(idx);
      expect(outcomesOf(await gate.redeem(idx))).toEqual([outcome]);
    });
    expect(lines.filter(({ of }) => of === idx)).toEqual([]);
    const { rows } = await town.admin.query(
      `SELECT g.entry_idx IS NULL AS used, v.entry_idx IS NOT NULL AS void, octet_length(r.sealed) > 0 AS recorded
       FROM statutory.provision_record r LEFT JOIN azukari.provision_grant g USING (entry_idx)
       LEFT JOIN azukari.provision_void v USING (entry_idx) WHERE entry_idx = $1`,
      [idx],
    );
    expect(rows).toEqual([{ used: true, void: false, recorded: true }]);
  });

  async function sweepAged(idx: number): Promise<void> {
    await age(idx, 61);
    await gate.sweep();
  }
});

test('a sweeper waits for nobody who is recording, and does not void what they record', async () => {
  const [granted] = await gate.append([anItem(program, pairwiseId)]);
  const { idx } = granted!;
  await gate.untilPublished(idx);
  // Fresh when it is recorded, stale a moment later.
  await age(idx, 59.5);
  const recorder = await gate.pool.connect();
  const lines = await town.linesOf(async () => {
    try {
      await recorder.query('BEGIN');
      await recorder.query('SELECT azukari.record_provisions($1::bigint[])', [[idx]]);
      await new Promise((resolve) => setTimeout(resolve, 700));
      await gate.sweep();
      await recorder.query('COMMIT');
    } finally {
      recorder.release();
    }
    await gate.sweep();
  });
  const { rows } = await town.admin.query<{ recorded: boolean }>(
    'SELECT EXISTS (SELECT FROM statutory.provision_record WHERE entry_idx = $1) AS recorded',
    [idx],
  );
  // On a slow machine it may have been stale before it could be recorded; then it is void, and has no record.
  expect(lines.filter(({ of }) => of === idx)).toHaveLength(rows[0]!.recorded ? 0 : 1);
});

test('each provision that took place has its record for the law, sealed, kept three years; one that did not has none', async () => {
  const [provided, fallen] = [
    await gate.grant(anItem(program, pairwiseId)),
    await gate.grant(anItem(program, pairwiseId)),
  ];
  await gate.redeem(provided.idx);
  must(await town.withdraw(resident, consentId));
  await gate.redeem(fallen.idx);
  const { rows } = await town.admin.query(
    `SELECT entry_idx, recipient_id, keep_until >= current_date + interval '3 years' - interval '1 day' AS kept FROM statutory.provision_record WHERE entry_idx = ANY ($1)`,
    [[provided.idx, fallen.idx]],
  );
  expect(rows).toEqual([{ entry_idx: provided.idx, recipient_id: program.recipient, kept: true }]);
});

test('what is deposited between entry and redemption is not handed over: the records are those of the version committed to', async () => {
  const day = { from: '2026-03-01', to: '2026-03-03' };
  const deposit = async (count: number, date: string, recordId: string) =>
    must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, count, date, recordId)]));
  await deposit(1_000, '2026-03-01', 'first');
  const { rows: before } = await town.admin.query<{ version: number }>(
    `SELECT version FROM azukari.vault_version WHERE resident_id = $1 AND category = 'activity.steps'`,
    [resident.id],
  );
  const version = before[0]!.version;
  const grant = () => gate.grant(anItem(program, pairwiseId, { versions: String(version), ...day }));
  const [early, late] = [await grant(), await grant()];
  const recordsOf = async (idx: number) =>
    (await gate.redeem(idx))
      .filter(({ outcome }) => outcome === 'record')
      .sort((a, b) => a.on_date!.localeCompare(b.on_date!))
      .map(({ record_id, version: of }) => [record_id, of]);
  const first = await recordsOf(early.idx);
  expect(first).toHaveLength(1);

  await deposit(2_000, '2026-03-02', 'second');
  await deposit(1_111, '2026-03-01', 'first');

  expect(await recordsOf(late.idx)).toEqual(first);
  const now = await gate.grant(anItem(program, pairwiseId, { versions: String(version + 2), ...day }));
  expect((await recordsOf(now.idx)).map(([, of]) => of)).toEqual([version + 2, version + 1]);
});

test('a frozen log hands over nothing, not even what an older checkpoint covers; withdrawing goes on', async () => {
  const { idx } = await gate.grant(anItem(program, pairwiseId));
  await town.admin.query(`UPDATE azukari.signer_state SET frozen_at = clock_timestamp(), freeze_reason = 'a test'`);
  await expect(gate.redeem(idx)).rejects.toMatchObject({ code: 'AZ005' });
  must(await town.withdraw(resident, consentId));
  await town.admin.query(`UPDATE azukari.signer_state SET frozen_at = NULL, freeze_reason = NULL`);
  expect(outcomesOf(await gate.redeem(idx))).toEqual(['consent-withdrawn']);
});

test('what was granted of somebody who was erased is never void, also where its record is gone by now, and holds up nobody', async () => {
  const gone = town.resident(5);
  const theirs = await gate.grant(anItem(program, (await town.give(gone, program)).pairwiseId));
  const other = await gate.grant(anItem(program, pairwiseId));
  must(
    await town.http.ask(town.base, {
      ...{ method: 'POST', path: '/v1/me/erasure', headers: { cookie: gone.session } },
      body: { confirm: 'erase-everything' },
    }),
  );
  // As if the clock had run ahead by three years meanwhile.
  await town.admin.query('DELETE FROM statutory.provision_record WHERE entry_idx = $1', [theirs.idx]);
  const lines = await town.linesOf(async () => {
    expect((await gate.redeemRecorded(theirs.idx, other.idx)).map(({ outcome }) => outcome)).toEqual([
      'no-consent',
      'not-recorded',
    ]);
    await nothingWaits();
  });
  expect(lines).toMatchObject([{ t: 'void', of: other.idx }]);
  const { rows } = await town.admin.query('SELECT FROM azukari.provision_grant');
  expect(rows).toEqual([]);
});
