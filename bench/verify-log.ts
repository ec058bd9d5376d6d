/**
 * `node dist/bench/verify-log.js [entries]`: what an auditor waits for. Writes a city's log to a temporary directory and runs
 * `azukari verify log` on it as the whole process that a person would start; prints processor and wall time of that process alone, by
 * the kernel's account of it. The promise is one million entries in at most 5 s on one core.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './statistics.js';
import { writeLargeLog } from './large-log.js';

/** Seconds and mebibytes of one run. */
export interface VerifyLogFigures {
  readonly entries: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly wallSeconds: number;
  readonly residentMiB: number;
}

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url));
// The process tells at its end what it used from its very beginning, start of Node included.
const account = `process.on('exit', () => process.stderr.write(JSON.stringify(process.resourceUsage())));`;

/** Runs the command `rounds` times and returns the median run by user time. Throws when the log is not found in order. */
export function measureVerifyLog(entries: number, rounds = 3): VerifyLogFigures {
  const directory = mkdtempSync(join(tmpdir(), 'azukari-verify-log-'));
  try {
    const vkey = writeLargeLog(directory, entries);
    const runs = Array.from({ length: rounds }, () => verifyDirectory(directory, vkey, entries));
    const middle = median(runs.map(({ userSeconds }) => userSeconds));
    return runs.toSorted((a, b) => Math.abs(a.userSeconds - middle) - Math.abs(b.userSeconds - middle))[0]!;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs the command once on a log in a directory. Throws when it is not in order, or shorter than `entries`. */
export function verifyDirectory(directory: string, vkey: string, entries: number): VerifyLogFigures {
  const figures = runOnce(directory, vkey);
  if (figures.entries < entries) throw new Error(`the log has ${figures.entries} entries, not ${entries}`);
  return figures;
}

function runOnce(directory: string, vkey: string): VerifyLogFigures {
  const start = performance.now();
  const preload = `data:text/javascript,${encodeURIComponent(account)}`;
  const args = ['--import', preload, cli, 'verify', 'log', directory, '--vkey', vkey];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const wallSeconds = (performance.now() - start) / 1000;
  const entries = /ok: all (\d+) entries/.exec(stdout)?.[1];
  if (status !== 0 || entries === undefined) throw new Error(`${stdout}${stderr}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(stderr.slice(stderr.indexOf('{'))) as NodeJS.ResourceUsage;
  return {
    entries: Number(entries),
    userSeconds: userCPUTime / 1e6,
    systemSeconds: systemCPUTime / 1e6,
    wallSeconds,
    residentMiB: maxRSS / 1024,
  };
}

/** One line for a person. */
export function describeVerifyLog({ entries, userSeconds, systemSeconds, wallSeconds, residentMiB }: VerifyLogFigures) {
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  return (
    `azukari verify log: ${entries} entries in ${seconds(userSeconds)} user, ${seconds(systemSeconds)} system, ` +
    `${seconds(wallSeconds)} wall, ${Math.round(residentMiB)} MiB resident`
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${describeVerifyLog(measureVerifyLog(Number(process.argv[2] ?? 1_000_000)))}\n`);
}
