/** Where the time of one city's service goes: by function and statement, or by step of a read. Printed, and not comparable with other runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BenchedCity } from './benched-city.js';
import { type CpuTimes, linesOf } from './cpu-profile.js';
import { flameGraphOf } from './flame-graph.js';
import { readSteps } from './load.js';
import type { BenchOptions } from './options.js';
import { resetStatements, statementTimes } from './profile.js';

const tokensInFlight = 8;
const inFlightMax = 64;

/** Reads at one concurrency, then the stream, then tokens. @param directory where the flame graphs go */
export async function profile(own: BenchedCity, options: BenchOptions, directory: string): Promise<void> {
  const { load } = own;
  const inFlight = Math.min(inFlightMax, options.inFlight.at(-1)!);
  const { perSecond: expected } = await load.reads(inFlight, options.seconds, 0);
  await profileOf(own, `${inFlight} reads in flight`, join(directory, 'flame-reads.svg'), async () => {
    const { count, perSecond } = await load.reads(inFlight, options.seconds, expected);
    return { count, perSecond };
  });
  await profileOf(own, 'one stream', join(directory, 'flame-bulk.svg'), async () => {
    const { residents: count, perSecond } = await load.bulk(options.bulkCalls, options.bulkResidents);
    return { count, perSecond };
  });
  await profileOf(own, `${tokensInFlight} access tokens in flight`, join(directory, 'flame-tokens.svg'), async () => {
    const { count, perSecond } = await load.tokens(tokensInFlight, options.seconds);
    return { count, perSecond };
  });
}

/** Processor time of each step, for the service and for PostgreSQL. */
export async function steps(own: BenchedCity, options: BenchOptions): Promise<void> {
  const { load, service } = own;
  const inFlight = Math.min(inFlightMax, options.inFlight.at(-1)!);
  await load.stepsOf('all records', inFlight, options.seconds);
  process.stdout.write(`${inFlight} in flight, processor ms for each request up to and with this step\n`);
  for (const step of readSteps) {
    await load.stepsOf(step, inFlight, options.seconds / 4);
    const before = await own.cpu(service);
    const { count, perSecond } = await load.stepsOf(step, inFlight, options.seconds);
    const after = await own.cpu(service);
    const each = (from: number | null, to: number | null) =>
      from === null || to === null ? '–' : (((to - from) / count) * 1000).toFixed(3);
    const costs = `service ${each(before.process, after.process)}, PostgreSQL ${each(before.postgres, after.postgres)}`;
    process.stdout.write(`  ${step.padEnd(18)}${costs}, ${perSecond.toFixed(0)} a second\n`);
  }
}

async function profileOf(
  { databases, service }: BenchedCity,
  name: string,
  flameGraph: string,
  run: () => Promise<{ count: number; perSecond: number }>,
): Promise<void> {
  await resetStatements(databases.adminUrl);
  await service.ask('startProfile');
  const { count, perSecond } = await run();
  const times = await service.ask<CpuTimes>('stopProfile');
  const lines = [
    `${name}: ${perSecond.toFixed(0)} a second, slowed by the profile`,
    ...['', ...(await statementTimes(databases.adminUrl, count))],
    ...['', 'the service by part:', ...linesOf(times.parts, count, 24)],
    ...['', 'by function, all it calls included:', ...linesOf(times.total, count, 40)],
    ...['', 'by function, itself alone:', ...linesOf(times.self, count, 50)],
  ];
  await mkdir(dirname(flameGraph), { recursive: true });
  await writeFile(flameGraph, flameGraphOf(times.flames, `The thread of the service that answers: ${name}`));
  process.stdout.write(`${lines.join('\n')}\n\nflame graph: ${flameGraph}\n\n\n`);
}
