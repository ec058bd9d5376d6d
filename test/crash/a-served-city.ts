/**
 * The service as a newcomer starts it, in a process of its own with its own PostgreSQL, and everything needed to be cruel to it: the server
 * can be killed, the postmaster can be made to drop everything at once. Kills nothing but what it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { isPostmasterOf, shutDown } from '../../src/database/postmaster.js';
import { type DemoFile, readDemoFile } from '../../src/demo/demo-file.js';
import type { SmallDisk } from '../setup/a-small-disk.js';

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
const residents = 10;
const startWithinMs = 90_000;
const stopWithinMs = 30_000;

export class ServedCity {
  private child: ChildProcess | null = null;
  private demoFile: DemoFile | null = null;

  /** Where this process finds its files. */
  readonly directory: string;

  /** @param own the directory of this city alone; made if missing. */
  constructor(
    private readonly own: string,
    private readonly port: number,
    /** Settings beyond the directory and the port. */
    private readonly environment: Readonly<Record<string, string>> = {},
    /** On which its processes are; it holds some or all of the directory. */
    private readonly disk: SmallDisk | null = null,
  ) {
    this.directory = disk?.seen(own) ?? own;
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** As of the last start. */
  get demo(): DemoFile {
    if (this.demoFile === null) throw new Error('the city was never started');
    return this.demoFile;
  }

  /** Starts the server and waits until it serves, its city founded; the tour may still be on its way. */
  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const before = await this.demoWrittenAt();
    const child = await this.spawn(['serve'], { PORT: String(this.port) });
    this.child = child;
    const deadline = Date.now() + startWithinMs;
    for (;;) {
      if (hasEnded(child)) throw new Error(`the server ended at its start: ${await this.errors()}`);
      if (Date.now() > deadline) throw new Error(`the server did not start: ${await this.errors()}`);
      // It is written anew at each start, with fresh sessions, once the server listens.
      if ((await this.demoWrittenAt()) !== before) break;
      await pause(50);
    }
    this.demoFile = await readDemoFile(join(this.directory, 'demo.json'));
  }

  /** Starts a further process of this city: `node`, `signer`, `restore`. What it says is in `<command>.log`, or in `stderr.log`. */
  async spawn(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
    const [output, errors] = await Promise.all(
      [`${command[0]}.log`, 'stderr.log'].map((name) => open(join(this.directory, name), 'a')),
    );
    const node = [process.execPath, '--no-warnings', '--enable-source-maps', cli, ...command];
    const [program, ...args] = [...(this.disk?.entering ?? []), ...node];
    const child = spawn(program!, args, {
      stdio: ['ignore', output!.fd, errors!.fd],
      env: {
        ...{ PATH: process.env.PATH, AZUKARI_DIRECTORY: this.own },
        ...{ AZUKARI_DEMO_RESIDENTS: String(residents), ...this.environment, ...environment },
      },
    });
    await Promise.all([output!.close(), errors!.close()]);
    return child;
  }

  /** Runs a command to its end; returns its exit code. */
  async run(...command: string[]): Promise<number | null> {
    const child = await this.spawn(command);
    await once(child, 'exit');
    return child.exitCode;
  }

  /** What a command of that name wrote so far. */
  said(command: string): Promise<string> {
    return readFile(join(this.directory, `${command}.log`), 'utf8').catch(() => '');
  }

  /** SIGKILL to the server; its PostgreSQL runs on without it. */
  async killServer(): Promise<void> {
    const { child } = this;
    if (child === null || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** SIGQUIT to the postmaster: immediate shutdown, as close to a loss of power as a process comes. */
  async quitDatabase(): Promise<void> {
    process.kill(await this.postmasterPid(), 'SIGQUIT');
  }

  /** SIGKILL to one of the service's backends: to the postmaster a crash, after which it ends the others and itself, or recovers. */
  async killBackend(): Promise<void> {
    const pid = await this.asSuperuser(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE usename = 'azukari_app' ORDER BY state = 'active' DESC, pid LIMIT 1`,
      );
      return rows[0]!.pid;
    });
    process.kill(pid, 'SIGKILL');
  }

  get isServing(): boolean {
    return this.child !== null && !hasEnded(this.child);
  }

  /** Resolves with the exit code of a server that ends by itself. */
  async ended(): Promise<number | null> {
    const { child } = this;
    if (child !== null && !hasEnded(child)) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  /** SIGTERM to the server; rejects when it does not end in half a minute. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === null || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const ended = await Promise.race([exited.then(() => true), pause(stopWithinMs, false, { ref: false })]);
    if (ended) return;
    await this.killServer();
    throw new Error(`the server did not stop within ${stopWithinMs} ms: ${await this.errors()}`);
  }

  /** Whatever state it is in: ends its processes, removes its directory. */
  async discard(): Promise<void> {
    await this.killServer();
    const data = join(this.own, 'cluster', 'data');
    const pid = await this.postmasterPid().catch(() => null);
    if (pid !== null && (await isPostmasterOf(pid, data))) await shutDown(pid, data);
    await this.disk?.leave();
    await rm(this.own, { recursive: true, force: true });
  }

  /** A copy of a stopped city, to be served on another port. */
  async copyTo(directory: string, port: number): Promise<ServedCity> {
    await cp(this.directory, directory, { recursive: true, preserveTimestamps: true });
    return new ServedCity(directory, port);
  }

  /** Runs `work` as PostgreSQL's superuser on the city's database. */
  async asSuperuser<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const lines = await this.pidFile();
    const password = (await readFile(join(this.directory, 'cluster', 'superuser-password'), 'utf8')).trim();
    const client = new Client(`postgres://postgres:${password}@127.0.0.1:${lines[3]}/azukari`);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** What the server wrote to standard error so far. */
  errors(): Promise<string> {
    return readFile(join(this.directory, 'stderr.log'), 'utf8');
  }

  private async postmasterPid(): Promise<number> {
    return Number((await this.pidFile())[0]);
  }

  /** Its first line is the postmaster's process, its fourth the port (PostgreSQL, src/include/utils/pidfile.h). */
  private async pidFile(): Promise<string[]> {
    return (await readFile(join(this.directory, 'cluster', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  }

  private async demoWrittenAt(): Promise<number | null> {
    const path = join(this.directory, 'demo.json');
    return existsSync(path) ? (await stat(path)).mtimeMs : null;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
