/** The commands of `azukari`, each an async function that returns its exit code. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { restore } from './catch-up.js';
import { type Config, readConfig } from './config.js';
import { openAnchorDirectory } from './database/anchor-directory.js';
import { openDatabases } from './databases.js';
import type { DemoFile } from './demo/demo-file.js';
import { tour } from './demo/tour.js';
import { follow, type Part } from './further-process.js';
import { placesOf, startFurtherNode } from './further-node.js';
import { Progress } from './progress.js';
import type { Running } from './running-file.js';
import { sayRestored } from './restore-report.js';
import { startSigner } from './signer-process.js';
import { sentenceFor, serve } from './serve.js';
import { untilStopped } from './until-stopped.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Serves until SIGINT or SIGTERM. */
export async function runServe(environment: Environment): Promise<number> {
  return told(async () => {
    const progress = new Progress(process.stdout);
    const config = readConfig(environment);
    const stopped = untilStopped();
    const { service, demo, stop } = await serve(config, progress, stopped.isDone);
    try {
      // Once: each tour leaves a program in the register.
      if (demo !== null && service.isFounding && !stopped.isDone())
        await showTour(demo, progress).catch((error: Error) => progress.say(`The tour failed: ${error.message}`));
      sayAddresses(progress, service.publicUrl, demo, relative(process.cwd(), join(config.directory, 'demo.json')));
      await stopped.promise;
      progress.say('\nStopping …');
    } finally {
      await stop();
    }
    return 0;
  });
}

/** Brings a restored database up to its log, while nothing is served. @param from a directory of tiles, the signer's own unless given. */
export async function runRestore(environment: Environment, from?: string): Promise<number> {
  return told(async () => {
    const progress = new Progress(process.stdout);
    const config = readConfig(environment);
    const databases = await openDatabases(config, (sentence) => progress.say(sentence));
    try {
      const restored = await restore(config, databases, from);
      sayRestored(restored, from ?? config.tilesDirectory, (sentence) => progress.say(sentence));
      progress.say('The next start reads the journal of withdrawals, and then serves.');
    } finally {
      await databases.stop();
    }
    return 0;
  });
}

/** A further node of the city that is served from the same data directory. PORT chooses its port; else it takes a free one. */
export async function runNode(environment: Environment): Promise<number> {
  return told(async () => {
    const progress = new Progress(process.stdout);
    const config = readConfig({ ...environment, PORT: environment.PORT ?? '0' });
    const start = async (running: Running) => {
      const service = await startFurtherNode(config, running);
      const { host, port } = service.address;
      progress.say(`A further node of ${service.publicUrl} serves at http://${host}:${port}`);
      return service;
    };
    await followUntilStopped(config, start, progress);
    return 0;
  });
}

/** The signer alone, for the city that is served from the same data directory. */
export async function runSigner(environment: Environment): Promise<number> {
  return told(async () => {
    const progress = new Progress(process.stdout);
    const config = readConfig(environment);
    const start = async ({ signerUrl }: Running) => {
      await openAnchorDirectory(config);
      const signer = await startSigner({ signerUrl, ...placesOf(config) });
      progress.say(`A signer of ${signer.origin} is ready; of several, one signs.`);
      return signer;
    };
    await followUntilStopped(config, start, progress);
    return 0;
  });
}

async function followUntilStopped(
  { directory }: Config,
  start: (running: Running) => Promise<Part>,
  progress: Progress,
): Promise<void> {
  const { isDone } = untilStopped();
  await follow({ directory, start, say: (sentence) => progress.say(sentence), isStopped: isDone });
}

/** The tour on a fresh temporary city. Exit code 0 or 1. */
export async function runTour(environment: Environment): Promise<number> {
  return told(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'azukari-tour-'));
    const progress = new Progress(process.stdout);
    try {
      const config = readConfig({
        AZUKARI_DEMO_RESIDENTS: environment.AZUKARI_DEMO_RESIDENTS ?? '50',
        AZUKARI_DIRECTORY: directory,
        PORT: '0',
      });
      const stopped = untilStopped();
      const { demo, stop } = await serve(config, progress, stopped.isDone);
      try {
        await showTour(demo!, progress);
      } finally {
        await stop();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    return 0;
  });
}

async function showTour(demo: DemoFile, progress: Progress): Promise<void> {
  progress.say('\nThe tour: the whole job once, over HTTP.');
  let number = 0;
  await tour(demo, ({ name, result, ms }) => {
    number += 1;
    progress.say(
      `  ${String(number).padStart(2)}. ${name.padEnd(64)} ${`${ms.toFixed(0)} ms`.padStart(8)}   ${result}`,
    );
  });
}

function sayAddresses(progress: Progress, publicUrl: string, demo: DemoFile | null, demoFile: string): void {
  progress.say(`\nAzukari serves at ${publicUrl}`);
  if (demo !== null) {
    progress.say(`  the register of programs and the log   ${publicUrl}/`);
    progress.say(`  sign in as resident, board or staff    ${publicUrl}/sign-in`);
    progress.say(`  everything a script needs               ${demoFile}`);
    progress.say('  the tour once more, on a temporary city npm run tour');
  }
  progress.say('Stop with Ctrl-C; a second start takes up the same data.');
}

/** Runs a command; a known failure is told in one sentence, any other with its stack. */
export async function told(run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const sentence = sentenceFor(error);
    process.stderr.write(sentence === null ? `${(error as Error).stack ?? String(error)}\n` : `azukari: ${sentence}\n`);
    return 1;
  }
}
