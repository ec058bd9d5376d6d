/**
 * `npm run bench`: the figures of the README, from one run. It brings its own database, runs one node of the service in a process of its own,
 * and drives it over HTTP from this one; service and floor take turns, so that a disturbance meets both. See docs/performance.md for what
 * the figures mean. Nothing is asserted but that every answer is right.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asAdmin } from '../src/database/migrate.js';
import { chartOf } from './chart.js';
import { Child } from './child-process.js';
import { Connections } from './connections.js';
import { type CpuTimes, linesOf } from './cpu-profile.js';
import { type BenchDatabases, openBenchDatabases } from './databases.js';
import type { AppendPlan, AppendResult, FloorPlace, FloorResult } from './floor-process.js';
import type { BenchCity, FoundingPlan } from './found-city.js';
import type { LoopResult } from './closed-loop.js';
import { Load, readSteps } from './load.js';
import { describeMachine, postgresCpuSeconds } from './machine.js';
import { type BenchOptions, readOptions, usage } from './options.js';
import { resetStatements, statementTimes } from './profile.js';
import { type AppendFigures, type Figures, tableOf, type Turn } from './report.js';
import { ResidentsLoad } from './residents-load.js';
import type { ServiceAddress, ServicePlace } from './service-process.js';
import { SourcesLoad } from './sources-load.js';
import { measureVerifyLog } from './verify-log.js';

const latest = fileURLToPath(new URL('../../bench/results/latest.json', import.meta.url));
const readers = 50;
const othersInFlight = 8;
const appendBatch = 64;

/** What a run holds; `stop` ends all of it. */
interface Bench {
  options: BenchOptions;
  databases: BenchDatabases;
  service: Child;
  floor: Child;
  connections: Connections;
  city: BenchCity;
  load: Load;
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function bench(options: BenchOptions): Promise<void> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  try {
    const databases = await openBenchDatabases(options.isProfile);
    closers.push(databases.stop);
    const { city, address } = await foundAndCopy(databases, options);
    const service = Child.start('./service-process.js');
    closers.push(() => service.stop());
    const floor = Child.start('./floor-process.js');
    closers.push(() => floor.stop());
    const running = await service.ask<ServiceAddress>('start', placeOf(databases, address.port));
    await floor.ask('start', floorPlaceOf(databases, running, city));
    const connections = new Connections(running);
    closers.push(() => connections.close());
    const load = new Load(connections, running, city);
    const own = { options, databases, service, floor, connections, city, load };
    if (options.isSteps) await steps(own);
    else if (options.isProfile) await profile(own);
    else await report(await measure(own), options.out ?? latest);
  } finally {
    await stop();
  }
}

/** The floor's copy is taken while nobody is connected, so the founding has a service of its own. */
async function foundAndCopy(databases: BenchDatabases, { residents, records, withdrawals }: BenchOptions) {
  say(`founding a city of ${residents} residents …`);
  const founder = Child.start('./service-process.js');
  try {
    const address = await founder.ask<ServiceAddress>('start', placeOf(databases, 0));
    const plan: FoundingPlan = { residents, records, signedIn: Math.min(withdrawals, 20) };
    const city = await founder.ask<BenchCity>('found', plan);
    await founder.stop();
    await databases.copyForFloor();
    return { city, address };
  } finally {
    await founder.stop();
  }
}

function placeOf({ directory, service }: BenchDatabases, port: number): ServicePlace {
  return {
    ...{ ...service, port, keysDirectory: join(directory, 'keys') },
    ...{ journalDirectory: join(directory, 'journal'), anchorDirectory: join(directory, 'anchor') },
    tilesDirectory: join(directory, 'tiles'),
  };
}

function floorPlaceOf({ directory, floor }: BenchDatabases, { log }: ServiceAddress, city: BenchCity): FloorPlace {
  return { ...floor, directory, origin: log.origin, purpose: city.purpose, category: city.category };
}

async function measure(own: Bench): Promise<Figures> {
  const { options, databases, service } = own;
  const machine = describeMachine(databases.postgres);
  await warmUp(own);
  const turns: Turn[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const inFlight of options.inFlight) turns.push(await takeTurn(own, inFlight, round));
  }
  const others = options.isReadsOnly ? {} : await measureOthers(own);
  const { residentMiB } = await service.ask<{ residentMiB: number }>('usage');
  return {
    ...{ takenAt: new Date().toISOString(), machine },
    city: {
      ...{ residents: options.residents, recordsPerRead: options.records },
      ...{ windowSeconds: options.seconds, rounds: options.rounds },
    },
    ...{ turns, ...others, serviceResidentMiB: residentMiB },
    logEntries: await logSize(databases.adminUrl),
  };
}

async function measureOthers(own: Bench) {
  const { options, load, connections, city } = own;
  const residents = new ResidentsLoad(connections, city, load);
  const sources = new SourcesLoad(connections, city);
  say('tokens …');
  const tokens = await load.tokens(othersInFlight, options.seconds);
  say('bulk …');
  const bulk = await load.bulk(options.bulkCalls);
  say('pages …');
  const pages = await residents.pages(othersInFlight, options.seconds);
  say('answers …');
  const answers = await residents.answers(options.withdrawals);
  say(`withdrawals under ${readers} readers …`);
  const withdrawals = await residents.withdrawals(readers, options.withdrawals);
  // Last, because from here on a read of everything has more to read.
  say('deliveries …');
  const deliveries = await sources.deliveries(2, options.seconds);
  const appends = await measureAppends(own);
  say(`verifying ${options.verifyEntries} entries …`);
  const verify = measureVerifyLog(options.verifyEntries, 1);
  return { tokens, bulk, pages, answers, withdrawals, deliveries, appends, verify };
}

/** The append alone, through the gate and bare, at the log's present length and at longer ones. */
async function measureAppends({ options, floor, databases }: Bench): Promise<AppendFigures[]> {
  const { ownerUrl } = databases.floor;
  const plan: AppendPlan = { seconds: options.seconds, batch: appendBatch, ownerUrl };
  const figures: AppendFigures[] = [];
  for (const wanted of [0, ...options.logSizes]) {
    if (wanted > 0) {
      say(`growing the log to ${wanted} entries …`);
      await floor.ask('grow', { size: wanted, ownerUrl });
    }
    say('appends …');
    const logEntries = await logSize(ownerUrl);
    figures.push({ logEntries, ...(await floor.ask<AppendResult>('runAppends', plan)) });
  }
  return figures;
}

async function warmUp({ options, load, floor }: Bench): Promise<void> {
  say('warming up …');
  // A service that has run for a while is what is measured: until then a good part of its time goes into compiling itself.
  await load.reads(64, options.warmUpSeconds, 0);
  await floor.ask('runStatements', { inFlight: 16, seconds: options.warmUpSeconds / 2 });
}

async function takeTurn(own: Bench, inFlight: number, round: number): Promise<Turn> {
  const { options, load, floor, service, databases } = own;
  const { seconds } = options;
  // The warm-up of the window: it also tells how many proofs to sign beforehand.
  const { perSecond } = await load.reads(inFlight, seconds / 8, 0);
  const before = await usageOf(service, databases);
  const measured = await load.reads(inFlight, seconds, perSecond);
  const after = await usageOf(service, databases);
  const floorBefore = await usageOf(floor, databases);
  const floorResult = await floor.ask<FloorResult>('runStatements', { inFlight, seconds });
  const floorAfter = await usageOf(floor, databases);
  const floorReads = await floor.ask<LoopResult>('runReads', { inFlight, seconds: seconds / 2 });
  say(
    `round ${round}, ${String(inFlight).padStart(2)} in flight: ${measured.perSecond.toFixed(0)} reads/s, floor ${floorResult.perSecond.toFixed(0)}/s`,
  );
  const each = (from: number | null, to: number | null, count: number) =>
    from === null || to === null ? null : ((to - from) / count) * 1000;
  return {
    ...{ inFlight, round, service: measured, floor: floorResult, floorReads },
    cost: {
      serviceMs: each(before.process, after.process, measured.count)!,
      generatorMs: each(before.generator, after.generator, measured.count)!,
      postgresMs: each(before.postgres, after.postgres, measured.count),
    },
    floorCost: {
      clientMs: each(floorBefore.process, floorAfter.process, floorResult.done)!,
      postgresMs: each(floorBefore.postgres, floorAfter.postgres, floorResult.done),
    },
  };
}

async function usageOf(child: Child, { postmasterPid }: BenchDatabases) {
  const { user, system } = process.cpuUsage();
  return {
    process: (await child.ask<{ cpuSeconds: number }>('usage')).cpuSeconds,
    generator: (user + system) / 1e6,
    postgres: await postgresCpuSeconds(postmasterPid),
  };
}

async function logSize(adminUrl: string): Promise<number> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ size: string }>('SELECT size FROM azukari.log_state');
    return Number(rows[0]!.size);
  });
}

/** Reads at one concurrency, then the stream over all residents, then tokens. */
async function profile(own: Bench): Promise<void> {
  const { options, load } = own;
  const inFlight = options.inFlight.at(-1)!;
  const { perSecond: expected } = await load.reads(inFlight, options.seconds, 0);
  await profileOf(own, `${inFlight} reads in flight`, async () => {
    const { count, perSecond } = await load.reads(inFlight, options.seconds, expected);
    return { count, perSecond };
  });
  await profileOf(own, 'one stream', async () => {
    const { residents: count, perSecond } = await load.bulk(options.bulkCalls);
    return { count, perSecond };
  });
  await profileOf(own, `${othersInFlight} access tokens in flight`, async () => {
    const { count, perSecond } = await load.tokens(othersInFlight, options.seconds);
    return { count, perSecond };
  });
}

/** Processor time of each step, for the service and for PostgreSQL. */
async function steps({ options, load, service, databases }: Bench): Promise<void> {
  const inFlight = options.inFlight.at(-1)!;
  await load.stepsOf('all records', inFlight, options.seconds);
  process.stdout.write(`${inFlight} in flight, processor ms for each request up to and with this step\n`);
  for (const step of readSteps) {
    await load.stepsOf(step, inFlight, options.seconds / 4);
    const before = await usageOf(service, databases);
    const { count, perSecond } = await load.stepsOf(step, inFlight, options.seconds);
    const after = await usageOf(service, databases);
    const each = (from: number | null, to: number | null) =>
      from === null || to === null ? '–' : (((to - from) / count) * 1000).toFixed(3);
    const costs = `service ${each(before.process, after.process)}, PostgreSQL ${each(before.postgres, after.postgres)}`;
    process.stdout.write(`  ${step.padEnd(18)}${costs}, ${perSecond.toFixed(0)} a second\n`);
  }
}

async function profileOf(
  { databases, service }: Bench,
  name: string,
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
  process.stdout.write(`${lines.join('\n')}\n\n\n`);
}

async function report(figures: Figures, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(file.replace(/(\.json)?$/, '.svg'), chartOf(figures));
  process.stdout.write(`\n${tableOf(figures)}`);
}

try {
  await bench(readOptions(process.argv.slice(2)));
} catch (error) {
  const isMisused = error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(isMisused ? `${(error as Error).message}\n\n${usage}` : `${(error as Error).stack}\n`);
  process.exitCode = 1;
}
