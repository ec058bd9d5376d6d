/**
 * Keys that one node has destroyed, in the memory of another that knew them: it forgets them, also where it was not looking while the erasure was finished, and
 * where more residents were erased meanwhile than are finished at once.
 */
import { asAdmin } from '../../src/database/migrate.js';
import type { RunningService } from '../../src/service.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { ErasureService } from '../../src/vault/erasure.service.js';
import { type DemoResident, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let other: { base: string; service: RunningService };

beforeAll(async () => {
  town = await Town.open();
  other = await town.anotherNode();
});
afterAll(() => closeSoundly(town));

async function known({ id }: DemoResident): Promise<boolean> {
  return (await other.service.app.get(ResidentKeysService, { strict: false }).find([id])).has(id);
}

const goOn = ({ app }: RunningService) => app.get(ErasureService, { strict: false }).goOn();

/** Its keys are in the other node's memory. */
async function eraseKnown(resident: DemoResident): Promise<void> {
  const headers = { cookie: resident.session };
  must(await town.http.ask(other.base, { path: '/v1/me', headers }));
  const body = { confirm: 'erase-everything' };
  must(await town.http.ask(town.base, { method: 'POST', path: '/v1/me/erasure', headers, body }));
}

const passed = () => town.admin.query(`UPDATE azukari.erasure SET erased_at = erased_at - interval '3 minutes'`);

test('an erasure that was begun and finished while the node was not looking', async () => {
  await goOn(other.service);
  await eraseKnown(town.resident(0));
  await passed();
  expect(await goOn(town.city.service)).toBe(0);
  expect(await known(town.resident(0))).toBe(true);
  await goOn(other.service);
  expect(await known(town.resident(0))).toBe(false);
});

test('more erasures at once than are finished at once: what was cut short comes first, and all keys are forgotten', async () => {
  await eraseKnown(town.resident(1));
  // Only its first step was done, and so many others are waiting for their two minutes to pass.
  await asAdmin(town.city.databases.appUrl, (client) =>
    client.query('SELECT azukari.erase_resident($1, $2)', [town.resident(2).id, Buffer.alloc(32, 1)]),
  );
  await town.admin.query(`INSERT INTO azukari.erasure (resident_id, log_index, keys_destroyed_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, n, clock_timestamp() FROM generate_series(1, 99) AS n`);
  await goOn(other.service);
  expect(await known(town.resident(1))).toBe(false);
  const { rowCount } = await asAdmin(town.city.databases.keysAdminUrl, (client) =>
    client.query('SELECT FROM azukari_keys.resident_key WHERE resident_id = $1', [town.resident(2).id]),
  );
  expect(rowCount).toBe(0);
  await town.admin.query('DELETE FROM azukari.erasure WHERE log_index < 100 AND keys_destroyed_at IS NOT NULL');
});
