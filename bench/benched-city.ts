/**
 * A city of one size that is measured: its databases, one node of the service and the floor as processes of their own, and the load that is put
 * upon them from this process.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAdmin } from '../src/database/migrate.js';
import { Child } from './child-process.js';
import { Connections } from './connections.js';
import { type BenchDatabases, openBenchDatabases } from './databases.js';
import type { FloorPlace } from './floor-process.js';
import type { BenchCity, FoundingPlan } from './found-city.js';
import { type FoundedCity, KeptCity } from './kept-city.js';
import { Load } from './load.js';
import { postgresCpuSeconds } from './machine.js';
import type { BenchOptions } from './options.js';
import type { ServiceAddress, ServicePlace, Usage } from './service-process.js';
import type { CitySize } from './sizes.js';

/** Residents with a session. */
const signedIn = 20;

/** The floor's copy of the city, and the others, whose logs grow to the lengths at which the append is measured. */
const floorName = 'azukari_floor';
const longFloorName = (logEntries: number) => `${floorName}_${logEntries}`;

/** A floor whose log is made as long as this. */
export interface LongFloor {
  logEntries: number;
  child: Child;
  ownerUrl: string;
}

/** What has to be closed, last opened first. */
export type Closers = (() => unknown)[];

export class BenchedCity {
  service!: Child;
  floor!: Child;
  longFloors: LongFloor[] = [];
  address!: ServiceAddress;
  connections!: Connections;
  load!: Load;

  private constructor(
    readonly size: CitySize,
    readonly databases: BenchDatabases,
    readonly founded: FoundedCity,
    private readonly closers: Closers,
  ) {}

  /** Founds the city, or takes a copy of one that was kept, and starts what is measured. @param closers what has to be closed afterwards is added. */
  static async open(size: CitySize, options: BenchOptions, closers: Closers): Promise<BenchedCity> {
    const directory = await mkdtemp(join(tmpdir(), 'azukari-bench-'));
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const kept = options.citiesDirectory === null ? null : new KeptCity(options.citiesDirectory, size, options.records);
    const known = (await kept?.copyTo(directory)) ?? null;
    let databases = await openBenchDatabases(directory, options.isProfile);
    closers.push(() => databases.stop());
    const founded = known ?? (await found(size, options, databases, closers));
    if (known === null && kept !== null) {
      await databases.stop();
      await kept.keep(directory, founded);
      databases = await openBenchDatabases(directory, options.isProfile);
    }
    const logSizes = options.scenes.has('appends') ? options.logSizes : [];
    for (const name of [floorName, ...logSizes.map(longFloorName)]) await databases.copyForFloor(name);
    const own = new BenchedCity(size, databases, founded, closers);
    await own.start(logSizes);
    return own;
  }

  private async start(logSizes: readonly number[]): Promise<void> {
    this.service = this.startChild('./service-process.js');
    this.address = await this.service.ask<ServiceAddress>('start', this.place());
    this.floor = await this.startFloor(floorName);
    for (const logEntries of logSizes) {
      const name = longFloorName(logEntries);
      const { ownerUrl } = this.databases.floor(name);
      this.longFloors.push({ logEntries, child: await this.startFloor(name), ownerUrl });
    }
    this.connections = new Connections(this.address);
    this.closers.push(() => this.connections.close());
    this.load = new Load(this.connections, this.address, this.city);
  }

  get city(): BenchCity {
    return this.founded.city;
  }

  startChild(script: string): Child {
    return startChild(script, this.closers);
  }

  /** What a node is given. */
  place(): ServicePlace {
    return placeOf(this.databases);
  }

  get tilesDirectory(): string {
    return this.place().tilesDirectory;
  }

  /** The owner's, on the floor's database. */
  get floorOwnerUrl(): string {
    return this.databases.floor(floorName).ownerUrl;
  }

  private async startFloor(name: string): Promise<Child> {
    const { directory } = this.databases;
    const own = join(directory, name);
    await mkdir(own, { mode: 0o700 });
    const { purpose, category } = this.city;
    const place: FloorPlace = {
      ...this.databases.floor(name),
      ...{ keysDirectory: join(directory, 'keys'), directory: own, purpose, category },
    };
    const child = this.startChild('./floor-process.js');
    await child.ask('start', place);
    return child;
  }

  /** Processor time so far, in seconds: of a process of ours, of the load generator, and of the database. */
  async cpu(child: Child): Promise<{ process: number; generator: number; postgres: number | null }> {
    const { user, system } = process.cpuUsage();
    return {
      process: (await child.ask<Usage>('usage')).cpuSeconds,
      generator: (user + system) / 1e6,
      postgres: await postgresCpuSeconds(this.databases.postmasterPid),
    };
  }

  logSize(): Promise<number> {
    return logSizeOf(this.databases.adminUrl);
  }
}

/** The floor's copy is taken while nobody is connected, so the founding has a service of its own. */
async function found(
  { residents, logEntries }: CitySize,
  { records }: BenchOptions,
  databases: BenchDatabases,
  closers: Closers,
): Promise<FoundedCity> {
  const startedAt = performance.now();
  await databases.hurry();
  const founder = startChild('./service-process.js', closers);
  await founder.ask('start', placeOf(databases));
  const plan: FoundingPlan = { residents, records, signedIn, logEntries, ownerUrl: databases.adminUrl };
  const city = await founder.ask<BenchCity>('found', plan);
  await founder.stop();
  await databases.tidy();
  return { city, seconds: (performance.now() - startedAt) / 1000 };
}

function startChild(script: string, closers: Closers): Child {
  const child = Child.start(script);
  closers.push(() => child.stop());
  return child;
}

/** On a port that is free. */
function placeOf({ directory, service }: BenchDatabases): ServicePlace {
  return {
    ...{ ...service, port: 0, keysDirectory: join(directory, 'keys'), journalDirectory: join(directory, 'journal') },
    ...{ anchorDirectory: join(directory, 'anchor'), tilesDirectory: join(directory, 'tiles') },
  };
}

export async function logSizeOf(adminUrl: string): Promise<number> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ size: string }>('SELECT size FROM azukari.log_state');
    return Number(rows[0]!.size);
  });
}
