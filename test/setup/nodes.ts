/** Starts nodes as processes of their own (`node-process.ts`), so that they share nothing but the database, and can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SmallDisk } from './a-small-disk.js';
import type { NodeMessage, NodeOptions } from './node-process.js';

export interface NodeProcess {
  /** `http://127.0.0.1:<port>` */
  readonly base: string;
  readonly pid: number;
  /** Lines of the incident log: failures of ours. */
  readonly incidents: readonly string[];
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it cleanly. Calling it twice, or on one that was killed, is harmless. */
  stop(): Promise<void>;
}

export interface Room {
  /** No file of the node may grow beyond this: setrlimit(2), RLIMIT_FSIZE, in steps of 512. */
  readonly fileBytesMax?: number;
  /** On which it is started. */
  readonly disk?: SmallDisk;
}

export async function aNodeProcess(options: NodeOptions, { fileBytesMax, disk }: Room = {}): Promise<NodeProcess> {
  const program = fileURLToPath(new URL('./node-process.js', import.meta.url));
  const limit = fileBytesMax === undefined ? '' : `ulimit -f ${Math.floor(fileBytesMax / 512)} && `;
  const command = ['sh', '-c', `${limit}exec "$0" --no-warnings --enable-source-maps "$1"`, process.execPath, program];
  const [first, ...args] = [...(disk?.entering ?? []), ...command];
  const child = spawn(first!, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', AZUKARI_TEST_NODE: JSON.stringify(options) },
  });
  const exited = once(child, 'exit');
  const incidents: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: NodeMessage) => {
      if (message.kind === 'listening') resolve(message.port);
      else if (message.kind === 'failed') reject(new Error(`the node did not start: ${message.message}`));
      else incidents.push(message.line);
    });
    child.once('exit', (code, signal) => reject(new Error(`the node ended with ${code ?? signal}`)));
  });
  return {
    base: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    incidents,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
