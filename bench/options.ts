/** What the benchmark is asked to do: a few flags, each with a default and a bound, so that a run always ends. */
import { parseArgs } from 'node:util';
import { readScenes, sceneNames, type SceneName } from './scenes.js';
import { type CitySize, logEntriesMax, readSizes, requireSize, residentsMax, residentsMin } from './sizes.js';

export interface BenchOptions {
  /** Length of one timed window. */
  seconds: number;
  /** How long service and floor run before anything is timed. */
  warmUpSeconds: number;
  /** How often service and floor take turns. */
  rounds: number;
  /** One city of each, all of them up at once: they take turns. */
  sizes: readonly CitySize[];
  /** Where founded cities are kept for further runs; null: nowhere. */
  citiesDirectory: string | null;
  /** Records of each resident that a read returns, one for each day. */
  records: number;
  /** Reads in flight, one scenario each. */
  inFlight: readonly number[];
  scenes: ReadonlySet<SceneName>;
  /** Nodes on one database, measured beside one. */
  nodes: number;
  /** How long reads go on while the memory of a node is watched. */
  memorySeconds: number;
  /** Sizes of the log at which the append is measured again; the floor's log grows to each. */
  logSizes: readonly number[];
  /** Entries of the made-up log that `azukari verify log` is timed on, beside the city's own. */
  verifyEntries: number;
  withdrawals: number;
  bulkCalls: number;
  /** Residents in each stream. */
  bulkResidents: number;
  /** Profiles the service and the database instead of merely timing them; its figures are not comparable. */
  isProfile: boolean;
  /** Measures how much processor time each step of a read costs, and nothing else. */
  isSteps: boolean;
  /** Where the figures go, as JSON. */
  out: string | null;
}

export const usage = `usage: npm run bench -- [options]

  --sizes A,B     cities to compare: small (10000 residents, 10000 entries), large (100000, 1000000) or RESIDENTS:ENTRIES
  --residents N   one city of so many residents instead (default 400, ${residentsMin} to ${residentsMax})
  --log N         and of at least so many entries in its log (at most ${logEntriesMax})
  --cities DIR    keeps the cities there as they were founded, and takes copies of them next time
  --only A,B      measures only some of ${sceneNames.join(', ')}
  --reads         the same as --only reads
  --seconds N     length of one timed window (default 4, at most 20)
  --warm-up N     seconds that service and floor run beforehand (default 12, at most 60)
  --rounds N      how often service, floor and cities take turns (default 2, at most 10)
  --records N     records a read returns (default 7, 1 to 60)
  --in-flight A,B concurrencies (default 1,16,64,256; each 1 to 256)
  --nodes N       measures N nodes on one database beside one (at most 6)
  --memory N      watches the memory of a node over N seconds of reads, 64 in flight (at most 7200)
  --log-sizes A,B lengths of further logs, on which the append is measured in turns with the present one (at most ${logEntriesMax}; a million takes a minute)
  --verify N      entries of the made-up log that azukari verify log is timed on (default 200000; a million takes a minute)
  --out FILE      where the figures go (default bench/results/latest.json)
  --steps         processor time of each step of a read, and nothing else
  --smoke         everything once and very short: whether it runs, not how fast
  --profile       CPU profile of the service, as flame graphs beside --out too, and pg_stat_statements; slows both
`;

const flags = {
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  sizes: { type: 'string' },
  residents: { type: 'string' },
  log: { type: 'string' },
  cities: { type: 'string' },
  records: { type: 'string' },
  'in-flight': { type: 'string' },
  'log-sizes': { type: 'string' },
  nodes: { type: 'string' },
  memory: { type: 'string' },
  verify: { type: 'string' },
  only: { type: 'string' },
  reads: { type: 'boolean', default: false },
  steps: { type: 'boolean', default: false },
  out: { type: 'string' },
  smoke: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
} as const;

type NumberFlag = 'seconds' | 'warm-up' | 'rounds' | 'records' | 'verify' | 'nodes' | 'memory';

/** @throws RangeError naming the flag that is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: flags });
  const { smoke } = values;
  const number = (name: NumberFlag, usual: number, min: number, max: number) => {
    const value = Number(values[name] ?? usual);
    if (!(value >= min && value <= max)) throw new RangeError(`--${name} is a number from ${min} to ${max}`);
    return value;
  };
  return {
    seconds: number('seconds', smoke ? 0.1 : 4, 0.05, 20),
    warmUpSeconds: number('warm-up', smoke ? 0.1 : 12, 0.05, 60),
    rounds: Math.trunc(number('rounds', smoke ? 1 : 2, 1, 10)),
    sizes: readCities(values.sizes, values.residents ?? (smoke ? '20' : '400'), values.log ?? '0'),
    citiesDirectory: values.cities ?? null,
    records: Math.trunc(number('records', smoke ? 2 : 7, 1, 60)),
    inFlight: readWholeNumbers('in-flight', values['in-flight'] ?? (smoke ? '1,8' : '1,16,64,256'), 256),
    scenes: values.reads ? new Set(['reads']) : readScenes(values.only ?? sceneNames.join(',')),
    nodes: Math.trunc(number('nodes', smoke ? 2 : 1, 1, 6)),
    memorySeconds: number('memory', smoke ? 0.2 : 0, 0, 7200),
    logSizes: readWholeNumbers('log-sizes', values['log-sizes'] ?? '', logEntriesMax),
    verifyEntries: Math.trunc(number('verify', smoke ? 1000 : 200_000, 256, 10_000_000)),
    withdrawals: smoke ? 2 : 40,
    bulkCalls: smoke ? 1 : 4,
    bulkResidents: 1_000,
    isProfile: values.profile,
    isSteps: values.steps,
    out: values.out ?? null,
  };
}

function readCities(sizes: string | undefined, residents: string, log: string): CitySize[] {
  if (sizes !== undefined) return readSizes(sizes);
  return [requireSize({ name: `${residents} residents`, residents: Number(residents), logEntries: Number(log) })];
}

function readWholeNumbers(name: string, text: string, max: number): number[] {
  const numbers = text === '' ? [] : text.split(',').map(Number);
  if (numbers.length > 6 || !numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= max)) {
    throw new RangeError(`--${name} is at most six whole numbers from 1 to ${max}`);
  }
  return numbers;
}
