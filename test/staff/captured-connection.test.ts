/** Whoever has taken over the service's own connection to the database is held by the gate as staff are: no look without another's approval, an entry and a checkpoint. */
import { openPool } from '../../src/database/pool.js';
import { encodePairwiseId, pairwiseIdOf } from '../../src/kernel/pairwise-id.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { Staff } from '../setup/a-staff.js';
import { type DemoResident, Town } from '../setup/a-town.js';
import { both, closeSoundly } from '../setup/check-log.js';

let town: Town;
let staff: Staff;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  town = await Town.open();
  staff = new Staff(town);
  pool = openPool({ url: town.city.databases.appUrl, size: 2, applicationName: 'captured' });
});
afterAll(() =>
  both(
    () => pool.end(),
    () => closeSoundly(town),
  ),
);

const sessionOf = async (who: number) => {
  const { rows } = await town.admin.query<{ sha256: Buffer }>(
    'SELECT sha256 FROM azukari.session WHERE subject_id = $1',
    [town.demo.staff[who]!.id],
  );
  return rows[0]!.sha256;
};
const append = async (
  session: Buffer,
  resident: DemoResident,
  id: string,
  approvedBy = 'staff-nagai',
  versions: string | null = null,
) => {
  const { rows } = await town.admin.query<{ policy: string }>('SELECT policy FROM azukari.city');
  const text = `SELECT idx FROM azukari.append_staff_look($1, $2, $3, $4, coalesce($6, ARRAY(
    SELECT v.version FROM azukari.staff_access a, unnest(a.categories) AS c, azukari.vault_version v
    WHERE a.id = $3 AND v.resident_id = $2 AND v.category = c)), $5, sha256('x'), 'sealed')`;
  const values = [session, resident.id, id, approvedBy, rows[0]!.policy, versions];
  return (await pool.query<{ idx: number }>(text, values)).rows[0]!.idx;
};
const redeem = (session: Buffer, resident: DemoResident, idx: number) =>
  pool.query('SELECT * FROM azukari.redeem_staff_look($1, $2, $3, NULL, NULL)', [session, resident.id, idx]);

test('it reads neither what is being handed over nor any record, and writes no request', async () => {
  for (const statement of [
    'SELECT * FROM azukari.staff_look',
    `SELECT * FROM azukari.records_as_of(NULL, '{activity.steps}', '{9999}', true, NULL, NULL)`,
    `UPDATE azukari.staff_access SET is_approved = true`,
    `UPDATE azukari.resident SET units_key = sha256('x')`,
    `INSERT INTO azukari.staff_member (id, unit_id, name_ja, name_en) VALUES ('x', 'op:resident-desk', 'x', 'x')`,
    `UPDATE azukari.staff_member SET left_at = NULL`,
    `SELECT azukari.appoint_staff('x', 'op:resident-desk', 'x', 'x')`,
    `SELECT azukari.register_unit('op:x', 'x', 'x')`,
    `SELECT azukari.dismiss_staff('staff-nagai')`,
  ]) {
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  }
});

test('it gets nothing before a checkpoint covers the entry, of an entry that is none, or with another session', async () => {
  const resident = town.resident(3);
  const [session, other] = [await sessionOf(0), await sessionOf(1)];
  const id = await staff.approved(resident);
  let idx = 0;
  await town.whileNobodyPublishes(async () => {
    idx = await append(session, resident, id);
    await expect(redeem(session, resident, idx)).rejects.toMatchObject({ code: 'AZ005' });
  });
  await town.untilPublished(idx + 1);
  await expect(redeem(session, resident, 0)).rejects.toMatchObject({ code: 'AZ005' });
  await expect(redeem(other, resident, idx)).rejects.toMatchObject({ code: 'AZ005' });
  await expect(redeem(session, town.resident(4), idx)).rejects.toMatchObject({ code: 'AZ005' });
  await expect(redeem(Buffer.alloc(32), resident, idx)).rejects.toMatchObject({ code: 'AZ403' });
  expect((await redeem(session, resident, idx)).rowCount).toBeGreaterThan(0);
});

test('it looks neither in another’s name, nor at another resident, nor where somebody else had approved it than is said, nor at earlier or later records', async () => {
  const resident = town.resident(3);
  const id = await staff.approved(resident);
  await expect(append(await sessionOf(1), resident, id)).rejects.toMatchObject({ code: 'AZ403' });
  await expect(append(await sessionOf(0), town.resident(4), id)).rejects.toMatchObject({ code: 'AZ403' });
  await expect(append(await sessionOf(0), resident, id, 'staff-hosokawa')).rejects.toMatchObject({ code: 'AZ001' });
  for (const versions of ['{0}', '{9999}', '{}', '{NULL}']) {
    await expect(append(await sessionOf(0), resident, id, 'staff-nagai', versions)).rejects.toMatchObject({
      code: 'AZ409',
    });
  }
});

test.each([
  ['a minute later', `granted_at = granted_at - interval '61 seconds'`],
  ['while the clock is set back', `granted_at = granted_at + interval '61 seconds'`],
])('it gets nothing %s', async (_, change) => {
  const resident = town.resident(3);
  const session = await sessionOf(0);
  const idx = await append(session, resident, await staff.approved(resident));
  await town.untilPublished(idx + 1);
  await town.admin.query(`UPDATE azukari.staff_look SET ${change} WHERE entry_idx = $1`, [idx]);
  await expect(redeem(session, resident, idx)).rejects.toMatchObject({ code: 'AZ005' });
});

test('it gets nothing while the log is frozen, while the gate is shut, or before witnesses have cosigned what is sensitive', async () => {
  const resident = town.resident(3);
  const session = await sessionOf(0);
  const id = await staff.approved(resident, ['health.checkup']);
  const idx = await append(session, resident, id);
  await town.untilPublished(idx + 1);
  const holder = await town.admin.connect();
  try {
    for (const [change, code] of [
      [`UPDATE azukari.signer_state SET frozen_at = clock_timestamp(), freeze_reason = 'a test'`, 'AZ005'],
      [`UPDATE azukari.gate_state SET run = 'another'`, 'AZ007'],
      [`SELECT azukari.adopt_witness_policy(repeat('a', 64), 1, 60)`, 'AZ006'],
    ] as const) {
      await holder.query('BEGIN');
      await holder.query(change);
      await holder.query('SET LOCAL ROLE azukari_app');
      await expect(
        holder.query('SELECT * FROM azukari.redeem_staff_look($1, $2, $3, NULL, NULL)', [session, resident.id, idx]),
      ).rejects.toMatchObject({ code });
      await holder.query('ROLLBACK');
    }
  } finally {
    holder.release();
  }
});

test('it has every look written under the resident’s own tag, whatever it seals', async () => {
  const resident = town.resident(3);
  const idx = await append(await sessionOf(0), resident, await staff.approved(resident));
  const [line] = await town.log(idx);
  const keys = town.city.service.app.get(ResidentKeysService, { strict: false });
  const own = pairwiseIdOf((await keys.require(resident.id)).identifierKey, 'op:resident-desk');
  expect([encodePairwiseId(own).length, line!.tag]).toEqual([43, tagOf(own, String(line!.at))]);
});

test.each([
  ['a category that closes the text of an entry', `{"a\\",\\"x"}`],
  ['categories in another order', '{health.checkup,activity.steps}'],
  ['a category twice', '{activity.steps,activity.steps}'],
  ['no category', '{}'],
  ['nothing in place of a category', '{NULL}'],
  ['categories in two dimensions', '{{activity.steps,health.checkup}}'],
  ['an array that does not count from one', '[0:0]={activity.steps}'],
])('it asks for no %s', async (_, categories) => {
  const ask = pool.query(`SELECT azukari.ask_staff_access($1, gen_random_uuid(), $2, $3, 'inquiry', '')`, [
    ...[await sessionOf(0), town.resident(3).id, categories],
  ]);
  await expect(ask).rejects.toMatchObject({ code: expect.stringMatching(/^(23514|22P02|AZ001)$/) as string });
});
