/**
 * What `npm start` does: databases, service, a demo city where there is none, the tour, and then serving until told to stop. Everything that
 * goes wrong on the way is one sentence.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { catchUp } from './catch-up.js';
import { type Config, ConfigError } from './config.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { type Databases, openDatabases } from './databases.js';
import { demoCity } from './demo/city.js';
import { type DemoFile, readDemoFile, writeDemoFile } from './demo/demo-file.js';
import { foundDemo, type FoundedDemo, type Report } from './demo/found-demo.js';
import { TourFailed } from './demo/tour.js';
import { completeFounding } from './database/city.js';
import { PolicyBookError } from './policy/policy-book-error.js';
import { openDemoDoors } from './demo/demo-doors.js';
import { requireFreePort } from './database/free-port.js';
import { NotOperable } from './operator-access.js';
import { Progress } from './progress.js';
import { NoCity } from './no-city.js';
import { sayReplayed } from './restore-report.js';
import { RestoreRefused } from './transparency-log/restore/restore-refused.js';
import { removeRunning, writeRunning } from './running-file.js';
import { OtherPolicy, type RunningService, startService } from './service.js';
import { WitnessPolicyUnusable } from './transparency-log/witness/witness-settings.js';
import { readCityLogs } from './transparency-log/city-logs.js';
import { IndexerService } from './transparency-log/completeness/indexer.service.js';
import { tilesOfLog } from './transparency-log/signer/tile-directory.js';

export interface Served {
  service: RunningService;
  demo: DemoFile | null;
  stop(): Promise<void>;
}

/** Asked to stop while the city was being founded; the next start begins it anew. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The demo city is in use, but the file with its keys and sessions is gone. */
class DemoFileLost extends Error {
  constructor(path: string) {
    super(
      `the demo city's file ${path} is missing: put it back, or remove the whole data directory to found a new city`,
    );
  }
}

/** Opens the databases, founds the demo city if there is none, and listens. */
export async function serve(
  config: Config,
  progress: Progress,
  isStopped: () => boolean = () => false,
): Promise<Served> {
  // Before anything is made that would have to be taken back.
  await requireFreePort(config.host, config.port);
  const databases = await openDatabases(config, (sentence) => progress.say(sentence));
  try {
    const demoFile = join(config.directory, 'demo.json');
    await catchUp(config, databases, (sentence) => progress.say(sentence));
    let service = await start(config, databases);
    sayReplayed(service.replayed, (sentence) => progress.say(sentence));
    const founded = service.isFounding ? null : await readDemoFile(demoFile);
    try {
      if (service.city.demo && founded === null && !service.isFounding) {
        if (service.city.foundingCompletedAt !== null) throw new DemoFileLost(demoFile);
        progress.say('The founding of the demo city was cut short last time; it begins anew.');
        service = await startAnew(config, databases, service);
      }
      // Before the demo is founded: its signer may be another process, which has to find the database.
      await announce(config, databases, service);
      const report = (step: string, done: number) => {
        if (isStopped()) throw new Interrupted();
        progress.bar(step, done);
      };
      const demo = service.city.demo ? await openDemo(config, service, founded, demoFile, progress, report) : null;
      const stop = async () => {
        // Further processes go on with an external database, whose addresses stay.
        if (config.databaseUrl === null) await removeRunning(config.directory);
        await service.stop().finally(() => databases.stop());
      };
      return { service, demo, stop };
    } catch (error) {
      await removeRunning(config.directory);
      await service.stop();
      throw error;
    }
  } catch (error) {
    await databases.stop();
    throw error;
  }
}

async function announce({ directory }: Config, databases: Databases, { publicUrl }: RunningService): Promise<void> {
  const { appUrl, signerUrl, keysUrl } = databases;
  await writeRunning(directory, { publicUrl, appUrl, signerUrl, keysUrl });
}

async function start(config: Config, { directory, appUrl, signerUrl, keysUrl }: Databases): Promise<RunningService> {
  return startService({
    ...{ appUrl, signerUrl, keysUrl, host: config.host, port: config.port, publicUrl: config.publicUrl },
    ...{ keysDirectory: directory.keys, journalDirectory: directory.journal, anchorDirectory: directory.anchor },
    ...{ tilesDirectory: config.tilesDirectory, witnesses: config.witnesses },
    ...{ policies: config.policies, runsSigner: config.runsSigner, signsInThread: true },
    founding: config.mayBeDemo ? demoCity : null,
  });
}

/** Only a demo city is ever thrown away, and only one whose founding was never completed. */
async function startAnew(config: Config, databases: Databases, service: RunningService): Promise<RunningService> {
  const logs = await readCityLogs(service.pool);
  await service.stop();
  // First what remembers the log: an empty database beside an anchor counts as one that was lost.
  await rm(join(databases.directory.anchor, 'checkpoint'), { force: true });
  await rm(join(databases.directory.journal, 'withdrawals.ndjson'), { force: true });
  for (const { origin } of logs) {
    await rm(tilesOfLog(config.tilesDirectory, origin), { recursive: true, force: true });
  }
  await databases.startOver();
  return start(config, databases);
}

async function openDemo(
  config: Config,
  service: RunningService,
  known: DemoFile | null,
  path: string,
  progress: Progress,
  report: Report,
): Promise<DemoFile> {
  let founded: FoundedDemo | null = known;
  if (founded === null) {
    progress.say(`Founding the demo city ${service.city.nameEn} with ${config.demoResidents} residents:`);
    founded = await foundDemo(service.app, service.pool, {
      ...{ count: config.demoResidents, today: todayInJapan() },
      report,
    });
    progress.done();
  }
  const file = await openDemoDoors(service, founded);
  // So that residents of the demo need not wait for the night to see that their list is complete.
  if (known === null) await service.app.get(IndexerService, { strict: false }).append(null);
  await writeDemoFile(path, file);
  await completeFounding(service.pool);
  return file;
}

function todayInJapan(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
}

const own = [ConfigError, NoCity, OtherPolicy, DemoFileLost, RestoreRefused, NotOperable];

/** The sentence for a start that failed, or null when it is not one of the ways we know. */
export function sentenceFor(error: unknown): string | null {
  if (own.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof Interrupted) return 'stopped while founding the demo city; the next start begins it anew';
  if (error instanceof TourFailed) return `the tour failed: ${error.message}`;
  if (error instanceof WitnessPolicyUnusable) return error.message;
  if (error instanceof PolicyBookError) return `the policies cannot be used: ${error.message}`;
  if (error instanceof SyntaxError) return `a file in the data directory is not JSON: ${error.message}`;
  if (error instanceof DatabaseStartError) return error.sentence;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `port ${port} on ${address} is taken; set PORT to another one`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} may not be opened by this user; set PORT to one above 1023`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return 'the database named by DATABASE_URL does not answer';
  if (code === '28P01' || code === '28000') return 'the database named by DATABASE_URL refuses this user or password';
  return null;
}
