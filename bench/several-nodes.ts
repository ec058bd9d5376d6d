/** Several nodes on one database beside one: each a process of its own, the requests spread over them one after the other. */
import type { BenchedCity } from './benched-city.js';
import type { Child } from './child-process.js';
import type { LoopResult } from './closed-loop.js';
import { Connections } from './connections.js';
import { Load } from './load.js';
import type { ServiceAddress } from './service-process.js';
import { median } from './statistics.js';

export interface NodesFigures {
  nodes: number;
  inFlight: number;
  /** One of each for every round. */
  one: NodesTurn[];
  several: NodesTurn[];
}

/** Processor milliseconds for each read: of all nodes together, and of PostgreSQL where the system tells. */
interface NodesTurn extends LoopResult {
  serviceMs: number;
  postgresMs: number | null;
}

interface NodesPlan {
  nodes: number;
  seconds: number;
  warmUpSeconds: number;
  rounds: number;
}

/** At each of these concurrencies. */
export async function measureNodes(
  own: BenchedCity,
  { nodes, seconds, warmUpSeconds, rounds }: NodesPlan,
  concurrencies: readonly number[],
): Promise<NodesFigures[]> {
  const further = Array.from({ length: nodes - 1 }, () => own.startChild('./service-process.js'));
  try {
    const joined: ServiceAddress[] = [];
    for (const node of further) {
      joined.push(await node.ask<ServiceAddress>('start', { ...own.place(), joins: own.address.publicUrl }));
    }
    const connections = new Connections(own.address, ...joined);
    try {
      const load = new Load(connections, own.address, own.city);
      await load.reads(64, warmUpSeconds, 0);
      const all = concurrencies.map((inFlight): NodesFigures => ({ nodes, inFlight, one: [], several: [] }));
      for (let round = 1; round <= rounds; round += 1) {
        for (const { inFlight, one, several } of all) {
          one.push(await readsOf(own, [own.service], own.load, inFlight, seconds));
          several.push(await readsOf(own, [own.service, ...further], load, inFlight, seconds));
        }
      }
      return all;
    } finally {
      connections.close();
    }
  } finally {
    for (const node of further) await node.stop();
  }
}

async function readsOf(
  own: BenchedCity,
  nodes: readonly Child[],
  load: Load,
  inFlight: number,
  seconds: number,
): Promise<NodesTurn> {
  const { perSecond } = await load.reads(inFlight, seconds / 8, 0);
  const before = await Promise.all(nodes.map((node) => own.cpu(node)));
  const result = await load.reads(inFlight, seconds, perSecond);
  const after = await Promise.all(nodes.map((node) => own.cpu(node)));
  const each = (cpuSeconds: number) => (cpuSeconds / result.count) * 1000;
  const [from, to] = [before[0]!.postgres, after[0]!.postgres];
  return {
    ...result,
    serviceMs: each(after.reduce((sum, { process }, node) => sum + process - before[node]!.process, 0)),
    postgresMs: from === null || to === null ? null : each(to - from),
  };
}

/** How much several nodes do beside one. */
export function nodesRatio({ one, several }: NodesFigures): number {
  return median(several.map(({ perSecond }, round) => perSecond / one[round]!.perSecond));
}
