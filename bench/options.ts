/** What the benchmark is asked to do: a few flags, each with a default and a bound, so that a run always ends. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Length of one timed window. */
  seconds: number;
  /** How long service and floor run before anything is timed. */
  warmUpSeconds: number;
  /** How often service and floor take turns. */
  rounds: number;
  residents: number;
  /** Records of each resident that a read returns, one for each day. */
  records: number;
  /** Reads in flight, one scenario each. */
  inFlight: readonly number[];
  /** Leaves out tokens, bulk and withdrawals. */
  isReadsOnly: boolean;
  /** Sizes of the log at which the append is measured again; the floor's log grows to each. */
  logSizes: readonly number[];
  /** Entries of the log that `azukari verify log` is timed on. */
  verifyEntries: number;
  withdrawals: number;
  bulkCalls: number;
  /** Profiles the service and the database instead of merely timing them; its figures are not comparable. */
  isProfile: boolean;
  /** Measures how much processor time each step of a read costs, and nothing else. */
  isSteps: boolean;
  /** Where the figures go, as JSON. */
  out: string | null;
}

export const usage = `usage: npm run bench -- [options]

  --seconds N     length of one timed window (default 4, at most 20)
  --warm-up N     seconds that service and floor run beforehand (default 12, at most 60)
  --rounds N      how often service and floor take turns (default 2, at most 10)
  --residents N   residents who consent (default 400, 20 to 5000)
  --records N     records a read returns (default 7, 1 to 60)
  --out FILE      where the figures go (default bench/results/latest.json)
  --in-flight A,B concurrencies (default 1,16,64; each 1 to 256)
  --log-sizes A,B lengths of the log at which the append is measured again (at most 20 million; a million takes a minute)
  --verify N      entries of the log that azukari verify log is timed on (default 200000; a million takes a minute)
  --reads         reads and floor only
  --steps         processor time of each step of a read, and nothing else
  --smoke         everything once and very short: whether it runs, not how fast
  --profile       CPU profile of the service and pg_stat_statements; slows both
`;

/** @throws RangeError naming the flag that is wrong */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      rounds: { type: 'string' },
      residents: { type: 'string' },
      records: { type: 'string' },
      'in-flight': { type: 'string' },
      'log-sizes': { type: 'string' },
      verify: { type: 'string' },
      reads: { type: 'boolean', default: false },
      steps: { type: 'boolean', default: false },
      out: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const { smoke } = values;
  const number = (
    name: 'seconds' | 'warm-up' | 'rounds' | 'residents' | 'records' | 'verify',
    usual: number,
    min: number,
    max: number,
  ) => {
    const value = Number(values[name] ?? usual);
    if (!(value >= min && value <= max)) throw new RangeError(`--${name} is a number from ${min} to ${max}`);
    return value;
  };
  return {
    seconds: number('seconds', smoke ? 0.1 : 4, 0.05, 20),
    warmUpSeconds: number('warm-up', smoke ? 0.1 : 12, 0.05, 60),
    rounds: Math.trunc(number('rounds', smoke ? 1 : 2, 1, 10)),
    residents: Math.trunc(number('residents', smoke ? 20 : 400, 20, 5000)),
    records: Math.trunc(number('records', smoke ? 2 : 7, 1, 60)),
    inFlight: readWholeNumbers('in-flight', values['in-flight'] ?? (smoke ? '1,8' : '1,16,64'), 256),
    logSizes: readWholeNumbers('log-sizes', values['log-sizes'] ?? '', 20_000_000),
    verifyEntries: Math.trunc(number('verify', smoke ? 1000 : 200_000, 256, 10_000_000)),
    isReadsOnly: values.reads,
    withdrawals: smoke ? 2 : 40,
    bulkCalls: smoke ? 1 : 8,
    isProfile: values.profile,
    isSteps: values.steps,
    out: values.out ?? null,
  };
}

function readWholeNumbers(name: string, text: string, max: number): number[] {
  const numbers = text === '' ? [] : text.split(',').map(Number);
  if (numbers.length > 6 || !numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= max)) {
    throw new RangeError(`--${name} is at most six whole numbers from 1 to ${max}`);
  }
  return numbers;
}
