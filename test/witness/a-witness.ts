/** Witnesses as a board runs them: a process of its own, started by the command line, that can be killed and started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWitness } from '../../src/transparency-log/witness/witness-command.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

export interface WitnessFiles {
  readonly vkey: string;
  readonly keyFile: string;
  readonly state: string;
}

/** A key and an empty memory, as `azukari witness keygen` makes them. */
export async function aNewWitness(name: string): Promise<WitnessFiles> {
  const directory = await aTemporaryDirectory();
  const [keyFile, state] = [join(directory, 'key'), join(directory, 'state')];
  const { exit, stdout, stderr } = await runHere(['keygen', '--name', name, '--key', keyFile, '--state', state]);
  if (exit !== 0) throw new Error(stderr);
  return { vkey: stdout.trim(), keyFile, state };
}

/** The command in this process, for what ends by itself. */
export async function runHere(args: readonly string[], stopped: Promise<unknown> = Promise.resolve()) {
  let [stdout, stderr] = ['', ''];
  const output = { stdout: (text: string) => void (stdout += text), stderr: (text: string) => void (stderr += text) };
  const exit = await runWitness(args, output, stopped);
  return { exit, stdout, stderr };
}

export interface RunningWitness {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stderr so far. */
  readonly complaints: readonly string[];
  add(request: string | Uint8Array): Promise<{ status: number; type: string | null; body: string }>;
  get(path: string): Promise<{ status: number; body: string }>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; returns its exit code. */
  stop(): Promise<number | null>;
}

/** @param port 0 chooses one. */
export async function startWitness(files: WitnessFiles, logs: readonly string[], port = 0): Promise<RunningWitness> {
  const args = ['--listen', `127.0.0.1:${port}`, '--key', files.keyFile, '--state', files.state];
  const child = spawn(
    process.execPath,
    ['--no-warnings', cli, 'witness', ...args, ...logs.flatMap((log) => ['--log', log])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const exited = once(child, 'exit');
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolve(/http:\S+/.exec(text)![0]));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${complaints.join('')}`)));
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    ...{ url, pid: child.pid!, complaints },
    add: (request) => addTo(url, request),
    get: async (path) => {
      const response = await fetch(`${url}${path}`);
      return { status: response.status, body: await response.text() };
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

export async function addTo(url: string, request: string | Uint8Array) {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: request as BodyInit });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}
