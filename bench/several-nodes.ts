/** Several nodes on one database beside one: each a process of its own, the requests spread over them one after the other. */
import type { BenchedCity } from './benched-city.js';
import type { LoopResult } from './closed-loop.js';
import { Connections } from './connections.js';
import { Load } from './load.js';
import type { ServiceAddress } from './service-process.js';
import { median } from './statistics.js';

const inFlight = 64;

export interface NodesFigures {
  nodes: number;
  /** One of each for every round. */
  one: LoopResult[];
  several: LoopResult[];
}

interface NodesPlan {
  nodes: number;
  seconds: number;
  warmUpSeconds: number;
  rounds: number;
}

export async function measureNodes(own: BenchedCity, plan: NodesPlan): Promise<NodesFigures> {
  const { nodes, seconds, warmUpSeconds, rounds } = plan;
  const further = Array.from({ length: nodes - 1 }, () => own.startChild('./service-process.js'));
  try {
    const joined: ServiceAddress[] = [];
    for (const node of further) {
      joined.push(await node.ask<ServiceAddress>('start', { ...own.place(), joins: own.address.publicUrl }));
    }
    const connections = new Connections(own.address, ...joined);
    try {
      const load = new Load(connections, own.address, own.city);
      await load.reads(inFlight, warmUpSeconds, 0);
      const figures: NodesFigures = { nodes, one: [], several: [] };
      for (let round = 1; round <= rounds; round += 1) {
        figures.one.push(await readsOf(own.load, seconds));
        figures.several.push(await readsOf(load, seconds));
      }
      return figures;
    } finally {
      connections.close();
    }
  } finally {
    for (const node of further) await node.stop();
  }
}

async function readsOf(load: Load, seconds: number): Promise<LoopResult> {
  const { perSecond } = await load.reads(inFlight, seconds / 8, 0);
  return load.reads(inFlight, seconds, perSecond);
}

/** How much several nodes do beside one. */
export function nodesRatio({ one, several }: NodesFigures): number {
  return median(several.map(({ perSecond }, round) => perSecond / one[round]!.perSecond));
}
