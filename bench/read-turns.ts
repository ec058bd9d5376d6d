/** Full reads, and what the floor does at the same concurrency, in turns: on the same machine within seconds. */
import type { BenchedCity } from './benched-city.js';
import type { LoopResult } from './closed-loop.js';
import type { FloorResult } from './floor-process.js';

/** Processor time in milliseconds for each read; null where the system does not tell. */
export interface Cost {
  serviceMs: number;
  generatorMs: number;
  postgresMs: number | null;
}

/** One turn of one scenario: the service, then the floor. */
export interface Turn {
  inFlight: number;
  round: number;
  service: LoopResult;
  cost: Cost;
  /** The statements alone. */
  floor: FloorResult;
  floorCost: { clientMs: number; postgresMs: number | null };
  /** The statements, waiting for the checkpoint between append and redeem as a read does. */
  floorReads: LoopResult;
}

export async function takeTurn(own: BenchedCity, inFlight: number, round: number, seconds: number): Promise<Turn> {
  const { load, floor, service } = own;
  // The warm-up of the window: it also tells how many proofs to sign beforehand.
  const { perSecond } = await load.reads(inFlight, seconds / 8, 0);
  const before = await own.cpu(service);
  const measured = await load.reads(inFlight, seconds, perSecond);
  const after = await own.cpu(service);
  const floorBefore = await own.cpu(floor);
  const floorResult = await floor.ask<FloorResult>('runStatements', { inFlight, seconds });
  const floorAfter = await own.cpu(floor);
  const floorReads = await floor.ask<LoopResult>('runReads', { inFlight, seconds: seconds / 2 });
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
