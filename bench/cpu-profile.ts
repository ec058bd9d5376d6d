/** Where the time of this process goes: a CPU profile from the moment it is started, summed by function and by part. */
import { type Profiler, Session } from 'node:inspector/promises';
import type { Flame } from './flame-graph.js';

type CallFrame = Profiler.ProfileNode['callFrame'];

/** Starts sampling every half millisecond; call the result to stop and get microseconds by name. */
export async function startCpuProfile(): Promise<() => Promise<CpuTimes>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return sum(profile);
  };
}

/** Microseconds. */
export interface CpuTimes {
  /** In the function itself. */
  self: Record<string, number>;
  /** In the function and all it calls; ours only. */
  total: Record<string, number>;
  /** In a folder or package itself. */
  parts: Record<string, number>;
  /** By who called whom; what took less than a thousandth is left out. */
  flames: Flame;
}

function sum({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): CpuTimes {
  const own = new Map<number, number>();
  samples.forEach((id, position) => own.set(id, (own.get(id) ?? 0) + timeDeltas[position]!));
  const times: Omit<CpuTimes, 'flames'> = { self: {}, total: {}, parts: {} };
  const add = (record: Record<string, number>, name: string, micros: number) =>
    (record[name] = (record[name] ?? 0) + micros);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const walk = (node: Profiler.ProfileNode, above: ReadonlySet<string>): number => {
    const name = nameOf(node.callFrame);
    const micros = own.get(node.id) ?? 0;
    add(times.self, name, micros);
    add(times.parts, partOf(node.callFrame), micros);
    const within = new Set(above).add(name);
    const total = (node.children ?? []).reduce((so, child) => so + walk(byId.get(child)!, within), micros);
    // A function that calls itself is counted where it was entered.
    if (!above.has(name) && placeOf(node.callFrame.url).startsWith('src/')) add(times.total, name, total);
    return total;
  };
  const all = walk(nodes[0]!, new Set());
  return { ...times, flames: flamesOf([nodes[0]!], byId, own, all / 1000) };
}

/** Calls of one function from one place are one flame, however often the profile tells them apart. */
function flamesOf(
  nodes: readonly Profiler.ProfileNode[],
  byId: ReadonlyMap<number, Profiler.ProfileNode>,
  own: ReadonlyMap<number, number>,
  microsMin: number,
): Flame {
  const { callFrame } = nodes[0]!;
  const called = nodes.flatMap(({ children = [] }) => children.map((id) => byId.get(id)!));
  const groups = Object.values(Object.groupBy(called, (node) => nameOf(node.callFrame)));
  const children = groups.map((group) => flamesOf(group!, byId, own, microsMin));
  const micros =
    nodes.reduce((sum, { id }) => sum + (own.get(id) ?? 0), 0) + children.reduce((sum, child) => sum + child.micros, 0);
  return {
    ...{ name: nameOf(callFrame), part: partOf(callFrame), micros },
    children: children.filter((child) => child.micros >= microsMin),
  };
}

/** The largest, one line each. @param reads by which times are divided. */
export function linesOf(times: Readonly<Record<string, number>>, reads: number, most: number): string[] {
  return Object.entries(times)
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, micros]) => `${(micros / reads).toFixed(1).padStart(8)} µs/read  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${placeOf(url)}:${lineNumber + 1}`;
}

/** From `node_modules/` or `dist/` on. */
function placeOf(url: string): string {
  return url.replace(/^.*\/(?=node_modules\/)/, '').replace(/^.*\/dist\//, '');
}

function partOf({ functionName, url }: CallFrame): string {
  const place = placeOf(url);
  if (place === '') return functionName.startsWith('(') ? functionName : 'native';
  const parts = place.split('/');
  if (parts[0] === 'node_modules') return parts.slice(0, parts[1]!.startsWith('@') ? 3 : 2).join('/');
  return place.startsWith('node:') ? place : parts.slice(0, 2).join('/');
}
