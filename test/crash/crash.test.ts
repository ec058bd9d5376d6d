/**
 * Promises 2 and 11: no acknowledged write is lost in a crash, and no data leaves without its entry. The service runs as a newcomer starts
 * it; under load the server is killed with SIGKILL, PostgreSQL with SIGQUIT and a backend of it with SIGKILL, at moments that a seed chooses; after each restart
 * everything that was ever answered is held against what stands.
 */
import { join } from 'node:path';
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../src/demo/random.js';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/database/embedded-cluster.js';
import { createDatabaseIfMissing } from '../../src/database/migrate.js';
import { urlForDatabase } from '../../src/database/roles.js';
import { requireFreePort } from '../../src/database/free-port.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { ServedCity } from './a-served-city.js';
import { settle, until } from './aftermath.js';
import { examine } from './examination.js';
import { Load } from './load.js';

const isSoak = process.env.AZUKARI_SOAK === '1';
const kinds = ['server', 'database', 'both', 'backend'] as const;
const rounds = isSoak ? 40 : 4;

let directory: string;
let city: ServedCity;
beforeAll(async () => {
  directory = await aTemporaryDirectory();
  city = new ServedCity(join(directory, 'city'), await requireFreePort('127.0.0.1', 0));
  await city.start();
}, 120_000);
afterAll(async () => {
  await city?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function killBackend(of: ServedCity, load: Load): Promise<void> {
  const before = load.unavailable;
  await of.killBackend();
  await until('the server says that it cannot', () => load.unavailable > before);
  const delivered = load.deliveries.length;
  await until('data flows again', () => load.deliveries.length > delivered);
}

async function crash(kind: (typeof kinds)[number], load: Load): Promise<void> {
  switch (kind) {
    case 'server':
      await city.killServer();
      break;
    case 'database': {
      const before = load.unavailable;
      await city.quitDatabase();
      // The server lives on without its database: it says that it cannot, sends no data, and can still be stopped.
      await until('the server says that it cannot', () => load.unavailable > before);
      await pause(300);
      await city.stop();
      break;
    }
    case 'backend': {
      // Its postmaster ends, another one is started, and the server goes on by itself.
      await killBackend(city, load);
      await city.stop();
      break;
    }
    case 'both':
      await Promise.all([city.quitDatabase(), city.killServer()]);
      break;
  }
}

test(
  `${rounds} crashes under load lose nothing that was answered`,
  async () => {
    const random = new Random('crash');
    const load = await Load.on(city, 'crash');
    let voided = 0;
    for (let round = 0; round < rounds; round += 1) {
      const kind = isSoak ? random.pick(kinds) : kinds[round]!;
      const delivered = load.deliveries.length;
      await load.start();
      await until('data flows', () => load.deliveries.length > delivered);
      await pause(random.integer(500, 1_700));
      await crash(kind, load);
      await load.stop();
      await city.start();
      voided += await settle(city, load);
      expect({ round, kind, findings: await examine(city, load) }).toEqual({ round, kind, findings: [] });
      expect(load.unexpected).toEqual([]);
    }
    const { lives, deliveries, checkpoints } = load;
    const acts = lives.reduce(
      (sum, { given, withdrawn, deposited }) => sum + given.length + withdrawn.length + deposited.length,
      0,
    );
    process.stdout.write(
      `  ${rounds} crashes: ${deliveries.length} answers with data, ${acts} acts, ${checkpoints.size} checkpoints; ${voided} grants voided\n`,
    );
    expect(lives.some(({ withdrawn }) => withdrawn.length > 0)).toBe(true);
    load.http.close();
    await city.stop();
  },
  isSoak ? 3_600_000 : 240_000,
);

describe('with an external database, whose postmaster stands when a backend crashes', () => {
  let external: EmbeddedCluster;
  let served: ServedCity;
  beforeAll(async () => {
    const own = join(directory, 'external');
    await mkdir(own, { mode: 0o700 });
    // Where the city's own would be, and set as PostgreSQL is by default.
    external = await startEmbeddedCluster({
      directory: join(own, 'cluster'),
      settings: { restart_after_crash: 'on', shared_buffers: '64MB' },
    });
    await createDatabaseIfMissing(external.adminUrl, 'azukari');
    const DATABASE_URL = urlForDatabase(external.adminUrl, 'azukari');
    served = new ServedCity(own, await requireFreePort('127.0.0.1', 0), { DATABASE_URL, AZUKARI_DEMO: '1' });
    await served.start();
  }, 120_000);
  afterAll(async () => {
    await served?.stop();
    await external?.stop();
    await served?.discard();
  }, 60_000);

  test('a killed backend loses nothing that was answered, and the service goes on in the same run of the server', async () => {
    const startedAt = () =>
      served.asSuperuser(async (client) => {
        const { rows } = await client.query<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at');
        return rows[0]!.at;
      });
    const before = await startedAt();
    const load = await Load.on(served, 'external');
    await load.start();
    await until('data flows', () => load.deliveries.length > 0);
    await killBackend(served, load);
    await load.stop();
    expect(await startedAt()).toBe(before);
    await settle(served, load);
    expect(await examine(served, load)).toEqual([]);
    expect(load.unexpected).toEqual([]);
    load.http.close();
  }, 120_000);
});
