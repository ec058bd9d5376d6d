/**
 * One witness, as the log sees it (c2sp.org/tlog-witness, the client's side). Asking never throws and never takes longer than the deadline; a
 * witness that fails is left alone for a while, longer each time. Nothing it answers is believed but its verified signature.
 */
import { cosignatureVerifier, timestampOf } from '../cosignature.js';
import { parseSignatureLines, signatureLine } from '../note.js';
import { utf8 } from '../../kernel/bytes.js';
import { systemClock, toUnixSeconds } from '../../kernel/clock.js';
import { encodeAddCheckpoint, parseSize, sizeContentType } from './add-checkpoint.js';
import type { PolicyWitness } from './witness-policy.js';

/** What is to be cosigned. */
export interface Head {
  readonly size: number;
  /** The signed checkpoint. */
  readonly note: string;
}

/** Proves that the tree of `newSize` begins with that of `oldSize`. */
export type Prove = (oldSize: number, newSize: number) => Promise<readonly Uint8Array[]>;

export interface ClientLimits {
  /** For one request, redirects not followed. */
  readonly deadlineMs: number;
  readonly backOffMs: number;
  readonly backOffMaxMs: number;
}

const answerBytesMax = 16 * 1024;
/** A witness tries to hold more than one size at most twice: once unknown, once because another signer was faster. */
const attemptsMax = 3;
/** A signature dated otherwise is not one of now, or its clock is not one to rely on. */
const clockDifferenceMaxSeconds = 3600;

class WitnessFailure extends Error {}

export class WitnessClient {
  /** The size that it confirmed last; 0 while nothing is known. */
  private heldSize = 0;
  private failures = 0;
  private retryAtMs = 0;
  private isBusy = false;

  /**
   * @param report told of each failure that is new or has lasted twice as long.
   * @param onAhead called when it says that it holds more than the head; it need not be true.
   */
  constructor(
    readonly witness: PolicyWitness & { readonly url: string },
    private readonly limits: ClientLimits,
    private readonly report: (sentence: string) => void,
    private readonly onAhead: () => void = () => undefined,
  ) {}

  /** Whether it is to be asked now: it answers no other request, and has not failed a moment ago. */
  get isReady(): boolean {
    return !this.isBusy && performance.now() >= this.retryAtMs;
  }

  /** Its signature line over the head, verified; null when it gave none. */
  async ask(head: Head, prove: Prove, stopped: AbortSignal): Promise<string | null> {
    this.isBusy = true;
    try {
      const line = await this.cosignature(
        head,
        prove,
        AbortSignal.any([AbortSignal.timeout(this.limits.deadlineMs), stopped]),
      );
      this.heldSize = head.size;
      if (this.failures > 0) this.report(`witness ${this.witness.name} cosigns again`);
      this.failures = 0;
      return line;
    } catch (error) {
      if (!stopped.aborted) this.fail(error as Error & { cause?: Error });
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  private fail(error: Error & { cause?: Error }): void {
    const { backOffMs, backOffMaxMs } = this.limits;
    this.retryAtMs = performance.now() + Math.min(backOffMaxMs, backOffMs * 2 ** Math.min(this.failures, 20));
    this.failures += 1;
    // 1, 2, 4, 8 … so that a dead witness does not fill the log.
    if (Number.isInteger(Math.log2(this.failures))) {
      const sentence =
        error instanceof WitnessFailure
          ? error.message
          : `it does not answer (${error.cause?.message ?? error.message})`;
      this.report(`witness ${this.witness.name}: ${sentence}; failed ${this.failures} times`);
    }
  }

  private async cosignature(head: Head, prove: Prove, signal: AbortSignal): Promise<string> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const oldSize = Math.min(this.heldSize, head.size);
      const body = encodeAddCheckpoint({ oldSize, proof: await prove(oldSize, head.size), checkpoint: head.note });
      const { status, type, text } = await this.post(body, signal);
      if (status === 200) return this.verified(text, head);
      const held =
        status === 409 && type === sizeContentType && text.endsWith('\n') ? parseSize(text.slice(0, -1)) : null;
      if (held === null) throw new WitnessFailure(`it answers ${status}`);
      if (held === oldSize) throw new WitnessFailure(`it holds ${held} entries and refuses to go on from there`);
      if (held > head.size) this.onAhead();
      if (held > head.size)
        throw new WitnessFailure(`it says that it cosigned ${held} entries, and the log has ${head.size}`);
      this.heldSize = held;
    }
    throw new WitnessFailure('it names another size each time');
  }

  private async post(
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; type: string | null; text: string }> {
    const url = `${this.witness.url.replace(/\/+$/, '')}/add-checkpoint`;
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal, headers });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > answerBytesMax) throw new WitnessFailure('it answers too much');
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return { status: response.status, type: response.headers.get('content-type'), text };
  }

  /** "The client MUST ignore any cosignatures from unknown keys." */
  private verified(lines: string, head: Head): string {
    const { name, keyId } = this.witness.key;
    const text = utf8(head.note.slice(0, head.note.lastIndexOf('\n\n') + 1));
    const own = signaturesIn(lines).find((line) => line.name === name && line.keyId === keyId);
    if (!own) throw new WitnessFailure('it answers without a signature of its key');
    if (!cosignatureVerifier(this.witness.key).verify(text, own.signature)) {
      throw new WitnessFailure('its signature is not over this checkpoint');
    }
    if (Math.abs(timestampOf(own.signature)! - toUnixSeconds(systemClock())) > clockDifferenceMaxSeconds) {
      throw new WitnessFailure('its signature is dated more than an hour from now');
    }
    return signatureLine(own);
  }
}

function signaturesIn(lines: string) {
  try {
    return parseSignatureLines(lines);
  } catch {
    throw new WitnessFailure('it answers no signature lines');
  }
}
