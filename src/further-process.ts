/**
 * A further process of a city that another process serves (`azukari node`, `azukari signer`): it works with what `running.json` names, waits
 * while there is nothing or it does not answer, and starts anew when the addresses change. It sets nothing up: no migration, no password, no
 * founding.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { findRunning, type Running } from './running-file.js';

export interface Part {
  stop(): Promise<void>;
}

export interface Following {
  directory: string;
  /** Starts the part; a database that does not answer is waited for, any other failure ends the process. */
  start(running: Running): Promise<Part>;
  say(sentence: string): void;
  isStopped(): boolean;
}

const lookEveryMs = 500;

/**
 * A database that is gone, coming up or going down, or another cluster that took the port: SQLSTATEs of class 57P0x, 28 and 3D000, and the
 * system's own errors.
 */
const passing = /^(ECONN(REFUSED|RESET)|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|57P0[123]|28P01|28000|3D000)$/;

/** Resolves once stopped, with the part stopped too. */
export async function follow({ directory, start, say, isStopped }: Following): Promise<void> {
  let part: Part | null = null;
  let followed: string | null = null;
  let isTold = false;
  const tell = (sentence: string) => {
    if (!isTold) say(sentence);
    isTold = true;
  };
  try {
    while (!isStopped()) {
      const running = await findRunning(directory);
      const addresses = running && JSON.stringify(running);
      if (addresses !== followed) {
        await part?.stop();
        [part, followed] = [null, null];
        part = running && (await startOrWait(() => start(running)));
        if (part !== null) [followed, isTold] = [addresses, false];
      }
      if (part === null) tell(`Waiting for the service on ${directory} …`);
      await pause(lookEveryMs);
    }
  } finally {
    await part?.stop();
  }
}

async function startOrWait(start: () => Promise<Part>): Promise<Part | null> {
  try {
    return await start();
  } catch (error) {
    if (passing.test((error as { code?: string }).code ?? '')) return null;
    throw error;
  }
}
