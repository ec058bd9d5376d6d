/** One node of the service in a process of its own, as `npm start` would run it, on databases that the benchmark made. */
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
}

export interface ServiceAddress {
  host: string;
  port: number;
  publicUrl: string;
  log: { origin: string; vkey: string };
}

let running: RunningService | null = null;
let stopProfile: (() => Promise<CpuTimes>) | null = null;

async function start(place: ServicePlace): Promise<ServiceAddress> {
  running = await startService({
    ...{
      ...place,
      policies: ownPolicies,
      host: '127.0.0.1',
      publicUrl: null,
      runsSigner: true,
      signsInThread: true,
      founding: demoCity,
    },
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
    usage: () => ({ cpuSeconds: cpuSeconds(), residentMiB: process.memoryUsage.rss() / 2 ** 20 }),
  },
  async () => running?.stop(),
);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
