/**
 * A witness (c2sp.org/tlog-witness): it cosigns a checkpoint only when the log it belongs to has grown from the one it cosigned before,
 * which it remembers durably before it answers. Each request is decided and remembered without a pause in between, so two at once
 * cannot both be right.
 */
import { isUtf8 } from 'node:buffer';
import { isEqual, sha256, toHex, utf8 } from '../../kernel/bytes.js';
import type { Clock } from '../../kernel/clock.js';
import { openCheckpoint, type OpenCheckpoint, peekCheckpoint } from '../checkpoint.js';
import { cosign, cosignatureVerifier } from '../cosignature.js';
import { type FindingCode, VerificationError } from '../finding.js';
import { emptyRoot } from '../merkle.js';
import { disprovesConsistency, verifyConsistency } from '../merkle-proof.js';
import { openNote, parseNote, signatureLine } from '../note.js';
import { encodeVerifierKey, type SigningKey, type VerifierKey } from '../note-key.js';
import { type AddCheckpoint, parseAddCheckpoint, sizeContentType } from './add-checkpoint.js';
import { type Witnessed, WitnessStartError, type WitnessState } from './witness-state.js';

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Two statements of one log that do not go together: what it signed before, and what it signed now. Two signed roots of one size, or a proof that
 * leads from the signed root to another beginning. Anybody can send a checkpoint that the log published with a wrong proof: that is nobody's
 * misbehaviour, and is only refused.
 */
export interface Misbehaviour {
  readonly origin: string;
  readonly held: Witnessed;
  /** What it signed now: its size and its root, 32 bytes. */
  readonly size: number;
  readonly root: Buffer;
  /** The request as it came: its checkpoint bears the log's valid signature. */
  readonly request: string;
}

/** A cosignature so young is given again as it is. */
const freshSeconds = 5;

export class Witness {
  private readonly logs = new Map<string, VerifierKey[]>();

  /** @param logs keys of the logs to witness; a log is known by its origin, which is its keys' name. */
  constructor(
    private readonly key: SigningKey,
    logs: readonly VerifierKey[],
    private readonly state: WitnessState,
    private readonly clock: Clock,
    private readonly onMisbehaviour: (found: Misbehaviour) => void,
  ) {
    for (const log of logs) this.logs.set(log.name, [...(this.logs.get(log.name) ?? []), log]);
    this.state.origins().forEach((origin) => this.requireOwn(origin));
  }

  /** Decides one `add-checkpoint` request. Throws only when it cannot remember; then it has not cosigned. */
  addCheckpoint(body: Uint8Array): WitnessAnswer {
    try {
      if (!isUtf8(body)) throw new VerificationError('malformed-note', 'it is not UTF-8');
      const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
      const request = parseAddCheckpoint(text);
      const { origin } = peekCheckpoint(request.checkpoint);
      const logKeys = this.logs.get(origin);
      if (!logKeys) return refusal(404, 'this log is not known here');
      return this.decide(openCheckpoint(request.checkpoint, { origin, logKeys }), request, text);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      return refusal(isAboutSignatures(error.code) ? 403 : 400, error.message);
    }
  }

  /** The newest cosigned checkpoint of the log with this SHA-256 of its origin (hex), or null. */
  checkpoint(originHash: string): string | null {
    const origin = [...this.logs.keys()].find((name) => toHex(sha256(utf8(name))) === originHash);
    return (origin !== undefined && this.state.find(origin)?.note) || null;
  }

  private decide(checkpoint: OpenCheckpoint, { oldSize, proof, checkpoint: note }: AddCheckpoint, request: string) {
    const { origin, size, root, text } = checkpoint;
    if (oldSize > size) return refusal(400, 'the old size is larger than the checkpoint');
    const held = this.state.find(origin);
    if (oldSize !== (held?.size ?? 0)) return answer(409, `${held?.size ?? 0}\n`, sizeContentType);
    const isEmptyAsItShould = size > 0 || isEqual(root, emptyRoot);
    const isGrown = oldSize === 0 ? proof.length === 0 : verifyConsistency(oldSize, size, proof, held!.root, root);
    if (!isEmptyAsItShould || !isGrown) {
      const isOther =
        held !== null &&
        (size === held.size
          ? !isEqual(root, held.root)
          : disprovesConsistency(held.size, size, proof, held.root, root));
      if (isOther) this.onMisbehaviour({ origin, held, size, root, request });
      return refusal(422, 'the checkpoint is not shown to continue the one cosigned before');
    }
    const fresh = held && this.freshLine(held, text);
    if (fresh) return answer(200, fresh);
    // A clock that was set back does not make a newer statement look older than one already given.
    const now = Math.max(Math.floor(this.clock().getTime() / 1000), held?.timestamp ?? 1, 1);
    const line = signatureLine(cosign(text, this.key, now));
    this.state.remember(origin, { size, root, timestamp: now, note: `${text}\n${this.logLines(note)}${line}` });
    return answer(200, line);
  }

  /** The line of a moment ago over the same text: whoever sends a public checkpoint again and again costs no disk. */
  private freshLine({ note, timestamp }: Witnessed, text: string): string | null {
    const age = Math.floor(this.clock().getTime() / 1000) - timestamp;
    if (age < 0 || age >= freshSeconds || !note.startsWith(`${text}\n`)) return null;
    return note.slice(note.lastIndexOf('\n', note.length - 2) + 1);
  }

  /** The lines of the log's own keys: `openCheckpoint` has verified every one of them. */
  private logLines(note: string): string {
    const { signatures } = parseNote(note);
    const isKnown = (name: string, keyId: number) => (this.logs.get(name) ?? []).some((key) => key.keyId === keyId);
    return signatures
      .filter(({ name, keyId }) => isKnown(name, keyId))
      .map(signatureLine)
      .join('');
  }

  /** What is remembered bears our own signature: somebody who changed it, or half a disk, is found out at the start. */
  private requireOwn(origin: string): void {
    const { size, root, note } = this.state.find(origin)!;
    try {
      openNote(note, [cosignatureVerifier(this.key)]);
      const own = peekCheckpoint(note);
      if (own.origin === origin && own.size === size && isEqual(own.root, root)) return;
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
    }
    throw new WitnessStartError(`what is remembered of ${origin} was not cosigned by ${encodeVerifierKey(this.key)}`);
  }
}

function isAboutSignatures(code: FindingCode): boolean {
  return code === 'untrusted' || code === 'bad-signature';
}

function answer(
  status: WitnessAnswer['status'],
  body: string,
  contentType = 'text/plain; charset=utf-8',
): WitnessAnswer {
  return { status, contentType, body };
}

function refusal(status: 400 | 403 | 404 | 422, sentence: string): WitnessAnswer {
  return answer(status, `${sentence}\n`);
}
