/**
 * The benchmark itself, very short: that it runs from an empty directory to its table, and that what it measured was right: every answer is
 * checked while it is measured, and the log of each city is verified at the end. No speed is asserted.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Figures, tableOf } from '../../bench/report.js';

const script = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function runBench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 240_000 };
    execFile(process.execPath, ['--no-warnings', script, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

test('the benchmark brings its own databases, measures service and floor in a city of the size wanted, checks every answer and writes the figures', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azukari-bench-test-'));
  try {
    const out = join(directory, 'deep', 'figures.json');
    const { code, stdout, stderr } = await runBench('--smoke', '--sizes', '20:150', '--out', out);
    expect([code, stderr]).toEqual([0, expect.stringContaining('warming up')]);
    const figures = JSON.parse(await readFile(out, 'utf8')) as Figures;
    const city = figures.cities[0]!;
    expect([city.residents, city.logEntries >= 150]).toEqual([20, true]);
    expect(city.turns.map(({ inFlight }) => inFlight)).toEqual([1, 8]);
    for (const { service, floor, floorReads, cost } of city.turns) {
      const measured = [service.count, service.p50Ms, floor.done, floorReads.count, cost.serviceMs, cost.generatorMs];
      expect(measured.map((value) => value > 0)).toEqual(measured.map(() => true));
    }
    expect(city.bulk?.residents).toBe(20);
    expect(city.withdrawals?.count).toBe(2);
    expect([city.answers?.give.count, city.answers?.withdraw.count]).toEqual([2, 2]);
    const { tokens, homePages, usesPages, consentsPages, deliveries, nodes, memory, storage } = city;
    const counts = [tokens, homePages, usesPages, consentsPages, deliveries].map((loop) => loop!.count);
    const more = [
      nodes![0]!.several[0]!.count,
      nodes![1]!.one[0]!.count,
      memory!.reads,
      memory!.peakMiB,
      storage!.walBytes,
    ];
    expect([...counts, ...more].filter((value) => !(value > 0))).toEqual([]);
    expect(storage!.tableBytes['azukari.log_entry']).toBeGreaterThan(0);
    expect(city.ownLog!.entries).toBeGreaterThan(city.logEntries);
    expect(figures.frontier!.map(({ entries }) => entries)).toContain(10_000_000);
    expect(await readFile(join(directory, 'deep', 'figures.svg'), 'utf8')).toMatch(/^<svg .*8 in flight, ratio/s);
    expect(figures.machine.postgres).toMatch(/^1[5-9]|^[2-9]/);
    expect(stdout).toMatch(/^ {2} {2}ratio +\d\.\d{3}$/m);
    const [once, twice] = [city, { ...city, name: 'twice', residents: 40 }];
    const compared = tableOf({ ...figures, cities: [once, twice] });
    expect(compared).toMatch(/^ +20:150 +twice +last \/ first$/m);
    expect(compared).toMatch(/^ {2}residents +20 +40 +2\.00$/m);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 250_000);

test.each([
  [['--seconds', '60'], '--seconds'],
  [['--residents', 'many'], '--residents'],
  [['--in-flight', '0'], '--in-flight'],
  [['--sizes', 'small,enormous'], '--sizes'],
  [['--only', 'reads,dreams'], 'dreams'],
  [['--fast'], '--fast'],
])('asked for %p it says what is wrong and measures nothing', async (args, named) => {
  const { code, stdout, stderr } = await runBench(...args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(named);
  expect(stderr).toContain('usage:');
});
