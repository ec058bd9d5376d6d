/**
 * A running demo city of a test's own: real services on real databases, over real HTTP. The first test file of a run that asks founds a small
 * one; every other gets a copy, which takes a fraction of a second.
 */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownPolicies } from '../../src/config.js';
import { demoCity } from '../../src/demo/city.js';
import { openDemoDoors } from '../../src/demo/demo-doors.js';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { foundDemo, type FoundedDemo } from '../../src/demo/found-demo.js';
import { asAdmin } from '../../src/database/migrate.js';
import { type RunningService, type ServiceOptions, startService } from '../../src/service.js';
import { aCopyOf, aFreshCity, databaseOf, type FreshCity } from './fresh-database.js';
import { aTemporaryDirectory } from './leftovers.js';
import { requireTestCluster } from './test-cluster.js';

/** Residents of the small city; more than the ten that are shown, so that there are others. */
export const demoResidents = 14;
/** Data and consents are made as of this day, whatever day it is. */
const today = new Date().toISOString().slice(0, 10);

export interface DemoCity {
  demo: DemoFile;
  service: RunningService;
  databases: FreshCity;
  directories: Directories;
  /** Another node on the same databases, under the same public address unless told otherwise. */
  anotherNode(options?: Partial<ServiceOptions>): Promise<RunningService>;
  stop(): Promise<void>;
}

export interface Directories {
  keysDirectory: string;
  journalDirectory: string;
  anchorDirectory: string;
  tilesDirectory: string;
}

/** Half a second, but for the first of a run. */
export async function aDemoCity(options: Partial<ServiceOptions> = {}): Promise<DemoCity> {
  const template = await requireTemplate();
  const databases = await aCopyOf(template.city, template.keys);
  return openCity(databases, await someDirectories(template.directory), options);
}

/** The databases as they were when the demo city was founded: what everybody did since is not in them. */
export async function anOldBackup(): Promise<FreshCity> {
  const template = await requireTemplate();
  return aCopyOf(template.city, template.keys);
}

/** Starts a service on what is given, and opens its doors. */
export async function openCity(
  databases: FreshCity,
  directories: Directories,
  options: Partial<ServiceOptions> = {},
): Promise<DemoCity> {
  const template = await requireTemplate();
  const service = await startService({ ...optionsFor(databases, directories), ...options });
  const nodes: RunningService[] = [service];
  const founded = JSON.parse(await readFile(join(template.directory, 'founded.json'), 'utf8')) as FoundedDemo;
  return {
    ...{ service, databases, directories },
    demo: await openDemoDoors(service, founded),
    anotherNode: async (own = {}) => {
      const node = await startService({
        ...{ ...optionsFor(databases, directories), publicUrl: service.publicUrl, runsSigner: false, ...own },
      });
      nodes.push(node);
      return node;
    },
    stop: async () => {
      for (const node of nodes.reverse()) await node.stop();
      await databases.drop();
    },
  };
}

export function optionsFor(databases: FreshCity, directories: Directories): ServiceOptions {
  const { appUrl, signerUrl, keysUrl } = databases;
  return {
    ...{ appUrl, signerUrl, keysUrl, ...directories, policies: ownPolicies, host: '127.0.0.1', port: 0 },
    ...{ publicUrl: null, runsSigner: true, founding: demoCity, logger: false },
    // A test that runs past three o'clock in Japan finds no entry that it did not cause.
    ...{ indexesAtNight: false },
    http: { securityLog: undefined, incidentSink: (line) => void process.stderr.write(`${line}\n`) },
  } as ServiceOptions;
}

/** Keys, journal, anchor and tiles as they are now, in a place of their own. */
export function copiesOf({ keysDirectory }: Directories): Promise<Directories> {
  return someDirectories(dirname(keysDirectory));
}

async function someDirectories(template: string | null): Promise<Directories> {
  const base = await aTemporaryDirectory();
  const directories = {
    keysDirectory: join(base, 'keys'),
    journalDirectory: join(base, 'journal'),
    anchorDirectory: join(base, 'anchor'),
    tilesDirectory: join(base, 'tiles'),
  };
  for (const name of ['keys', 'journal', 'anchor', 'tiles']) {
    if (template === null) await mkdir(join(base, name), { mode: 0o700 });
    else await cp(join(template, name), join(base, name), { recursive: true });
  }
  return directories;
}

interface Template {
  city: string;
  keys: string;
  /** Holds keys/, journal/, anchor/, tiles/ and founded.json. */
  directory: string;
}

const names = { city: 'azukari_template_demo', keys: 'azukari_template_demo_keys' };

/** Several workers may ask at once: one founds, the others wait for it. */
async function requireTemplate(): Promise<Template> {
  const { adminUrl, directory } = requireTestCluster();
  const template = { ...names, directory: join(directory, 'demo') };
  await asAdmin(adminUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtextextended('demo template', 0))");
    if (!existsSync(join(template.directory, 'founded.json'))) await foundTemplate(template);
  });
  return template;
}

async function foundTemplate({ city, keys, directory }: Template): Promise<void> {
  const databases = await aFreshCity();
  const directories = await someDirectories(null);
  const service = await startService(optionsFor(databases, directories));
  const founded = await foundDemo(service.app, service.pool, { count: demoResidents, today, report: () => undefined });
  await service.stop();
  await asAdmin(requireTestCluster().adminUrl, async (client) => {
    await client.query(`ALTER DATABASE ${databaseOf(databases.adminUrl)} RENAME TO ${city}`);
    await client.query(`ALTER DATABASE ${databaseOf(databases.keysAdminUrl)} RENAME TO ${keys}`);
  });
  await mkdir(directory, { recursive: true });
  for (const part of Object.values(directories)) {
    await cp(part, join(directory, part.slice(part.lastIndexOf('/') + 1)), { recursive: true });
  }
  await writeFile(join(directory, 'founded.json'), JSON.stringify(founded));
}
