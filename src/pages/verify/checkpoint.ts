/** Reads a C2SP tlog-checkpoint and checks its Ed25519 signature (C2SP signed-note, RFC 8032) under a verifier key. */
import { concat, fromBase64, isEqual, sha256, type Bytes } from './bytes.js';

export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ key). */
  readonly id: Bytes;
  readonly key: Bytes;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

/** The key written as `name+id+base64(0x01 ‖ key)`, or null when the text is not such a key or its id is not its own. */
export async function parseVerifierKey(text: string): Promise<VerifierKey | null> {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
  const typed = fromBase64(encoded ?? '');
  if (name === undefined || id === undefined || typed?.length !== 33 || typed[0] !== 1) return null;
  const expected = (await sha256(concat(encode(`${name}\n`), typed))).slice(0, 4);
  const given = Uint8Array.from(id.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return isEqual(expected, given) ? { name, id: given, key: typed.slice(1) } : null;
}

/** Why a note was not accepted: its form, or no valid signature under the key. */
export type NoteFailure = 'bad-checkpoint' | 'bad-signature';

/**
 * The checkpoint in `note`, or what is wrong with it. As strict as the command: three lines and nothing more, and a line that names the key but
 * does not verify condemns the note. The size is at most 2^53 - 1.
 */
export async function openCheckpoint(note: Bytes, verifier: VerifierKey): Promise<Checkpoint | NoteFailure> {
  const text = decode(note);
  const end = text?.lastIndexOf('\n\n') ?? -1;
  if (text === null || end < 0) return 'bad-checkpoint';
  const signed = text.slice(0, end + 1);
  const [origin = '', size = '', root = '', ...rest] = signed.split('\n');
  const hash = fromBase64(root);
  if (origin !== verifier.name || !/^(0|[1-9]\d{0,15})$/.test(size) || hash?.length !== 32) return 'bad-checkpoint';
  if (!Number.isSafeInteger(Number(size)) || rest.join('') !== '' || rest.length !== 1) return 'bad-checkpoint';
  const isSigned = await holdsSignature(text.slice(end + 2), encode(signed), verifier);
  return isSigned ? { origin, size: Number(size), root: hash } : 'bad-signature';
}

async function holdsSignature(lines: string, message: Bytes, verifier: VerifierKey): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', verifier.key, 'Ed25519', false, ['verify']);
  const split = lines.split('\n');
  if (split.pop() !== '' || split.length > 100) return false;
  let found = false;
  for (const line of split) {
    const [, name, encoded] = /^— ([^\s+]+) ([^\s]+)$/.exec(line) ?? [];
    const signature = fromBase64(encoded ?? '');
    if (name === undefined || signature === null || signature.length < 5) return false;
    if (name !== verifier.name || !isEqual(signature.slice(0, 4), verifier.id)) continue;
    if (!(await crypto.subtle.verify('Ed25519', key, signature.slice(4), message))) return false;
    found = true;
  }
  return found;
}

/** The text of a note, or null where the specification allows no such bytes: no control characters, no byte order mark made away with. */
function decode(note: Bytes): string | null {
  if (note.length > 1_000_000) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(note);
    // eslint-disable-next-line no-control-regex -- the specification refuses exactly these
    return /[\u0000-\u0009\u000b-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text);
}
