/**
 * A disk that can be filled to its last byte: a tmpfs of its own, mounted where only those see it who are started on it. That is done in a user and a
 * mount namespace, which take no right that an ordinary user has not, where a system allows them. This process sees its files by way of a process in there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const inside = ['--user', '--mount', '--map-root-user'];
const mount = 'mount -t tmpfs -o "size=$1,mode=0700" tmpfs "$0"';
const refillEveryMs = 20;

/** Why there is no small disk on this machine; null where there is. */
export function whyNoSmallDisk(): string | null {
  const { status } = spawnSync('unshare', [...inside, 'sh', '-c', `${mount} && nsenter --version`, '/tmp', '4k']);
  return status === 0 ? null : 'no user namespaces here, or nothing may be mounted in them';
}

export class SmallDisk {
  private ballast: FileHandle | null = null;
  private filling: Promise<void> = Promise.resolve();

  private constructor(
    private readonly directory: string,
    /** Keeps it there; its process number. */
    private readonly holder: number,
    /** Nobody who is still on it loses it. */
    readonly leave: () => Promise<void>,
  ) {}

  /** @param directory an absolute path, where it lies for whoever is on it; to everybody else this stays an empty directory. */
  static async at(directory: string, size: string): Promise<SmallDisk> {
    const holder = spawn('unshare', [...inside, 'sh', '-c', `${mount} && echo && exec cat`, directory, size], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(holder, 'exit');
    const mounted = await Promise.race([once(holder.stdout, 'data').then(() => true), exited.then(() => false)]);
    if (!mounted) throw new Error('the small disk could not be mounted');
    return new SmallDisk(directory, holder.pid!, async () => {
      holder.stdin.end();
      await exited;
    });
  }

  /** The command line put before that of a program, which then runs on the disk, under the same process number. */
  get entering(): readonly string[] {
    return ['nsenter', `--target=${this.holder}`, '--user', '--mount', '--preserve-credentials'];
  }

  /** Where this process sees what lies at `path` for those on the disk. */
  seen(path: string): string {
    return `/proc/${this.holder}/root${path}`;
  }

  /** Fills it, and whatever becomes free, until there is to be room again. */
  async fill(): Promise<void> {
    const ballast = await open(`${this.seen(this.directory)}/ballast`, 'a');
    this.ballast = ballast;
    await fillUp(ballast);
    this.filling = (async () => {
      for (; this.ballast === ballast; await pause(refillEveryMs)) await fillUp(ballast);
    })();
  }

  async makeRoom(): Promise<void> {
    const { ballast } = this;
    this.ballast = null;
    await this.filling;
    await ballast?.truncate(0);
    await ballast?.close();
  }
}

async function fillUp(ballast: FileHandle): Promise<void> {
  for (let bytes = 65_536; bytes >= 1;) {
    try {
      await ballast.write(Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      bytes /= 2;
    }
  }
}
