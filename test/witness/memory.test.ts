/** A witness remembers what it cosigned before it says so, whenever it is killed; and without its memory it does not start. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { GrowingLog } from './a-growing-log.js';
import { aNewWitness, runHere, type RunningWitness, startWitness, type WitnessFiles } from './a-witness.js';

const log = new GrowingLog();
const running = new Set<RunningWitness>();
afterEach(async () => {
  for (const witness of running) await witness.kill();
  running.clear();
});

async function started(files: WitnessFiles): Promise<RunningWitness> {
  const witness = await startWitness(files, [log.vkey]);
  running.add(witness);
  return witness;
}

/** What a log finds out by asking with a size that it cannot have. */
async function sizeHeldBy(witness: RunningWitness): Promise<number> {
  const { status, body } = await witness.add(log.request(300, 300));
  return status === 409 ? Number(body) : 300;
}

const startLine = (files: WitnessFiles) => ['--listen', '127.0.0.1:0', '--key', files.keyFile, '--state', files.state];

test('killed at any moment, it holds every checkpoint that it ever cosigned, and goes on from there', async () => {
  const files = await aNewWitness('witness.example/mortal');
  let cosigned = 0;
  for (let life = 0; life < 8; life += 1) {
    const witness = await started(files);
    let held = await sizeHeldBy(witness);
    // What was remembered and never told may be one more; never less, and never what nobody asked for.
    expect(held - cosigned).toBeGreaterThanOrEqual(0);
    expect(held - cosigned).toBeLessThanOrEqual(1);
    const diesAt = held + 1 + 3 * life;
    let death = Promise.resolve();
    for (; held < 300; held += 1) {
      // Somewhere within one of the next requests.
      if (held === diesAt) death = pause(life * 2).then(() => witness.kill());
      const answer = await witness.add(log.request(held, held + 1)).catch(() => null);
      if (answer === null) break;
      expect(answer.status).toBe(200);
      cosigned = held + 1;
    }
    await death;
  }
  expect(cosigned).toBeGreaterThan(8);
  const last = await started(files);
  expect((await last.add(log.fork(cosigned - 1).request(await sizeHeldBy(last), 300))).status).toBe(422);
});

test('killed as soon as its answer is there, it remembers', async () => {
  const files = await aNewWitness('witness.example/prompt');
  for (const size of [10, 20, 30]) {
    const witness = await started(files);
    expect((await witness.add(log.request(size - 10, size))).status).toBe(200);
    await witness.kill();
  }
  const witness = await started(files);
  const hash = createHash('sha256').update(log.origin).digest('hex');
  expect((await witness.get(`/${hash}/checkpoint`)).body.startsWith(log.checkpoint(30))).toBe(true);
});

test('where it cannot remember, it does not cosign', async () => {
  const files = await aNewWitness('witness.example/forgetful');
  const witness = await started(files);
  expect((await witness.add(log.request(0, 10))).status).toBe(200);
  // Somebody else holds the file: as good as a disk that is full.
  const intruder = new DatabaseSync(join(files.state, 'witness.sqlite'));
  intruder.exec('BEGIN EXCLUSIVE');
  const answer = await witness.add(log.request(10, 20));
  expect([answer.status, answer.body.includes('—')]).toEqual([500, false]);
  intruder.exec('ROLLBACK');
  intruder.close();
  expect((await witness.add(log.request(10, 20))).status).toBe(200);
});

test('its memory refuses to shrink or to forget even for who writes into it', async () => {
  const files = await aNewWitness('witness.example/firm');
  const witness = await started(files);
  await witness.add(log.request(0, 20));
  await witness.stop();
  const database = new DatabaseSync(join(files.state, 'witness.sqlite'));
  for (const change of ['UPDATE log SET size = 10', 'UPDATE log SET root = zeroblob(32)', 'DELETE FROM log']) {
    expect(() => database.exec(change)).toThrow(/a witnessed log/);
  }
  // And who takes the rule away first is found out by the signature.
  database.exec('DROP TRIGGER a_log_never_shrinks; UPDATE log SET size = 10');
  database.close();
  await expect(started(files)).rejects.toThrow(/was not cosigned by/);
});

test('two processes on one memory: the second refuses', async () => {
  const files = await aNewWitness('witness.example/one');
  await started(files);
  const { exit, stderr } = await runHere([...startLine(files), '--log', log.vkey]);
  expect([exit, stderr]).toEqual([1, expect.stringContaining('another Azukari is running on')]);
});

describe('it does not start', () => {
  let files: WitnessFiles;
  beforeEach(async () => {
    files = await aNewWitness('witness.example/starting');
  });
  const start = (changed: Partial<WitnessFiles> = {}, args = ['--log', log.vkey]) =>
    runHere([...startLine({ ...files, ...changed }), ...args]);

  test('without its memory, for one that forgot could cosign a second history', async () => {
    await rm(join(files.state, 'witness.sqlite'));
    expect(await start()).toMatchObject({ exit: 1, stderr: expect.stringContaining('has lost its memory') as string });
  });

  test('with the memory of another', async () => {
    const other = await aNewWitness('witness.example/other');
    await copyFile(join(other.state, 'witness.sqlite'), join(files.state, 'witness.sqlite'));
    expect((await start()).stderr).toContain('the memory of another witness');
  });

  test('with a damaged memory', async () => {
    const content = await readFile(join(files.state, 'witness.sqlite'));
    await writeFile(join(files.state, 'witness.sqlite'), content.fill(0x55, 0, 200));
    expect((await start()).stderr).toContain('cannot be read');
  });

  test.each([
    ['no log', []],
    ['a log key that is none', ['--log', 'nonsense']],
    ['the key of a witness for a log', ['--log', 'WITNESS']],
    ['an unknown option', ['--fast']],
  ])('with %s', async (_what, args) => {
    const given = args.map((arg) => (arg === 'WITNESS' ? files.vkey : arg));
    expect((await start({}, given)).exit).toBeGreaterThan(0);
  });

  test('with a log’s key for its own, or none', async () => {
    const keyFile = join(await aTemporaryDirectory(), 'key');
    expect((await start({ keyFile })).stderr).toContain('there is no key');
  });
});

test('keygen overwrites neither a key nor a memory', async () => {
  const { keyFile, state } = await aNewWitness('witness.example/kept');
  const before = await readFile(keyFile, 'utf8');
  const elsewhere = join(await aTemporaryDirectory(), 'new');
  for (const [key, directory] of [
    [keyFile, elsewhere],
    [elsewhere, state],
  ]) {
    const { exit } = await runHere(['keygen', '--name', 'witness.example/kept', '--key', key!, '--state', directory!]);
    expect(exit).toBe(1);
  }
  expect(await readFile(keyFile, 'utf8')).toBe(before);
});

test('it takes its logs from a file, and stops when told to', async () => {
  const files = await aNewWitness('witness.example/listed');
  const list = join(await aTemporaryDirectory(), 'logs');
  await writeFile(list, `# the city's log\n${log.vkey}\n\n`);
  const { exit, stdout } = await runHere([...startLine(files), '--logs', list]);
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^witness witness\.example\/listed listens at http:/)]);
});
