/**
 * A reporter of Jest's: a file that does not come to its end, outside of any test or hook (test/setup/time-limits.ts has those), would keep the run
 * waiting for ever and be named by nobody. When its time is up the run ends, with an error and its name.
 */
import stopCluster from './stop-cluster.js';

export default class UnfinishedFiles {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(
    _globalConfig: unknown,
    private readonly options: { limitMs: number },
  ) {}

  onTestFileStart({ path }: { path: string }): void {
    this.timers.set(
      path,
      setTimeout(() => void this.end(path), this.options.limitMs),
    );
  }

  onTestFileResult({ path }: { path: string }): void {
    clearTimeout(this.timers.get(path));
    this.timers.delete(path);
  }

  private async end(path: string): Promise<void> {
    const others = [...this.timers.keys()].filter((other) => other !== path);
    process.stderr.write(
      `FAIL ${path}\n  not done within ${this.options.limitMs / 1000} s; the run is ended${others.length > 0 ? ` (also under way: ${others.join(', ')})` : ''}\n`,
    );
    await stopCluster().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    process.exit(1);
  }
}
