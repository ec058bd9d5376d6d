/** A demo city's log, read and checked as its mirror does: over HTTP, trusting the public key alone. */
import type { DemoFile } from '../../src/demo/demo-file.js';
import { checkLog, type CheckOptions, type Report } from '../../src/transparency-log/check-log.js';
import { type OpenCheckpoint, openCheckpoint, type Trust } from '../../src/transparency-log/checkpoint.js';
import { httpReader } from '../../src/transparency-log/http-reader.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import type { LogReader } from '../../src/transparency-log/reader.js';
import { checked } from './checked-logs.js';

type Log = DemoFile['log'];

export function trustIn({ origin, vkey }: Log): Trust {
  return { origin, logKeys: [parseVerifierKey(vkey)] };
}

export function readerAt(node: string, { mirrorToken }: Log): LogReader {
  return httpReader(`${node}/log`, mirrorToken);
}

export async function readCheckpointOf(node: string, log: Log): Promise<OpenCheckpoint> {
  return openCheckpoint(await readerAt(node, log).checkpoint(), trustIn(log));
}

export async function checkLogAt(node: string, log: Log, options: CheckOptions = {}): Promise<Report> {
  return checked(await checkLog(readerAt(node, log), trustIn(log), options));
}

/** Waits until a published checkpoint covers `size` entries; at most ten seconds. */
export async function untilCovered(node: string, log: Log, size: number): Promise<OpenCheckpoint> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const checkpoint = await readCheckpointOf(node, log);
    if (checkpoint.size >= size) return checkpoint;
    if (Date.now() > deadline) throw new Error(`the log covers ${checkpoint.size} entries, not ${size}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
