/**
 * Erasing one resident of a city that has been at work for long: none of its statements walks through a table of what everybody did. Others wait for the
 * resident's locks meanwhile.
 */
import { type PlanNode, explain, type Statement } from './explained-city.js';
import { must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let told: Statement[];

const rows = 100_000;
/** Of people who are not registered: for these tables nobody need be. */
const seeded: Readonly<Record<string, string>> = {
  provision_grant: `(entry_idx, resident_id, recipient_id, program_id, program_version, consent_id, purpose, categories, versions, statutory_period,
    statutory_sealed) SELECT n, md5((n % 5000)::text)::uuid, 'r', 'p', 1, gen_random_uuid(), 'u', '{c}', '{1}', '2026-01', ''`,
  entry_detail: `(resident_id, idx, sealed) SELECT md5((n % 5000)::text)::uuid, n, '\\x00'`,
  provision_count: `(resident_id, program_id, period_start, count) SELECT md5((n % 5000)::text)::uuid, n, clock_timestamp(), 1`,
  session: `(sha256, subject_kind, subject_id, expires_at) SELECT sha256(n::text::bytea), 'resident', md5((n % 5000)::text)::uuid, clock_timestamp() + interval '1 hour'`,
  idempotency: `(subject, key, request_sha256, status, answer) SELECT 'resident:' || md5((n % 5000)::text)::uuid, n, sha256(''), 200, '{}'`,
};

beforeAll(async () => {
  town = await Town.open();
  for (const [table, values] of Object.entries(seeded)) {
    await town.admin.query(
      `INSERT INTO azukari.${table} ${values} FROM generate_series(1000000, ${1_000_000 + rows - 1}) AS n; ANALYZE azukari.${table}`,
    );
  }
  await town.admin.query(`UPDATE azukari.grant_sweep SET swept = ${1_000_000 + rows}`);
  const program = town.demoProgram('checkup-follow-up');
  const { pairwiseId } = await town.give(town.resident(), program);
  must(await (await town.reader(program)).read(pairwiseId));
  told = await explain(town);
  must(
    await town.http.ask(town.base, {
      ...{ method: 'POST', path: '/v1/me/erasure', headers: { cookie: town.resident().session } },
      body: { confirm: 'erase-everything' },
    }),
  );
}, 120_000);
afterAll(() => closeSoundly(town));

function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  yield plan;
  for (const child of plan.Plans ?? []) yield* nodesOf(child);
}

test.each(Object.keys(seeded))('%s is looked up by key', (table) => {
  const of = told.flatMap(({ text, plan }) =>
    [...nodesOf(plan)].filter((node) => node['Relation Name'] === table).map((node) => [text, node['Node Type']]),
  );
  expect(of.length).toBeGreaterThan(0);
  expect(of.filter(([, kind]) => kind === 'Seq Scan')).toEqual([]);
});
