/** A first start that is killed while the demo city is founded: what was signed until then belongs to a city that never was. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFreePort } from '../../src/database/free-port.js';
import { ServedCity } from '../crash/a-served-city.js';
import { checkLogAt } from '../setup/a-log-reader.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let directory: string;
let city: ServedCity;

beforeAll(async () => {
  directory = await aTemporaryDirectory();
  await mkdir(join(directory, 'city'), { mode: 0o700 });
  city = new ServedCity(join(directory, 'city'), await requireFreePort('127.0.0.1', 0));
});
afterAll(async () => {
  await city.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function hasSigned(): Promise<boolean> {
  const names = await readdir(join(city.directory, 'tiles')).catch(() => []);
  return names.some((name) => existsSync(join(city.directory, 'tiles', name, 'checkpoint')));
}

test('the next start founds the city anew, and its log is sound', async () => {
  const port = String(await requireFreePort('127.0.0.1', 0));
  const first = await city.spawn(['serve'], { PORT: port, AZUKARI_DEMO_RESIDENTS: '200' });
  while (!(await hasSigned())) await pause(20);
  // Some entries more than the new city's log begins with.
  await pause(1_000);
  expect(existsSync(join(city.directory, 'demo.json'))).toBe(false);
  first.kill('SIGKILL');

  await city.start();
  expect(await city.said('serve')).toContain('it begins anew');
  expect((await checkLogAt(city.base, city.demo.log, { now: new Date() })).findings).toEqual([]);
}, 120_000);
