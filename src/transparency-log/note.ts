/**
 * Signed notes (c2sp.org/signed-note): a text, a blank line, signature lines. The text is not to be looked at before `openNote` has
 * returned: unknown keys are ignored, a known key whose signature fails condemns the whole note, and so does the lack of any.
 */
import { isUtf8 } from 'node:buffer';
import { sign, verify } from 'node:crypto';
import { utf8 } from '../kernel/bytes.js';
import { invariant } from '../kernel/errors.js';
import { fromBase64, toBase64 } from './base64.js';
import { VerificationError } from './finding.js';
import { isKeyName, type SigningKey, type VerifierKey } from './note-key.js';

/** Limits on what is read; the specification asks for at least 16 signatures. */
export const noteBytesMax = 1_000_000;
export const signaturesMax = 100;

const linePrefix = '\u2014 ';
const keyIdBytes = 4;

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** Unsigned 32 bits. */
  readonly keyId: number;
  readonly signature: Buffer;
}

/** A note taken apart. Nothing has been verified. */
export interface ParsedNote {
  /** With its final newline, without the blank line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Whoever can tell a good signature of one key from a bad one. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: number;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/** Verifies plain Ed25519 signatures over the text (signature type 0x01). */
export function noteVerifier(key: VerifierKey): NoteVerifier {
  invariant(key.type === 'ed25519', 'a cosigner key verifies cosignatures, not notes');
  return {
    name: key.name,
    keyId: key.keyId,
    verify: (text, signature) => verify(null, text, key.publicKey, signature),
  };
}

/** Signs a text that ends in a newline; returns the whole note. Throws when the text cannot be one. */
export function signNote(text: string, ...keys: readonly SigningKey[]): string {
  invariant(keys.length > 0, 'a note has at least one signature');
  invariant(
    text.endsWith('\n') && isNoteText(text),
    'the text of a note ends in a newline and has no control characters',
  );
  const lines = keys.map((key) => {
    invariant(key.type === 'ed25519', 'a cosigner key signs no notes');
    return signatureLine({ ...key, signature: sign(null, utf8(text), key.privateKey) });
  });
  return `${text}\n${lines.join('')}`;
}

/** `— <name> <base64(key id ‖ signature)>` and a newline. Lines may be appended to a note. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = Buffer.alloc(keyIdBytes);
  id.writeUInt32BE(keyId);
  return `${linePrefix}${name} ${toBase64(Buffer.concat([id, signature]))}\n`;
}

/** Takes a note apart without verifying anything. Throws `VerificationError` `malformed-note`. */
export function parseNote(note: Uint8Array | string): ParsedNote {
  const whole = decode(note);
  // The text may contain blank lines; the signatures come after the last one.
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0) throw malformed('there is no blank line before the signatures');
  const text = whole.slice(0, blank + 1);
  return { text, signatures: parseSignatureLines(whole.slice(blank + 2)) };
}

/** Reads signature lines alone, as a witness answers them. At least one. Throws `VerificationError` `malformed-note`. */
export function parseSignatureLines(lines: string): NoteSignature[] {
  if (!lines.endsWith('\n')) throw malformed('the last signature line does not end');
  const split = lines.slice(0, -1).split('\n', signaturesMax + 1);
  if (split.length > signaturesMax) throw malformed(`there are more than ${signaturesMax} signatures`);
  return split.map(parseSignatureLine);
}

/**
 * Verifies a note and returns its text and the signatures of known keys, each key once. Throws `VerificationError`:
 * `malformed-note`, `malformed-key`, `bad-signature` (a known key's signature fails), `untrusted` (no known key signed).
 */
export function openNote(note: Uint8Array | string, verifiers: readonly NoteVerifier[]): ParsedNote {
  const { text, signatures } = parseNote(note);
  const known = new Map(verifiers.map((verifier) => [`${verifier.name}+${verifier.keyId}`, verifier]));
  if (known.size !== verifiers.length)
    throw new VerificationError('malformed-key', 'two trusted keys share name and id');
  const verified: NoteSignature[] = [];
  for (const signature of signatures) {
    const identity = `${signature.name}+${signature.keyId}`;
    const verifier = known.get(identity);
    if (!verifier) continue;
    if (!verifier.verify(utf8(text), signature.signature)) {
      throw new VerificationError('bad-signature', `the signature of ${signature.name} is not over this text`);
    }
    // A repeated line of one key counts once, but even so every line of a known key has to verify.
    if (!verified.some((other) => `${other.name}+${other.keyId}` === identity)) verified.push(signature);
  }
  if (verified.length === 0) throw new VerificationError('untrusted', `none of ${signatures.length} signers is known`);
  return { text, signatures: verified };
}

function decode(note: Uint8Array | string): string {
  const bytes = typeof note === 'string' ? utf8(note) : Buffer.from(note.buffer, note.byteOffset, note.byteLength);
  if (bytes.length > noteBytesMax) throw malformed(`it is larger than ${noteBytesMax} bytes`);
  if (!(typeof note === 'string' ? note.isWellFormed() : isUtf8(note))) throw malformed('it is not UTF-8');
  const text = typeof note === 'string' ? note : bytes.toString('utf8');
  if (!isNoteText(text)) throw malformed('it contains control characters');
  return text;
}

function isNoteText(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the specification refuses exactly these
  return text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}

function parseSignatureLine(line: string): NoteSignature {
  if (!line.startsWith(linePrefix)) throw malformed('a signature line starts with a dash and a space');
  const [name, encoded, ...rest] = line.slice(linePrefix.length).split(' ');
  if (!name || !encoded || rest.length > 0 || !isKeyName(name)) throw malformed('a signature line is name and base64');
  const bytes = fromBase64(encoded);
  if (!bytes || bytes.length <= keyIdBytes) throw malformed('a signature is not base64 of a key id and a signature');
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(keyIdBytes) };
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-note', detail);
}
