/**
 * The signer in a thread of its own (`in-signer-thread.ts`), with connections of its own: a signature is a dozen steps one after the other, and
 * in the thread that answers requests each of them would wait for whatever that is doing. It is the same signer as `azukari signer`.
 * A signer that fails in a way nobody foresaw ends the process, as it would if it ran in it.
 */
import { Worker } from 'node:worker_threads';
import { DatabaseStartError, type DatabaseStartCode } from './database/database-start-error.js';
import type { SignerOptions } from './signer-process.js';
import type { PublishedCheckpoint } from './transparency-log/log-store.service.js';
import type { PublicationService } from './transparency-log/publication.service.js';

export interface SignerThreadOptions extends SignerOptions {
  /** Whether it says what stands in the way of signing. */
  isQuiet: boolean;
}

export type ToSigner = 'appended' | 'stop';

export type FromSigner =
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly name: string; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'published' | 'witnessed'; readonly checkpoint: PublishedCheckpoint };

/** Little lives long here; without a limit each thread keeps room as for a whole service. */
const heapLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

export class SignerThread {
  private isStopping = false;

  private constructor(
    private readonly worker: Worker,
    private readonly ended: Promise<unknown>,
  ) {}

  /** Resolves once it signs, or stands by while another leads. @throws what {@link startSigner} throws */
  static async start(options: SignerThreadOptions, publication: PublicationService): Promise<SignerThread> {
    const worker = new Worker(new URL('./in-signer-thread.js', import.meta.url), {
      workerData: options,
      resourceLimits: heapLimits,
    });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    try {
      await untilStarted(worker, publication);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    const thread = new SignerThread(worker, ended);
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.once('exit', () => {
      // Thrown where nobody catches it: a service whose signer is gone would only seem to run.
      if (!thread.isStopping) throw new Error('the signer ended', { cause });
    });
    publication.onAppend(() => thread.send('appended'));
    return thread;
  }

  /** After the signature that is under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.send('stop');
    await this.ended;
  }

  private send(message: ToSigner): void {
    this.worker.postMessage(message);
  }
}

/** From then on, what the signer tells is passed on to `publication`. */
function untilStarted(worker: Worker, publication: PublicationService): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const onEarlyEnd = (error: unknown) => reject(error instanceof Error ? error : new Error('the signer ended'));
    worker.once('error', onEarlyEnd).once('exit', onEarlyEnd);
    worker.on('message', (message: FromSigner) => {
      if (message.kind === 'failed') reject(failureOf(message));
      else if (message.kind === 'started') {
        worker.off('error', onEarlyEnd).off('exit', onEarlyEnd);
        resolve();
      } else tell(publication, message.kind, message.checkpoint);
    });
  });
}

/** What crosses between threads has lost its class. */
function tell(publication: PublicationService, kind: 'published' | 'witnessed', told: PublishedCheckpoint): void {
  const checkpoint = { ...told, root: Buffer.from(told.root) };
  if (kind === 'published') publication.publish(checkpoint);
  else publication.witness(checkpoint);
}

function failureOf({ name, code, message }: FromSigner & { kind: 'failed' }): Error {
  if (name === 'DatabaseStartError') return new DatabaseStartError(code as DatabaseStartCode, message);
  return Object.assign(new Error(message), { name, code });
}
