/** What a witness says of a log can be checked by anybody, and nobody but the log can bring it about. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBase64 } from '../../src/transparency-log/base64.js';
import { GrowingLog } from './a-growing-log.js';
import { aNewWitness, type RunningWitness, startWitness, type WitnessFiles } from './a-witness.js';

const log = new GrowingLog();
let files: WitnessFiles;
let witness: RunningWitness;

beforeAll(async () => {
  files = await aNewWitness('witness.example/just');
  witness = await startWitness(files, [log.vkey]);
  expect((await witness.add(log.request(0, 100))).status).toBe(200);
});
afterAll(() => witness.stop());

const evidence = () => readdir(join(files.state, 'evidence')).catch(() => []);

test('a checkpoint that the log published, sent by anybody with a wrong proof, accuses nobody and leaves no file', async () => {
  for (let number = 0; number < 80; number += 1) {
    const proof = [toBase64(Buffer.alloc(32, number))];
    expect((await witness.add(log.request(100, number % 2 === 0 ? 100 : 120, { proof }))).status).toBe(422);
  }
  expect(await evidence()).toEqual([]);
  expect(witness.complaints).toEqual([]);
});

test.each([
  ['another root of the same size', 100, 1],
  ['a larger tree that begins otherwise', 120, 2],
])('%s is kept as evidence, once, and the file that is named is there', async (_what, size, count) => {
  const fork = log.fork(50);
  for (let time = 0; time < 3; time += 1) expect((await witness.add(fork.request(100, size))).status).toBe(422);
  expect(await evidence()).toHaveLength(count);
  const named = [...witness.complaints.join('').matchAll(/signed two histories; .* are in (\S+)\n/g)].at(-1)![1]!;
  const kept = await readFile(named, 'utf8');
  expect(kept).toContain(log.checkpoint(100));
  expect(kept).toContain(fork.checkpoint(size));
});
