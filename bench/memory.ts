/** The memory of a node over a long run of reads: how much it takes, and whether it goes on growing. */
import type { BenchedCity } from './benched-city.js';
import type { Usage } from './service-process.js';
import { median } from './statistics.js';

const inFlight = 64;
/** An access token lives five minutes; each slice has one of its own. */
const sliceSeconds = 20;
const everyMs = 500;

interface MemorySample {
  /** Since the beginning of the run. */
  seconds: number;
  residentMiB: number;
  heapMiB: number;
}

export interface MemoryFigures {
  seconds: number;
  reads: number;
  startMiB: number;
  peakMiB: number;
  endMiB: number;
  /** Median of the second quarter of the run, and of the last: where these are alike, memory is flat. */
  secondQuarterMiB: number;
  lastQuarterMiB: number;
  heapSecondQuarterMiB: number;
  heapLastQuarterMiB: number;
  samples: MemorySample[];
}

export async function watchMemory({ service, load }: BenchedCity, seconds: number): Promise<MemoryFigures> {
  const samples: MemorySample[] = [];
  const startedAt = performance.now();
  const sinceMs = () => performance.now() - startedAt;
  const look = async () => {
    const { residentMiB, heapMiB } = await service.ask<Usage>('usage');
    samples.push({ seconds: sinceMs() / 1000, residentMiB, heapMiB });
  };
  await look();
  let looking = Promise.resolve();
  const timer = setInterval(() => (looking = looking.then(look)), everyMs);
  let [reads, perSecond] = [0, 0];
  try {
    while (sinceMs() < seconds * 1000) {
      const slice = Math.min(sliceSeconds, seconds - sinceMs() / 1000);
      const result = await load.reads(inFlight, slice, perSecond);
      reads += result.count;
      perSecond = result.perSecond;
    }
  } finally {
    clearInterval(timer);
  }
  await looking;
  await look();
  return figuresOf(samples, reads);
}

function figuresOf(samples: MemorySample[], reads: number): MemoryFigures {
  const { seconds, residentMiB: endMiB } = samples.at(-1)!;
  const quarter = (number: number, pick: (sample: MemorySample) => number) => {
    const own = samples.filter((sample) => Math.min(3, Math.floor((sample.seconds / seconds) * 4)) === number - 1);
    return median((own.length > 0 ? own : samples).map(pick));
  };
  return {
    ...{ seconds, reads, startMiB: samples[0]!.residentMiB, endMiB },
    peakMiB: Math.max(...samples.map(({ residentMiB }) => residentMiB)),
    secondQuarterMiB: quarter(2, ({ residentMiB }) => residentMiB),
    lastQuarterMiB: quarter(4, ({ residentMiB }) => residentMiB),
    heapSecondQuarterMiB: quarter(2, ({ heapMiB }) => heapMiB),
    heapLastQuarterMiB: quarter(4, ({ heapMiB }) => heapMiB),
    samples,
  };
}
