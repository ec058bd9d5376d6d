/** The figures of one run: their shape, and the table that is printed of them. One column for each city; with several, how the last compares with the first. */
import type { AppendResult } from './append-turns.js';
import type { LoopResult } from './closed-loop.js';
import type { FrontierFigures } from './frontier.js';
import type { Machine } from './machine.js';
import type { MemoryFigures } from './memory.js';
import type { Turn } from './read-turns.js';
import { type NodesFigures, nodesRatio } from './several-nodes.js';
import type { Latency } from './statistics.js';
import { median } from './statistics.js';
import { recordsPerDelivery } from './sources-load.js';
import { bytesOf, logTables, residentTables, type StorageFigures } from './storage.js';
import type { VerifyLogFigures } from './verify-log.js';

/** The append through the gate beside the bare one, at one length of the log. */
export interface AppendFigures extends AppendResult {
  logEntries: number;
}

export interface CityFigures {
  name: string;
  residents: number;
  /** When the measuring began. */
  logEntries: number;
  foundedInSeconds: number;
  /** How long the completeness index of the whole log took. */
  indexSeconds: number;
  turns: Turn[];
  nodes?: readonly NodesFigures[];
  memory?: MemoryFigures;
  storage?: StorageFigures;
  tokens?: LoopResult;
  bulk?: { residents: number; seconds: number; perSecond: number };
  homePages?: LoopResult;
  usesPages?: LoopResult;
  consentsPages?: LoopResult;
  answers?: { withdraw: Latency; give: Latency };
  withdrawals?: Latency & { readsMeanwhile: number };
  deliveries?: LoopResult;
  appends?: AppendFigures[];
  /** The city's own log, as the signer keeps it. */
  ownLog?: VerifyLogFigures;
  serviceResidentMiB: number;
}

export interface Figures {
  takenAt: string;
  machine: Machine;
  run: { windowSeconds: number; rounds: number; recordsPerRead: number };
  cities: CityFigures[];
  /** A made-up log. */
  verify?: VerifyLogFigures;
  frontier?: FrontierFigures[];
}

/** The median over the rounds of one figure at one concurrency; null where nothing was measured. */
export function middle({ turns }: CityFigures, inFlight: number, pick: (turn: Turn) => number | null): number | null {
  return medianIfAll(turns.filter((turn) => turn.inFlight === inFlight).map(pick));
}

function medianIfAll(values: readonly (number | null)[]): number | null {
  return values.length === 0 || values.includes(null) ? null : median(values as number[]);
}

export function ratioOf(city: CityFigures, inFlight: number): number {
  return middle(city, inFlight, ({ service, floor }) => service.perSecond / floor.perSecond) ?? NaN;
}

interface Row {
  name: string;
  of: (city: CityFigures) => number | null | undefined;
  digits: number;
}

const nameWidth = 58;
const cellWidth = 16;

/** Plain text, for a terminal. */
export function tableOf(figures: Figures): string {
  const { machine, run, cities } = figures;
  const cell = (value: string) => `  ${value.padStart(cellWidth - 2)}`;
  const isCompared = cities.length > 1;
  const heads = [...cities.map(({ name }) => name), ...(isCompared ? ['last / first'] : [])];
  const line = ({ name, of, digits }: Row): string[] => {
    const values = cities.map((city) => of(city) ?? null);
    if (values.every((value) => value === null)) return [];
    const cells = values.map((value) => cell(value === null ? '–' : value.toFixed(digits)));
    const [first, last] = [values[0], values.at(-1)];
    if (isCompared) cells.push(cell(first && typeof last === 'number' ? (last / first).toFixed(2) : '–'));
    return [`  ${name.padEnd(nameWidth)}${cells.join('')}`];
  };
  return [
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, Node ${machine.node}, PostgreSQL ${machine.postgres}, load before ${machine.loadBefore}`,
    `${run.recordsPerRead} records a read, windows of ${run.windowSeconds} s, median of ${run.rounds} rounds`,
    '',
    `  ${''.padEnd(nameWidth)}${heads.map(cell).join('')}`,
    ...rowsOf(figures).flatMap(line),
    ...aloneLines(figures),
    '',
  ].join('\n');
}

function rowsOf({ cities }: Figures): Row[] {
  const concurrencies = [...new Set(cities.flatMap(({ turns }) => turns.map(({ inFlight }) => inFlight)))];
  return [
    { name: 'residents', of: ({ residents }) => residents, digits: 0 },
    { name: 'entries of the log at the beginning', of: ({ logEntries }) => logEntries, digits: 0 },
    { name: 'seconds of founding it', of: ({ foundedInSeconds }) => foundedInSeconds, digits: 0 },
    { name: 'seconds of indexing the whole log', of: ({ indexSeconds }) => indexSeconds, digits: 1 },
    ...concurrencies.flatMap(readRows),
    ...(cities[0]!.nodes ?? []).flatMap((figures, position) => nodesRows(position, figures)),
    ...otherRows,
    ...[...Array(Math.max(0, ...cities.map(({ appends = [] }) => appends.length))).keys()].flatMap(appendRows),
    ...storageRows,
  ];
}

function readRows(inFlight: number): Row[] {
  const row = (name: string, pick: (turn: Turn) => number | null, digits: number): Row => ({
    ...{ name: `  ${name}`, digits },
    of: (city) => middle(city, inFlight, pick),
  });
  return [
    { ...row('', ({ service }) => service.perSecond, 0), name: `full reads per second, ${inFlight} in flight` },
    row('p50 ms', ({ service }) => service.p50Ms, 1),
    row('p99 ms', ({ service }) => service.p99Ms, 1),
    row('floor: append and redeem per second', ({ floor }) => floor.perSecond, 0),
    { name: '  ratio', of: (city) => ratioOf(city, inFlight), digits: 3 },
    row('floor that waits for checkpoints: per second', ({ floorReads }) => floorReads.perSecond, 0),
    row('processor ms per read: service', ({ cost }) => cost.serviceMs, 2),
    row('processor ms per read: load generator', ({ cost }) => cost.generatorMs, 2),
    row('processor ms per read: PostgreSQL', ({ cost }) => cost.postgresMs, 2),
    row('processor ms per floor item: client, signer', ({ floorCost }) => floorCost.clientMs, 2),
    row('processor ms per floor item: PostgreSQL', ({ floorCost }) => floorCost.postgresMs, 2),
  ];
}

function latencyRows(name: string, of: (city: CityFigures) => Latency | undefined): Row[] {
  return [
    { name: `${name}: p50 ms`, of: (city) => of(city)?.p50Ms, digits: 1 },
    { name: `${name}: p99 ms`, of: (city) => of(city)?.p99Ms, digits: 1 },
  ];
}

function nodesRows(position: number, { nodes, inFlight }: NodesFigures): Row[] {
  const row = (name: string, of: (figures: NodesFigures) => number | null, digits: number): Row => ({
    ...{ name, digits },
    of: (city) => city.nodes && of(city.nodes[position]!),
  });
  const medianOf = (turns: NodesFigures['one'], of: (turn: NodesFigures['one'][number]) => number | null) =>
    medianIfAll(turns.map(of));
  return [
    row(
      `${nodes} nodes: reads per second, ${inFlight} in flight`,
      ({ several }) => medianOf(several, ({ perSecond }) => perSecond),
      0,
    ),
    row('  beside one node', nodesRatio, 2),
    row('  processor ms per read: services', ({ several }) => medianOf(several, ({ serviceMs }) => serviceMs), 2),
    row('    of the one node', ({ one }) => medianOf(one, ({ serviceMs }) => serviceMs), 2),
    row('  processor ms per read: PostgreSQL', ({ several }) => medianOf(several, ({ postgresMs }) => postgresMs), 2),
    row('    with the one node', ({ one }) => medianOf(one, ({ postgresMs }) => postgresMs), 2),
  ];
}

const otherRows: Row[] = [
  { name: 'memory of a node under reads: MiB at the start', of: ({ memory }) => memory?.startMiB, digits: 0 },
  { name: '  at most', of: ({ memory }) => memory?.peakMiB, digits: 0 },
  { name: '  second quarter of the run', of: ({ memory }) => memory?.secondQuarterMiB, digits: 0 },
  { name: '  last quarter of the run', of: ({ memory }) => memory?.lastQuarterMiB, digits: 0 },
  { name: '  heap, second quarter', of: ({ memory }) => memory?.heapSecondQuarterMiB, digits: 0 },
  { name: '  heap, last quarter', of: ({ memory }) => memory?.heapLastQuarterMiB, digits: 0 },
  { name: '  reads meanwhile', of: ({ memory }) => memory?.reads, digits: 0 },
  { name: 'access tokens per second, 8 in flight', of: ({ tokens }) => tokens?.perSecond, digits: 0 },
  { name: 'bulk: residents per second in one stream', of: ({ bulk }) => bulk?.perSecond, digits: 0 },
  { name: 'portal home per second, 8 in flight', of: ({ homePages }) => homePages?.perSecond, digits: 0 },
  { name: 'page "who used my data" per second, 8 in flight', of: ({ usesPages }) => usesPages?.perSecond, digits: 0 },
  {
    name: 'page of own consents per second, 8 in flight',
    of: ({ consentsPages }) => consentsPages?.perSecond,
    digits: 0,
  },
  ...latencyRows('consent given', ({ answers }) => answers?.give),
  ...latencyRows('consent withdrawn', ({ answers }) => answers?.withdraw),
  ...latencyRows('withdrawal under 50 readers', ({ withdrawals }) => withdrawals),
  {
    name: 'deposited records per second, 2 in flight',
    of: ({ deliveries }) => deliveries && deliveries.perSecond * recordsPerDelivery,
    digits: 0,
  },
  {
    name: 'own log verified: entries per processor second',
    of: ({ ownLog }) => ownLog && ownLog.entries / ownLog.userSeconds,
    digits: 0,
  },
  { name: '  MiB', of: ({ ownLog }) => ownLog?.residentMiB, digits: 0 },
  { name: 'memory of the service at the end, MiB', of: ({ serviceResidentMiB }) => serviceResidentMiB, digits: 0 },
];

function appendRows(position: number): Row[] {
  const row = (name: string, of: (figures: AppendFigures) => number, digits: number): Row => ({
    ...{ name, digits },
    of: ({ appends }) => appends?.[position] && of(appends[position]),
  });
  return [
    row('entries per second through the gate, one batch at a time', ({ gate }) => gate, 0),
    row('  asked by the service’s code', ({ service }) => service, 0),
    row('  bare append: the entries alone', ({ bare }) => bare, 0),
    row('    ratio', ({ gate, bare }) => gate / bare, 2),
    row('  bare append: entries and what opens them', ({ openable }) => openable, 0),
    row('    ratio', ({ gate, openable }) => gate / openable, 2),
    row('  as many rows of the same size, nothing checked', ({ rows }) => rows, 0),
    row('    ratio', ({ gate, rows }) => gate / rows, 2),
    row('  items in a batch', ({ batch }) => batch, 0),
    row('  entries in the log', ({ logEntries }) => logEntries, 0),
  ];
}

const storageRows: Row[] = [
  { name: 'bytes per read: write-ahead log', of: ({ storage }) => storage?.walBytes, digits: 0 },
  { name: '  whole pages in it', of: ({ storage }) => storage?.fullPages, digits: 2 },
  { name: '  written by PostgreSQL', of: ({ storage }) => storage?.databaseWrittenBytes, digits: 0 },
  { name: '  its syncs', of: ({ storage }) => storage?.databaseSyncs, digits: 3 },
  {
    name: '  written by the service (tiles, checkpoints)',
    of: ({ storage }) => storage?.serviceWrittenBytes,
    digits: 0,
  },
  {
    name: '  tables and indexes, together',
    of: ({ storage }) => storage && Object.values(storage.tableBytes).reduce((sum, bytes) => sum + bytes, 0),
    digits: 0,
  },
  {
    name: 'bytes at rest: per resident, without what was provided',
    of: ({ storage, residents }) => storage && bytesOf(storage, residentTables, residents),
    digits: 0,
  },
  {
    name: '  per entry of the log',
    of: ({ storage, logEntries }) => storage && bytesOf(storage, logTables, logEntries),
    digits: 0,
  },
];

function aloneLines({ verify, frontier = [], cities }: Figures): string[] {
  const lines: string[] = [];
  const line = (name: string, value: number, digits: number, more: string) =>
    `  ${name.padEnd(nameWidth)}${value.toFixed(digits).padStart(cellWidth)}   ${more}`;
  for (const { name, storage } of cities) {
    const grown = Object.entries(storage?.tableBytes ?? {}).sort(([, a], [, b]) => b - a);
    for (const [table, bytes] of grown) lines.push(line(`bytes per read in ${table}`, bytes, 0, name));
  }
  for (const { entries, batch, microseconds } of frontier) {
    lines.push(line(`µs to take a batch of ${batch} into a tree of ${entries}`, microseconds, 0, 'edge synthesised'));
  }
  if (verify) {
    const { entries, userSeconds, residentMiB } = verify;
    const more = `${userSeconds.toFixed(2)} s of processor time for ${entries} entries, ${residentMiB.toFixed(0)} MiB`;
    lines.push(line('made-up log verified: entries per processor second', entries / userSeconds, 0, more));
  }
  return lines;
}
