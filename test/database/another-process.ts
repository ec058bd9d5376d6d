/** Starts `a-service.ts` in a process group of its own and waits for its line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Told {
  adminUrl: string;
  postmasterPid: number;
  isFresh: boolean;
  sentences: string[];
  /** Set instead of the others when the cluster did not start. */
  code?: string;
  message?: string;
}

export interface AnotherProcess {
  told: Told;
  /** To the whole process group, as a terminal's Ctrl-C or a killed session does. */
  killGroup(signal: NodeJS.Signals): Promise<void>;
}

export async function aServiceOn(directory: string, environment: NodeJS.ProcessEnv = {}): Promise<AnotherProcess> {
  const script = fileURLToPath(new URL('./a-service.js', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, directory], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
  let line = '';
  for await (const chunk of child.stdout) {
    line += String(chunk);
    if (line.includes('\n')) break;
  }
  return { told: JSON.parse(line) as Told, killGroup: (signal) => killGroup(child, signal) };
}

async function killGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, signal);
  await exit;
}
