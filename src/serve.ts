/**
 * What `npm start` does: databases, service, a demo city where there is none, the tour, and then serving until told to stop. Everything that
 * goes wrong on the way is one sentence.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError, readConfig } from './config.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { type Databases, openDatabases } from './databases.js';
import { demoCity } from './demo/city.js';
import { type DemoFile, readDemoFile, writeDemoFile } from './demo/demo-file.js';
import { foundDemo, type FoundedDemo } from './demo/found-demo.js';
import { openDemoDoors } from './demo/demo-doors.js';
import { requireFreePort } from './free-port.js';
import { Progress } from './progress.js';
import { NoCity, type RunningService, startService } from './service.js';

export interface Served {
  service: RunningService;
  demo: DemoFile | null;
  stop(): Promise<void>;
}

/** Opens the databases, founds the demo city if there is none, and listens. */
export async function serve(config: Config, progress: Progress): Promise<Served> {
  // Before anything is made that would have to be taken back.
  await requireFreePort(config.host, config.port);
  const databases = await openDatabases(config, (sentence) => progress.say(sentence));
  try {
    const demoFile = join(config.directory, 'demo.json');
    const founded = await readDemoFile(demoFile);
    let service = await start(config, databases);
    try {
      if (service.city.demo && founded === null && !service.isFounding) {
        progress.say('The founding of the demo city was cut short last time; it begins anew.');
        service = await startAnew(config, databases, service);
      }
      const demo = service.city.demo ? await openDemo(config, service, founded, demoFile, progress) : null;
      return {
        service,
        demo,
        stop: async () => {
          await service.stop();
          await databases.stop();
        },
      };
    } catch (error) {
      await service.stop();
      throw error;
    }
  } catch (error) {
    await databases.stop();
    throw error;
  }
}

async function start(config: Config, { directory, appUrl, signerUrl, keysUrl }: Databases): Promise<RunningService> {
  return startService({
    ...{ appUrl, signerUrl, keysUrl, host: config.host, port: config.port, publicUrl: config.publicUrl },
    ...{ keysDirectory: directory.keys, journalDirectory: directory.journal, anchorDirectory: directory.anchor },
    ...{ policies: config.policies, runsSigner: config.runsSigner },
    founding: config.mayBeDemo ? demoCity : null,
  });
}

/** Only a demo city is ever thrown away, and only one that nobody has used yet. */
async function startAnew(config: Config, databases: Databases, service: RunningService): Promise<RunningService> {
  await service.stop();
  await databases.startOver();
  await rm(join(databases.directory.anchor, 'checkpoint'), { force: true });
  return start(config, databases);
}

async function openDemo(
  config: Config,
  service: RunningService,
  known: DemoFile | null,
  path: string,
  progress: Progress,
): Promise<DemoFile> {
  let founded: FoundedDemo | null = known;
  if (founded === null) {
    progress.say(`Founding the demo city ${service.city.nameEn} with ${config.demoResidents} residents:`);
    founded = await foundDemo(service.app, service.pool, {
      ...{ count: config.demoResidents, today: todayInJapan() },
      report: (step, done) => progress.bar(step, done),
    });
    progress.done();
  }
  const file = await openDemoDoors(service, founded);
  await writeDemoFile(path, file);
  return file;
}

function todayInJapan(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
}

/** The sentence for a start that failed, or null when it is not one of the ways we know. */
export function sentenceFor(error: unknown): string | null {
  if (error instanceof ConfigError || error instanceof NoCity) return error.message;
  if (error instanceof DatabaseStartError) return error.sentence;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `port ${port} on ${address} is taken; set PORT to another one`;
  if (code === 'EACCES' && port !== undefined)
    return `port ${port} may not be opened by this user; set PORT to one above 1023`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return 'the database named by DATABASE_URL does not answer';
  if (code === '28P01' || code === '28000') return 'the database named by DATABASE_URL refuses this user or password';
  return null;
}

export { readConfig };
