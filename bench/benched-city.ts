/**
 * A city of one size that is measured: its databases, one node of the service and the floor as processes of their own, and the load that is put
 * upon them from this process.
 */
import { join } from 'node:path';
import { asAdmin } from '../src/database/migrate.js';
import { Child } from './child-process.js';
import { Connections } from './connections.js';
import { type BenchDatabases, openBenchDatabases } from './databases.js';
import type { FloorPlace } from './floor-process.js';
import type { BenchCity, FoundingPlan } from './found-city.js';
import { Load } from './load.js';
import { postgresCpuSeconds } from './machine.js';
import type { BenchOptions } from './options.js';
import type { ServiceAddress, ServicePlace, Usage } from './service-process.js';
import type { CitySize } from './sizes.js';

const signedInMax = 20;

export class BenchedCity {
  /** Of the founding. */
  foundedInSeconds = 0;
  service!: Child;
  floor!: Child;
  address!: ServiceAddress;
  city!: BenchCity;
  connections!: Connections;
  load!: Load;

  private constructor(
    readonly size: CitySize,
    readonly databases: BenchDatabases,
    private readonly closers: (() => unknown)[],
  ) {}

  /** Founds the city and starts what is measured. @param closers what has to be closed afterwards, in any case, is added to them. */
  static async open(size: CitySize, options: BenchOptions, closers: (() => unknown)[]): Promise<BenchedCity> {
    const databases = await openBenchDatabases(options.isProfile);
    closers.push(databases.stop);
    const own = new BenchedCity(size, databases, closers);
    const port = await own.found(options);
    own.service = own.startChild('./service-process.js');
    own.floor = own.startChild('./floor-process.js');
    own.address = await own.service.ask<ServiceAddress>('start', own.place(port));
    await own.floor.ask('start', own.floorPlace());
    own.connections = new Connections(own.address);
    closers.push(() => own.connections.close());
    own.load = new Load(own.connections, own.address, own.city);
    return own;
  }

  /** The floor's copy is taken while nobody is connected, so the founding has a service of its own. Its port stays the city's address. */
  private async found({ records, withdrawals }: BenchOptions): Promise<number> {
    const { residents, logEntries } = this.size;
    const startedAt = performance.now();
    await this.databases.hurry();
    const founder = this.startChild('./service-process.js');
    const { port } = await founder.ask<ServiceAddress>('start', this.place(0));
    const signedIn = Math.min(withdrawals, signedInMax);
    const plan: FoundingPlan = { residents, records, signedIn, logEntries, ownerUrl: this.databases.adminUrl };
    this.city = await founder.ask<BenchCity>('found', plan);
    await founder.stop();
    await this.databases.settle();
    this.foundedInSeconds = (performance.now() - startedAt) / 1000;
    return port;
  }

  startChild(script: string): Child {
    const child = Child.start(script);
    this.closers.push(() => child.stop());
    return child;
  }

  /** What a node is given. @param port 0 chooses a free one. */
  place(port: number): ServicePlace {
    const { directory, service } = this.databases;
    return {
      ...{ ...service, port, keysDirectory: join(directory, 'keys') },
      ...{ journalDirectory: join(directory, 'journal'), anchorDirectory: join(directory, 'anchor') },
      tilesDirectory: this.tilesDirectory,
    };
  }

  get tilesDirectory(): string {
    return join(this.databases.directory, 'tiles');
  }

  private floorPlace(): FloorPlace {
    const { directory, floor } = this.databases;
    const { origin } = this.address.log;
    return { ...floor, directory, origin, purpose: this.city.purpose, category: this.city.category };
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

export async function logSizeOf(adminUrl: string): Promise<number> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ size: string }>('SELECT size FROM azukari.log_state');
    return Number(rows[0]!.size);
  });
}
