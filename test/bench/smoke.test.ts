/** The benchmark itself, very short: that it runs from an empty directory to its table, and that what it measured was right. No speed is asserted. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures } from '../../bench/report.js';

const script = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function runBench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 110_000 };
    execFile(process.execPath, ['--no-warnings', script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

test('the benchmark brings its own database, measures service and floor, checks every answer and writes the figures', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azukari-bench-test-'));
  try {
    const out = join(directory, 'deep', 'figures.json');
    const { code, stdout, stderr } = await runBench('--smoke', '--out', out);
    expect([code, stderr]).toEqual([0, expect.stringContaining('warming up')]);
    const figures = JSON.parse(await readFile(out, 'utf8')) as Figures;
    expect(figures.turns.map(({ inFlight }) => inFlight)).toEqual([1, 8]);
    for (const { service, floor, floorReads, cost } of figures.turns) {
      const measured = [service.count, service.p50Ms, floor.done, floorReads.count, cost.serviceMs, cost.generatorMs];
      expect(measured.map((value) => value > 0)).toEqual(measured.map(() => true));
    }
    expect(figures.bulk?.residents).toBe(20);
    expect(figures.withdrawals?.count).toBe(2);
    expect([figures.answers?.give.count, figures.answers?.withdraw.count]).toEqual([2, 2]);
    for (const { count } of [figures.tokens!, figures.pages!, figures.deliveries!]) expect(count).toBeGreaterThan(0);
    expect(await readFile(join(directory, 'deep', 'figures.svg'), 'utf8')).toMatch(/^<svg .*8 in flight, ratio/s);
    expect(figures.machine.postgres).toMatch(/^1[5-9]|^[2-9]/);
    expect(stdout).toMatch(/^ {2}ratio +\d\.\d{3} +\d\.\d{3}$/m);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);

test.each([
  [['--seconds', '60'], '--seconds'],
  [['--residents', 'many'], '--residents'],
  [['--in-flight', '0'], '--in-flight'],
  [['--fast'], '--fast'],
])('asked for %p it says what is wrong and measures nothing', async (args, named) => {
  const { code, stdout, stderr } = await runBench(...args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(named);
  expect(stderr).toContain('usage:');
});
