/**
 * Checkpoints (c2sp.org/tlog-checkpoint): the signed size and root of a log. `openCheckpoint` is the one way from bytes to a checkpoint
 * that may be believed: origin, log signature and, where asked for, a quorum of witnesses.
 */
import { invariant } from '../kernel/errors.js';
import { fromBase64, toBase64 } from './base64.js';
import { cosignatureVerifier, timestampOf } from './cosignature.js';
import { VerificationError } from './finding.js';
import { hashBytes, isTreeSize } from './merkle.js';
import { noteVerifier, openNote, parseNote, signNote } from './note.js';
import { parseVerifierKey, type SigningKey, type VerifierKey } from './note-key.js';

/** What a checkpoint says. */
export interface Checkpoint {
  readonly origin: string;
  /** Number of entries, at most 2^53 - 1. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** Opaque lines after the third. We write none. */
  readonly extensions: readonly string[];
}

/** Whom a verifier trusts, and for which log. */
export interface Trust {
  readonly origin: string;
  /** Of type `ed25519`. One good signature is enough: during a rotation both keys sign. */
  readonly logKeys: readonly VerifierKey[];
  /** Of type `cosignature`; at least `quorum` of them must have cosigned. */
  readonly witnesses?: {
    readonly keys: readonly VerifierKey[];
    readonly quorum: number;
    /** Where a number does not say it all: whether just these are a quorum. */
    readonly isQuorum?: (cosigners: ReadonlySet<VerifierKey>) => boolean;
  };
}

/** A checkpoint that a trusted key signed. */
export interface OpenCheckpoint extends Checkpoint {
  /** The text that was signed. */
  readonly text: string;
  /** The trusted keys of the log that signed it: at least one. */
  readonly signers: readonly VerifierKey[];
  /** Verified cosignatures of known witnesses, with their times in seconds since the epoch. */
  readonly cosignatures: readonly { readonly name: string; readonly timestamp: number }[];
}

/**
 * Whom to trust, from keys in text form. Throws `VerificationError` `malformed-key` for a key that is malformed, of the wrong type or
 * given twice: one witness under two names would count as two.
 */
export function parseTrust(pinned: {
  origin: string;
  vkeys: readonly string[];
  witnessVkeys?: readonly string[];
  quorum?: number;
}): Trust {
  const logKeys = pinned.vkeys.map(parseVerifierKey);
  const keys = (pinned.witnessVkeys ?? []).map(parseVerifierKey);
  const quorum = pinned.quorum ?? 0;
  const refuse = (detail: string) => new VerificationError('malformed-key', detail);
  if (logKeys.length === 0) throw refuse('a log needs a key to be trusted');
  if (logKeys.some(({ type }) => type !== 'ed25519')) throw refuse('a log key is of type 1 (Ed25519)');
  if (keys.some(({ type }) => type !== 'cosignature')) throw refuse('a witness key is of type 4 (cosignature)');
  const distinct = new Set([...logKeys, ...keys].map((key) => key.publicKey.export({ format: 'jwk' }).x));
  if (distinct.size !== logKeys.length + keys.length) throw refuse('one public key is given twice');
  if (quorum > keys.length) throw refuse(`${quorum} of ${keys.length} witnesses cannot cosign`);
  return { origin: pinned.origin, logKeys, witnesses: { keys, quorum } };
}

/** The same trust in another log of the city, where one of its keys is among those pinned; else as it was. */
export function trustIn(trust: Trust, origin: string): Trust {
  const logKeys = trust.logKeys.filter(({ name }) => name === origin);
  return logKeys.length > 0 ? { ...trust, origin, logKeys } : trust;
}

/** The text of a checkpoint, without extension lines. */
export function formatCheckpoint({ origin, size, root }: Pick<Checkpoint, 'origin' | 'size' | 'root'>): string {
  invariant(origin !== '' && !origin.includes('\n'), 'an origin is one line');
  invariant(isTreeSize(size) && root.length === hashBytes, 'a checkpoint has a size and a root of 32 bytes');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** A whole signed checkpoint, by one key or, during a rotation, by two. */
export function signCheckpoint(
  checkpoint: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  ...keys: readonly SigningKey[]
): string {
  return signNote(formatCheckpoint(checkpoint), ...keys);
}

/** Reads the text of a checkpoint (what was signed, not the signatures). Throws `VerificationError` `malformed-checkpoint`. */
export function parseCheckpointText(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('its last line does not end');
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split('\n');
  if (!origin || sizeText === undefined || rootText === undefined) throw malformed('it has fewer than three lines');
  if (extensions.includes('')) throw malformed('it has an empty line');
  const size = /^(0|[1-9][0-9]*)$/.test(sizeText) ? Number(sizeText) : NaN;
  if (!isTreeSize(size)) throw malformed('its size is not a decimal number below 2^53');
  const root = fromBase64(rootText);
  if (root?.length !== hashBytes) throw malformed('its root is not base64 of 32 bytes');
  return { origin, size, root, extensions };
}

/** What a signed checkpoint claims, unverified: to find out which log it is about. Throws `VerificationError`. */
export function peekCheckpoint(note: Uint8Array | string): Checkpoint {
  return parseCheckpointText(parseNote(note).text);
}

/**
 * Verifies a signed checkpoint. Throws `VerificationError`: `malformed-note`, `malformed-checkpoint`, `wrong-origin`, `untrusted`,
 * `bad-signature`, `too-few-witnesses`.
 */
export function openCheckpoint(note: Uint8Array | string, trust: Trust): OpenCheckpoint {
  const witnessKeys = trust.witnesses?.keys ?? [];
  const verifiers = [...trust.logKeys.map(noteVerifier), ...witnessKeys.map(cosignatureVerifier)];
  const { text, signatures } = openNote(note, verifiers);
  const checkpoint = parseCheckpointText(text);
  if (checkpoint.origin !== trust.origin) {
    throw new VerificationError('wrong-origin', `it is for ${checkpoint.origin}, not ${trust.origin}`);
  }
  const signedBy = (key: VerifierKey) => signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId);
  const signers = trust.logKeys.filter(signedBy);
  if (signers.length === 0) throw new VerificationError('untrusted', 'the log itself did not sign it');
  const cosigners = new Set(witnessKeys.filter(signedBy));
  const cosignatures = [...cosigners].map((key) => {
    return { name: key.name, timestamp: timestampOf(signedBy(key)!.signature)! };
  });
  const { quorum = 0, isQuorum = () => true } = trust.witnesses ?? {};
  if (cosigners.size < quorum) {
    throw new VerificationError('too-few-witnesses', `${cosigners.size} cosigned, ${quorum} are needed`);
  }
  if (!isQuorum(cosigners)) {
    throw new VerificationError('too-few-witnesses', `${cosigners.size} cosigned, but they are not a quorum`);
  }
  return { ...checkpoint, text, signers, cosignatures };
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-checkpoint', detail);
}
