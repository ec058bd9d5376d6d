/**
 * A city whose anchor lies on another disk (AZUKARI_ANCHOR_DIRECTORY), every process by its command: who signs writes it there, and whoever asks what
 * was signed finds it there. So a database that was put back is found out by it alone.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFreePort } from '../../src/database/free-port.js';
import { peekCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { ServedCity } from '../crash/a-served-city.js';
import { checkLogAt, readCheckpointOf, untilCovered } from '../setup/a-log-reader.js';
import { WalkingProgram } from '../setup/a-walking-program.js';
import { HttpClient } from '../setup/http-client.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const http = new HttpClient(30_000);
const started: ChildProcess[] = [];
let directory: string;
let city: ServedCity;
/** The same city, its service without a signer. */
let unsigned: ServedCity;
/** And with its anchor lost. */
let lost: ServedCity;

const disk = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await aTemporaryDirectory();
  const port = await requireFreePort('127.0.0.1', 0);
  const settings = { PORT: String(port), AZUKARI_ANCHOR_DIRECTORY: disk('anchor') };
  city = new ServedCity(join(directory, 'city'), port, settings);
  unsigned = new ServedCity(city.directory, port, { ...settings, AZUKARI_SIGNER: '0' });
  lost = new ServedCity(city.directory, port, { ...settings, AZUKARI_ANCHOR_DIRECTORY: disk('empty') });
  await city.start();
}, 180_000);
afterAll(async () => {
  http.close();
  for (const child of started) child.kill('SIGKILL');
  for (const one of [lost, unsigned, city]) await one?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Entries that the anchor there covers. */
async function anchored(name: string): Promise<number> {
  return peekCheckpoint(await readFile(join(disk(name), 'checkpoint'))).size;
}

/** A few entries more; returns once they are signed. */
async function append(to = city): Promise<void> {
  const { size } = await readCheckpointOf(to.base, to.demo.log);
  await WalkingProgram.apply(http, to.demo, to.base);
  await untilCovered(to.base, to.demo.log, size + 1);
}

async function backUp(name: string): Promise<void> {
  await cp(join(city.directory, 'cluster', 'data'), disk(name), { recursive: true, preserveTimestamps: true });
}

/** The database as it was, and no tiles. */
async function putBack(name: string): Promise<void> {
  await rm(join(city.directory, 'cluster', 'data'), { recursive: true });
  await cp(disk(name), join(city.directory, 'cluster', 'data'), { recursive: true, preserveTimestamps: true });
  await rm(join(city.directory, 'tiles'), { recursive: true });
}

async function spawn(command: string, environment: Record<string, string>): Promise<ChildProcess> {
  const child = await unsigned.spawn([command], { PORT: '0', ...environment });
  started.push(child);
  return child;
}

/** A busy machine takes its time to start a process. */
async function untilSaid(command: string, sentence: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await city.said(command)).includes(sentence)) {
    if (Date.now() > deadline) throw new Error(`${command} did not say: ${sentence}`);
    await pause(50);
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return child.exitCode;
}

/** What it wrote to standard error in the meantime. */
async function errorsOf(work: () => Promise<unknown>): Promise<string> {
  const before = (await city.errors()).length;
  await work();
  return (await city.errors()).slice(before);
}

test('the service keeps its anchor where it is told, and nothing of it in the data directory', async () => {
  await append();
  const { size } = await readCheckpointOf(city.base, city.demo.log);
  expect(await anchored('anchor')).toBeGreaterThanOrEqual(size);
  expect(existsSync(join(city.directory, 'anchor'))).toBe(false);
});

test('a database that was put back is found out by this anchor alone, by the service, by restore and by key', async () => {
  await city.stop();
  await backUp('backup');
  await city.start();
  await append();
  await city.stop();
  await cp(join(city.directory, 'tiles'), disk('mirror'), { recursive: true });
  const signed = await anchored('anchor');

  await putBack('backup');
  const served = await errorsOf(async () => expect(await city.run('serve')).toBe(1));
  expect(served).toMatch(new RegExp(`^azukari: the database is older than its log .*signed were ${signed}`));
  const asked = await errorsOf(async () => expect(await city.run('key', 'list')).toBe(1));
  expect(asked).toMatch(/^azukari: the database is older than its log/);
  const restored = await errorsOf(async () => expect(await city.run('restore')).toBe(1));
  expect(restored).toContain('azukari restore --from <directory>');
  expect(await city.run('restore', '--from', disk('mirror'))).toBe(0);
  await city.start();
  await untilCovered(city.base, city.demo.log, signed + 1);
  expect((await checkLogAt(city.base, city.demo.log, { now: new Date() })).findings).toEqual([]);
}, 180_000);

test('a signer and a signing node each keep theirs where they are told; a place that cannot be written ends them', async () => {
  await city.stop();
  await cp(disk('anchor'), disk('signer'), { recursive: true });
  const [before, signer] = [
    await anchored('anchor'),
    await spawn('signer', { AZUKARI_ANCHOR_DIRECTORY: disk('signer') }),
  ];
  await unsigned.start();
  await untilSaid('signer', 'A signer of ');
  await append(unsigned);
  expect(await anchored('signer')).toBeGreaterThan(before);
  expect(await end(signer)).toBe(0);

  const signed = await anchored('signer');
  const node = await spawn('node', { AZUKARI_SIGNER: '1', AZUKARI_ANCHOR_DIRECTORY: disk('node') });
  await untilSaid('node', 'A further node of ');
  await append(unsigned);
  expect(await anchored('node')).toBeGreaterThan(signed);
  // Its place was empty, as that of a disk that is not there.
  expect(await city.said('node')).toContain(
    `there is no anchor in ${disk('node')}, though ${signed} entries were published`,
  );
  expect(await end(node)).toBe(0);
  expect([await anchored('anchor'), existsSync(join(city.directory, 'anchor'))]).toEqual([before, false]);

  for (const command of ['signer', 'node']) {
    const said = await errorsOf(async () => {
      const child = await spawn(command, { AZUKARI_SIGNER: '1', AZUKARI_ANCHOR_DIRECTORY: '/proc/azukari' });
      expect(await once(child, 'exit')).toEqual([1, null]);
    });
    expect(said).toMatch(/^azukari: the log's anchor cannot be written: .*\/proc\/azukari.*AZUKARI_ANCHOR_DIRECTORY$/m);
  }
}, 180_000);

test('pointed at an empty place it is begun anew, which is said; then nothing here knows that the database was put back', async () => {
  await unsigned.stop();
  await putBack('backup');
  await lost.start();
  const { size } = await readCheckpointOf(lost.base, lost.demo.log);
  expect(size).toBeLessThan(await anchored('anchor'));
  expect(await anchored('empty')).toBeGreaterThanOrEqual(size);
  expect(await city.said('serve')).toContain(`there is no anchor in ${disk('empty')}, though`);
  await lost.stop();
}, 120_000);
