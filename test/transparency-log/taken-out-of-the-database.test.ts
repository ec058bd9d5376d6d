/** Whoever takes entries or tiles out of the database has a service that says so: a verifier is told that they are not there, and names them. */
import { Gate, anItem } from '../gate/gate-calls.js';
import { Town } from '../setup/a-town.js';
import { auditLog, expectSoundLog } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
  const gate = Gate.open(town);
  const program = await town.program();
  const { pairwiseId } = await town.give(town.resident(), program);
  const granted = await gate.append(Array.from({ length: 260 }, () => anItem(program, pairwiseId)));
  await gate.untilPublished(granted.at(-1)!.idx);
  await gate.pool.end();
  await expectSoundLog(town);
});
afterAll(() => town.close());

async function found(statements: string) {
  await town.admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statements}; COMMIT`);
  // Another node, which remembers no tile.
  const { base } = await town.anotherNode();
  const { findings } = await auditLog({ ...town.demo, baseUrl: base });
  const statusOf = async (path: string) =>
    (await fetch(`${base}/log/${path}`, { headers: { authorization: `Bearer ${town.demo.log.mirrorToken}` } })).status;
  return {
    findings: findings.map(({ code, place }) => `${code} at ${place}`),
    statuses: await Promise.all(['tile/entries/000', 'tile/0/000'].map(statusOf)),
  };
}

test('one entry, then all of its bundle, then the tile over them', async () => {
  expect(await found('DELETE FROM azukari.log_entry WHERE idx = 100')).toEqual({
    findings: ['entries-missing at entry 100'],
    statuses: [200, 200],
  });
  expect(await found('DELETE FROM azukari.log_entry WHERE idx < 256')).toEqual({
    findings: ['entries-missing at entries 0 to 255'],
    statuses: [404, 200],
  });
  expect(await found('DELETE FROM azukari.log_tile WHERE level = 0 AND n = 0')).toEqual({
    findings: ['entries-missing at entries 0 to 255', 'tile-missing at tile/0/000'],
    statuses: [404, 404],
  });
});
