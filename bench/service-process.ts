/** One node of the service in a process of its own, as `npm start` would run it, on databases that the benchmark made. */
import { readFile } from 'node:fs/promises';
import { demoCity } from '../src/demo/city.js';
import { ownPolicies } from '../src/config.js';
import { type RunningService, startService } from '../src/service.js';
import { answerParent } from './child-process.js';
import { type CpuTimes, startCpuProfile } from './cpu-profile.js';
import { type FoundingPlan, foundBenchCity } from './found-city.js';

export interface ServicePlace {
  appUrl: string;
  signerUrl: string;
  keysUrl: string;
  keysDirectory: string;
  journalDirectory: string;
  anchorDirectory: string;
  tilesDirectory: string;
  /** 0 chooses a free port. */
  port: number;
  /** Of the first node, for one that joins it. */
  joins?: string;
}

export interface ServiceAddress {
  host: string;
  port: number;
  publicUrl: string;
  log: { origin: string; vkey: string };
}

let running: RunningService | null = null;
let stopProfile: (() => Promise<CpuTimes>) | null = null;

async function start({ joins, ...place }: ServicePlace): Promise<ServiceAddress> {
  running = await startService({
    ...{ ...place, policies: ownPolicies, host: '127.0.0.1', runsSigner: true, signsInThread: true },
    ...{ publicUrl: joins ?? null, founding: joins === undefined ? demoCity : null, isFurther: joins !== undefined },
    // At three o'clock in Japan an index would be computed in the midst of measuring.
    indexesAtNight: false,
  });
  const { address, publicUrl, city, logVkey } = running;
  return { ...address, publicUrl, log: { origin: city.logOrigin, vkey: logVkey } };
}

answerParent(
  {
    start,
    found: (plan: FoundingPlan) => foundBenchCity(running!.app, running!.pool, plan),
    startProfile: async () => {
      stopProfile = await startCpuProfile();
    },
    stopProfile: () => stopProfile!(),
    usage,
  },
  async () => running?.stop(),
);

/** What this process uses and has used. */
export interface Usage {
  cpuSeconds: number;
  residentMiB: number;
  heapMiB: number;
  /** To the disk; null where there is no /proc. */
  writtenBytes: number | null;
}

async function usage(): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  // proc_pid_io(5)
  const io = await readFile('/proc/self/io', 'latin1').catch(() => null);
  const written = io === null ? undefined : /^write_bytes: (\d+)$/m.exec(io)?.[1];
  return {
    ...{ cpuSeconds: (user + system) / 1e6, residentMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 },
    writtenBytes: written === undefined ? null : Number(written),
  };
}
