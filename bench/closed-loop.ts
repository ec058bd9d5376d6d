/** A closed loop: so many clients, each of which asks again as soon as it has its answer. */
import { type Latency, latencyOf } from './statistics.js';

export interface LoopResult extends Latency {
  perSecond: number;
  seconds: number;
}

/** Runs `once` in `inFlight` clients for `seconds`; what is under way at the end is waited for and counted, time included. */
export async function closedLoop(
  inFlight: number,
  seconds: number,
  once: (client: number) => Promise<void>,
): Promise<LoopResult> {
  const samplesMs: number[] = [];
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const client = async (number: number) => {
    for (let askedAt = performance.now(); askedAt < until;) {
      await once(number);
      const answeredAt = performance.now();
      samplesMs.push(answeredAt - askedAt);
      askedAt = answeredAt;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => client(number)));
  const elapsed = (performance.now() - startedAt) / 1000;
  return { ...latencyOf(samplesMs), perSecond: samplesMs.length / elapsed, seconds: elapsed };
}
