/**
 * A city as its operator runs it, every process by its command: `serve` without a signer, `signer`, `node`. The signer is killed and followed
 * by another; the service is restarted and they follow it; its database is put back to a backup, with the tiles and without.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFreePort } from '../../src/database/free-port.js';
import { ServedCity } from '../crash/a-served-city.js';
import { checkLogAt, readCheckpointOf, untilCovered } from '../setup/a-log-reader.js';
import { indexOf, type ReadAnswer, requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import { HttpClient } from '../setup/http-client.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const http = new HttpClient(30_000);
let directory: string;
let city: ServedCity;
let signer: ChildProcess;
let node: ChildProcess;
let nodeBase: string;
let program: WalkingProgram;
let pairwiseId: string;
let consentId: string;

beforeAll(async () => {
  directory = await aTemporaryDirectory();
  await mkdir(join(directory, 'city'), { mode: 0o700 });
  city = new ServedCity(join(directory, 'city'), await requireFreePort('127.0.0.1', 0), { AZUKARI_SIGNER: '0' });
  const nodePort = await requireFreePort('127.0.0.1', 0);
  nodeBase = `http://127.0.0.1:${nodePort}`;
  // Whoever comes first waits for the service.
  [signer, node] = await Promise.all([city.spawn(['signer']), city.spawn(['node'], { PORT: String(nodePort) })]);
  await city.start();
  program = await WalkingProgram.apply(http, city.demo);
  const given = requireStatus(await program.give(city.base, city.demo.residents[0]!), 201).json;
  [pairwiseId, consentId] = [given.pairwiseId as string, given.id as string];
}, 180_000);
afterAll(async () => {
  http.close();
  for (const child of [signer, node]) child?.kill('SIGKILL');
  await city?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** At the further node: answered only when the signer, which is another process, has signed. */
async function read(base = nodeBase) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      const token = await program.token(base);
      const answer = await program.read(base, token, pairwiseId);
      if (answer.status !== 503 || Date.now() > deadline) return answer;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(200);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

test('the processes of a city by their commands, killed, restarted, restored', async () => {
  const first = requireStatus(await read(), 200).json as unknown as ReadAnswer;
  expect(await city.said('signer')).toMatch(/^A signer of \S+ is ready; of several, one signs\.$/m);
  expect(await city.said('node')).toContain(`serves at ${nodeBase}`);

  // The signer dies, another takes over: the same history goes on.
  await end(signer, 'SIGKILL');
  signer = await city.spawn(['signer']);
  const second = requireStatus(await read(), 200).json as unknown as ReadAnswer;
  expect(indexOf(second)).toBeGreaterThan(indexOf(first));
  const earlier = [first, second].map(({ receipt }, number) => ({
    label: `receipt ${number}`,
    content: JSON.stringify(receipt),
  }));

  // The service restarts, on another port of its database: who works with it follows. Meanwhile a backup is made.
  await city.stop();
  const backup = join(directory, 'backup');
  await cp(join(city.directory, 'cluster', 'data'), backup, { recursive: true, preserveTimestamps: true });
  await city.start();
  const resident = city.demo.residents[0]!;
  requireStatus(await read(), 200);
  requireStatus(await program.withdraw(city.base, resident, consentId), 200);
  expect((await read()).code).toBe('consent-withdrawn');
  const report = await checkLogAt(city.base, city.demo.log, { receipts: earlier, now: new Date() });
  expect(report.findings).toEqual([]);

  // Both end cleanly when told to.
  expect([await end(signer, 'SIGTERM'), await end(node, 'SIGTERM')]).toEqual([0, 0]);
  await city.stop();
  const mirror = join(directory, 'mirror');
  await cp(join(city.directory, 'tiles'), mirror, { recursive: true });

  // The database is put back, and the tiles are lost: nothing is served, the exit code says so, and the sentence what to do.
  const putBack = async () => {
    await rm(join(city.directory, 'cluster', 'data'), { recursive: true });
    await cp(backup, join(city.directory, 'cluster', 'data'), { recursive: true, preserveTimestamps: true });
  };
  await putBack();
  await rm(join(city.directory, 'tiles'), { recursive: true });
  expect(await city.run('serve')).toBe(1);
  expect(await city.errors()).toMatch(
    /azukari: the database is older than its log .* azukari restore --from <directory>/,
  );
  expect(await city.run('restore')).toBe(1);
  expect(await city.run('restore', '--from', mirror)).toBe(0);
  expect(await city.said('restore')).toMatch(
    /^Entries \d+ to \d+ were missing and have been taken from .*mirror again\.$/m,
  );

  // Served again, the consent is withdrawn as it was; with the tiles at hand a start does all this by itself.
  signer = await city.spawn(['signer']);
  await city.start();
  const { size } = await readCheckpointOf(city.base, city.demo.log);
  const token = await program.token(city.base);
  expect((await program.read(city.base, token, pairwiseId)).code).toBe('consent-withdrawn');
  // Its refusal is signed: so the tiles are there again.
  await untilCovered(city.base, city.demo.log, size + 1);
  await end(signer, 'SIGTERM');
  await city.stop();
  await putBack();
  signer = await city.spawn(['signer']);
  await city.start();
  expect(await city.said('serve')).toContain('it is older than its log');
  expect((await program.read(city.base, await program.token(city.base), pairwiseId)).code).toBe('consent-withdrawn');
  const restored = await checkLogAt(city.base, city.demo.log, { receipts: earlier, now: new Date() });
  expect(restored.findings).toEqual([]);
  expect(await readdir(join(city.directory, 'tiles', '2026', 'tile'))).toContain('entries');
  // Of all these starts, the founding alone has shown the tour and left its program in the register.
  expect((await city.said('serve')).match(/^The tour: /gm)).toHaveLength(1);
}, 240_000);
