/** Questions and answers between the benchmark and the processes it starts, over Node's own channel. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Question {
  id: number;
  name: string;
  argument: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

const endsWithinMs = 20_000;

/** A process of the benchmark. What it fails at is thrown here; when it ends, everything that waits for it fails. */
export class Child {
  private readonly waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  private asked = 0;

  private constructor(private readonly process: ChildProcess) {
    process.on('message', (message) => this.take(message as Answer));
    process.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a process ended (${code ?? signal})`));
      this.waiting.clear();
    });
  }

  /** @param script a module beside this one. */
  static start(script: string): Child {
    const path = fileURLToPath(new URL(script, import.meta.url));
    return new Child(fork(path, { execArgv: ['--enable-source-maps'], stdio: 'inherit' }));
  }

  ask<Result>(name: string, argument: unknown = null): Promise<Result> {
    this.asked += 1;
    const id = this.asked;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.process.send({ id, name, argument } satisfies Question, (error) => {
        if (error) this.take({ id, error: error.message });
      });
    });
  }

  /** Asks it to end and waits; one that does not is killed. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), endsWithinMs);
    this.ask('stop').catch(() => undefined);
    await exit;
    clearTimeout(timer);
  }

  private take({ id, result, error }: Answer): void {
    const waiter = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) waiter?.resolve(result);
    else waiter?.reject(new Error(error));
  }
}

/** The child's side: answers until it is asked to stop, or until the parent is gone. */
export function answerParent(
  answers: Readonly<Record<string, (argument: never) => unknown>>,
  stop: () => Promise<void>,
): void {
  const send = (answer: Answer) => process.send?.(answer);
  const end = async () => {
    await stop();
    process.disconnect?.();
  };
  process.on('disconnect', () => void stop().finally(() => process.exit(1)));
  process.on('message', (message) => {
    const { id, name, argument } = message as Question;
    if (name === 'stop') {
      process.removeAllListeners('disconnect');
      void end();
      return;
    }
    Promise.resolve()
      .then(() => answers[name]!(argument as never))
      .then(
        (result) => send({ id, result }),
        (error: Error) => send({ id, error: error.stack ?? error.message }),
      );
  });
}
