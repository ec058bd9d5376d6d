/** A city that the benchmark seeds in bulk is one that the product itself accepts: its log verifies, its residents and recipients find all in order. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compactVerify, importJWK, type JWK } from 'jose';
import { Connections, requireStatus } from '../../bench/connections.js';
import { type BenchCity, foundBenchCity } from '../../bench/found-city.js';
import { Load } from '../../bench/load.js';
import { openPool } from '../../src/database/pool.js';
import { type RunningService, startService } from '../../src/service.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { directoryReader } from '../../src/transparency-log/directory-reader.js';
import { PublicationService } from '../../src/transparency-log/publication.service.js';
import { tilesOfLog } from '../../src/transparency-log/signer/tile-directory.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { both } from '../setup/check-log.js';
import { checked } from '../setup/checked-logs.js';
import { optionsFor } from '../setup/demo-city.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const [residents, records, logEntries] = [30, 2, 200];

let databases: FreshCity;
let directory: string;
let service: RunningService;
let city: BenchCity;
let connections: Connections;

beforeAll(async () => {
  databases = await aFreshCity();
  directory = await aTemporaryDirectory();
  const places = ['keys', 'journal', 'anchor', 'tiles'].map((name) => join(directory, name));
  for (const place of places) await mkdir(place, { mode: 0o700 });
  const [keysDirectory, journalDirectory, anchorDirectory, tilesDirectory] = places as [string, string, string, string];
  const directories = { keysDirectory, journalDirectory, anchorDirectory, tilesDirectory };
  service = await startService(optionsFor(databases, directories));
  city = await foundBenchCity(service.app, service.pool, {
    ...{ residents, records, signedIn: 2, logEntries, ownerUrl: databases.adminUrl },
  });
  connections = new Connections(service.address);
});

afterAll(() => {
  connections.close();
  const expectSound = async () => {
    const { rows } = await service.pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
    await service.app.get(PublicationService, { strict: false }).covering(rows[0]!.size - 1);
    await service.stop();
    const { logOrigin: origin } = service.city;
    const trust = { origin, logKeys: [parseVerifierKey(service.logVkey)] };
    const { findings, size } = checked(
      await checkLog(directoryReader(tilesOfLog(join(directory, 'tiles'), origin)), trust),
    );
    expect({ findings, size }).toEqual({ findings: [], size: rows[0]!.size });
  };
  return both(expectSound, () => databases.drop());
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<string> {
  return requireStatus(await connections.send('GET', path, headers), 200);
}

async function verify(...args: string[]): Promise<string> {
  const printed: string[] = [];
  const code = await runVerify([...args, '--vkey', service.logVkey], { stdout: (text) => void printed.push(text) }, {});
  return `${code} ${printed.join('')}`;
}

test('the log is as long as wanted and verifies, index included', async () => {
  expect(city.log.entries).toBeGreaterThanOrEqual(logEntries);
  expect(await verify('log', join(directory, 'tiles'))).toMatch(`ok: all ${city.log.entries} entries`);
  expect(await verify('index', join(directory, 'tiles'))).toMatch(/^0 .*ok: every index and rollup follows/s);
});

test('a resident sees each past provision with a receipt that verifies, and proves at home that the list is complete', async () => {
  const headers = { cookie: city.signedIn[0]!.session };
  const { uses } = JSON.parse(await ask('/v1/me/uses', headers)) as { uses: { index: number; entry: { t: string } }[] };
  const provisions = uses.filter(({ entry }) => entry.t === 'provision');
  expect(provisions).toHaveLength(10);
  const trust = { origin: service.city.logOrigin, logKeys: [parseVerifierKey(service.logVkey)] };
  for (const { index } of provisions) {
    const receipt: unknown = JSON.parse(await ask(`/v1/me/uses/${index}/receipt`, headers));
    const { pairwiseId } = city.signedIn[0]!;
    expect(verifyReceipt(receipt, trust, { program: city.program, pairwiseId }).ok).toBe(true);
  }
  expect(await ask('/my/uses', headers)).toContain(city.program);
  expect(JSON.parse(await ask('/v1/me/completeness', headers))).toMatchObject({
    unlisted: [],
    foreign: [],
    isProved: true,
  });
  const [file, key] = [join(directory, 'completeness.json'), join(directory, 'key.json')];
  await writeFile(file, await ask('/v1/me/completeness-file', headers));
  await writeFile(key, await ask('/v1/me/identifier-key', headers));
  const subject = await verify('subject', file, '--key-file', key);
  expect(subject).toMatch(/^0 /);
  for (const { index } of provisions) expect(subject).toMatch(new RegExp(`^ {2}entry ${index}, .*: provision`, 'm'));
});

test('each resident has a consent with a signed receipt, and all records can be read by the recipient', async () => {
  const { keys } = JSON.parse(await ask('/.well-known/azukari-receipt-keys')) as { keys: JWK[] };
  const key = await importJWK(keys[0]!, 'EdDSA');
  const admin = openPool({ url: databases.adminUrl, size: 1, applicationName: 'seeded city test' });
  try {
    const { rows } = await admin.query<{ receipt: string; state: string }>(
      'SELECT receipt, state FROM azukari.consent',
    );
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: residents }, () => 'active'));
    for (const { receipt } of rows) await compactVerify(receipt, key);
    const statutory = await admin.query('SELECT FROM statutory.provision_record');
    const { rows: counted } = await admin.query<{ count: number }>(
      `SELECT count(*) AS count FROM azukari.log_entry WHERE starts_with(entry, '{"v":1,"t":"provision",')`,
    );
    expect(statutory.rowCount).toBe(counted[0]!.count);
  } finally {
    await admin.end();
  }
  const { publicUrl, city: own, logVkey, address } = service;
  const load = new Load(connections, { ...address, publicUrl, log: { origin: own.logOrigin, vkey: logVkey } }, city);
  expect((await load.bulk(1, residents)).residents).toBe(residents);
  await load.signIn();
  for (const pairwiseId of city.pairwiseIds) {
    const { path, headers } = load.aRead(pairwiseId);
    expect((JSON.parse(await ask(path, headers)) as { records: unknown[] }).records).toHaveLength(records);
  }
});
