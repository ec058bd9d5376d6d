/**
 * `npm run bench`: the figures of the README, from one run. It brings its own databases, runs one node of the service in a process of its own,
 * and drives it over HTTP from this one; service and floor take turns, so that a disturbance meets both, and so do cities of several sizes.
 * See docs/performance.md for what the figures mean. Nothing is asserted but that every answer is right.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchedCity, type Closers } from './benched-city.js';
import { chartOf } from './chart.js';
import { measure } from './measure.js';
import { type BenchOptions, readOptions, usage } from './options.js';
import { type Figures, tableOf } from './report.js';
import { profile, steps } from './studies.js';

const latest = fileURLToPath(new URL('../../bench/results/latest.json', import.meta.url));

async function bench(options: BenchOptions): Promise<void> {
  const closers: Closers = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  try {
    const cities: BenchedCity[] = [];
    for (const size of options.sizes) {
      process.stderr.write(`founding a city of ${size.residents} residents …\n`);
      cities.push(await BenchedCity.open(size, options, closers));
    }
    if (options.isSteps) await steps(cities[0]!, options);
    else if (options.isProfile) await profile(cities[0]!, options, dirname(options.out ?? latest));
    else await report(await measure(cities, options), options.out ?? latest);
  } finally {
    await stop();
  }
}

async function report(figures: Figures, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`);
  if (figures.cities[0]!.turns.length > 0) await writeFile(file.replace(/(\.json)?$/, '.svg'), chartOf(figures));
  process.stdout.write(`\n${tableOf(figures)}`);
}

try {
  await bench(readOptions(process.argv.slice(2)));
} catch (error) {
  const isMisused = error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(isMisused ? `${(error as Error).message}\n\n${usage}` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
