/** Every scene in its order; in each, the cities take turns, so that a disturbance meets them alike. */
import { type BenchedCity, logSizeOf } from './benched-city.js';
import type { AppendPlan, AppendResult } from './append-turns.js';
import { type FrontierFigures, measureFrontier } from './frontier.js';
import { describeMachine } from './machine.js';
import { watchMemory } from './memory.js';
import type { BenchOptions } from './options.js';
import { takeTurn } from './read-turns.js';
import type { AppendFigures, CityFigures, Figures } from './report.js';
import { ResidentsLoad } from './residents-load.js';
import type { SceneName } from './scenes.js';
import type { Usage } from './service-process.js';
import { measureNodes } from './several-nodes.js';
import { SourcesLoad } from './sources-load.js';
import { median } from './statistics.js';
import { measureStorage } from './storage.js';
import { measureVerifyLog, verifyDirectory } from './verify-log.js';

const readers = 50;
const othersInFlight = 8;
const appendBatch = 64;
/** About what a service appends at once with 64 reads in flight. */
const smallBatch = 16;
const frontierSizes = [10_000, 1_000_000, 10_000_000, 1_000_000_000];
/** The pages of a resident who is signed in. */
const pages = { home: '/', uses: '/my/uses', consents: '/my/consents' } as const;

const say = (line: string) => void process.stderr.write(`${line}\n`);

type Scene = (own: BenchedCity, options: BenchOptions) => Promise<Partial<CityFigures>>;

/** What each scene adds to a city's figures; reads come first and by themselves. */
const scenes: Readonly<Record<Exclude<SceneName, 'reads'>, Scene>> = {
  nodes: async (own, { nodes, seconds, warmUpSeconds, rounds }) =>
    nodes === 1
      ? {}
      : { nodes: await measureNodes(own, { nodes, seconds, rounds, warmUpSeconds: warmUpSeconds / 2 }, [64, 256]) },
  memory: async (own, { memorySeconds }) =>
    memorySeconds === 0 ? {} : { memory: await watchMemory(own, memorySeconds) },
  storage: async (own, { seconds }) => ({ storage: await measureStorage(own, seconds) }),
  tokens: async ({ load }, { seconds }) => ({ tokens: await load.tokens(othersInFlight, seconds) }),
  bulk: async ({ load }, { bulkCalls, bulkResidents }) => ({ bulk: await load.bulk(bulkCalls, bulkResidents) }),
  pages: async (own, { seconds }) => {
    const residents = residentsOf(own);
    return {
      homePages: await residents.pages(pages.home, othersInFlight, seconds),
      usesPages: await residents.pages(pages.uses, othersInFlight, seconds),
      consentsPages: await residents.pages(pages.consents, othersInFlight, seconds),
    };
  },
  answers: async (own, { withdrawals }) => ({ answers: await residentsOf(own).answers(withdrawals) }),
  withdrawals: async (own, options) => ({
    withdrawals: await residentsOf(own).withdrawals(readers, options.withdrawals),
  }),
  deliveries: async ({ connections, city }, { seconds }) => ({
    deliveries: await new SourcesLoad(connections, city).deliveries(2, seconds),
  }),
  appends: async (own, options) => ({ appends: await measureAppends(own, options) }),
  verify: async (own) => {
    const { log } = own.address;
    return { ownLog: verifyDirectory(own.tilesDirectory, log.vkey, own.city.log.entries) };
  },
};

function residentsOf({ connections, city, load }: BenchedCity): ResidentsLoad {
  return new ResidentsLoad(connections, city, load);
}

export async function measure(cities: readonly BenchedCity[], options: BenchOptions): Promise<Figures> {
  const machine = describeMachine(cities[0]!.databases.postgres);
  const figures = cities.map(startOf);
  for (const own of cities) await warmUp(own, options);
  if (options.scenes.has('reads')) await measureReads(cities, options, figures);
  for (const [name, scene] of Object.entries(scenes)) {
    if (!options.scenes.has(name as SceneName)) continue;
    for (const [position, own] of cities.entries()) {
      say(`${name}, ${own.size.name} …`);
      Object.assign(figures[position]!, await scene(own, options));
    }
  }
  for (const [position, own] of cities.entries()) {
    figures[position]!.serviceResidentMiB = (await own.service.ask<Usage>('usage')).residentMiB;
  }
  const { seconds: windowSeconds, rounds, records: recordsPerRead } = options;
  return {
    ...{ takenAt: new Date().toISOString(), machine, run: { windowSeconds, rounds, recordsPerRead } },
    cities: figures,
    ...(await measureAlone(options)),
  };
}

function startOf({ size, city, founded }: BenchedCity): CityFigures {
  return {
    ...{
      name: size.name,
      residents: size.residents,
      logEntries: city.log.entries,
      indexSeconds: city.log.indexSeconds,
    },
    ...{ foundedInSeconds: founded.seconds, turns: [], serviceResidentMiB: 0 },
  };
}

/** A service that has run for a while is what is measured: until then a good part of its time goes into compiling itself. */
async function warmUp({ load, floor, size }: BenchedCity, { warmUpSeconds }: BenchOptions): Promise<void> {
  say(`warming up, ${size.name} …`);
  await load.reads(64, warmUpSeconds, 0);
  await floor.ask('runStatements', { inFlight: 16, seconds: warmUpSeconds / 2 });
}

async function measureReads(
  cities: readonly BenchedCity[],
  { rounds, inFlight: concurrencies, seconds }: BenchOptions,
  figures: readonly CityFigures[],
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const inFlight of concurrencies) {
      for (const [position, own] of cities.entries()) {
        const turn = await takeTurn(own, inFlight, round, seconds);
        figures[position]!.turns.push(turn);
        const [service, floor] = [turn.service.perSecond.toFixed(0), turn.floor.perSecond.toFixed(0)];
        say(`round ${round}, ${own.size.name}, ${inFlight} in flight: ${service} reads/s, floor ${floor}/s`);
      }
    }
  }
}

/** The append alone, through the gate and bare: at the log's present length in batches of two sizes, and at longer ones, which take turns with it. */
async function measureAppends(own: BenchedCity, { seconds, rounds }: BenchOptions): Promise<AppendFigures[]> {
  const present = { child: own.floor, ownerUrl: own.floorOwnerUrl };
  for (const { child, ownerUrl, logEntries } of own.longFloors) {
    say(`growing a log to ${logEntries} entries …`);
    await child.ask('grow', { size: logEntries, ownerUrl });
  }
  const turns = [
    { ...present, batch: appendBatch },
    { ...present, batch: smallBatch },
    ...own.longFloors.map(({ child, ownerUrl }) => ({ child, ownerUrl, batch: appendBatch })),
  ];
  const lengths = await Promise.all(turns.map(({ ownerUrl }) => logSizeOf(ownerUrl)));
  const results: AppendResult[][] = turns.map(() => []);
  for (let round = 1; round <= rounds; round += 1) {
    say(`appends, round ${round} …`);
    for (const [position, { child, ownerUrl, batch }] of turns.entries()) {
      const plan: AppendPlan = { seconds, batch, ownerUrl };
      results[position]!.push(await child.ask<AppendResult>('runAppends', plan));
    }
  }
  return turns.map(({ batch }, position) => {
    const of = (name: keyof AppendResult) => median(results[position]!.map((result) => result[name]));
    return {
      ...{ logEntries: lengths[position]!, batch, bare: of('bare'), openable: of('openable') },
      ...{ rows: of('rows'), gate: of('gate'), service: of('service') },
    };
  });
}

/** What needs no city. */
async function measureAlone({
  scenes: wanted,
  verifyEntries,
}: BenchOptions): Promise<Pick<Figures, 'verify' | 'frontier'>> {
  const frontier: FrontierFigures[] = [];
  if (wanted.has('appends')) {
    for (const entries of frontierSizes) frontier.push(await measureFrontier(entries, appendBatch));
  }
  if (!wanted.has('verify')) return { frontier };
  say(`verifying ${verifyEntries} entries …`);
  return { frontier, verify: measureVerifyLog(verifyEntries, 1) };
}
