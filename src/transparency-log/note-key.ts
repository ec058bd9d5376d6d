/**
 * Keys of signed notes (c2sp.org/signed-note): their text forms and ids, and the two signature types we use: Ed25519 (0x01) for
 * logs and timestamped cosignatures (0x04, c2sp.org/tlog-cosignature) for witnesses. Parsing a key is the slow part, so a parsed
 * key keeps its KeyObject.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { sha256, toBase64url, utf8 } from '../kernel/bytes.js';
import { fromBase64, toBase64 } from './base64.js';
import { VerificationError } from './finding.js';

/** What a key may sign: notes as they are, or checkpoints together with a time. */
export type NoteKeyType = 'ed25519' | 'cosignature';

const typeBytes = { ed25519: 0x01, cosignature: 0x04 } as const satisfies Record<NoteKeyType, number>;
const publicKeyBytes = 32;

// RFC 8410 section 7: what precedes the 32 bytes of an Ed25519 seed in PKCS #8.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A public key with its name. */
export interface VerifierKey {
  readonly name: string;
  /** Unsigned 32 bits. */
  readonly keyId: number;
  readonly type: NoteKeyType;
  readonly publicKey: KeyObject;
}

/** A private key with its name. */
export interface SigningKey extends VerifierKey {
  readonly privateKey: KeyObject;
}

/** Not empty, well-formed, without Unicode white space or `+` (signed-note, Format). We also refuse control characters. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name);
}

/** First four bytes of SHA-256(name ‖ LF ‖ type ‖ public key), as a number. */
export function keyIdOf(name: string, type: NoteKeyType, publicKey: Uint8Array): number {
  return sha256(utf8(`${name}\n`), Buffer.from([typeBytes[type]]), publicKey).readUInt32BE(0);
}

/** Reads `<name>+<hex id>+<base64(type ‖ public key)>`. Throws `VerificationError` `malformed-key`. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const { name, keyId, type, material } = splitKey(vkey);
  if (keyId !== keyIdOf(name, type, material)) throw malformed('its id does not follow from its name and bytes');
  return { name, keyId, type, publicKey: publicKeyFrom(material) };
}

/** Reads `PRIVATE+KEY+<name>+<hex id>+<base64(type ‖ seed)>`, the form Go's note package writes. Throws `VerificationError`. */
export function parseSigningKey(skey: string): SigningKey {
  if (!skey.startsWith(privatePrefix)) throw malformed('a signing key starts with PRIVATE+KEY+');
  const { name, keyId, type, material } = splitKey(skey.slice(privatePrefix.length));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, material]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  if (keyId !== keyIdOf(name, type, rawPublicKey(publicKey))) throw malformed('its id does not follow from its bytes');
  return { name, keyId, type, publicKey, privateKey };
}

/** A new key pair in text form: `skey` is secret, `vkey` is what verifiers pin. */
export function generateNoteKey(name: string, type: NoteKeyType = 'ed25519'): { skey: string; vkey: string } {
  if (!isKeyName(name)) throw malformed('a key name has no spaces and no plus sign');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8Prefix.length);
  const keyId = keyIdOf(name, type, rawPublicKey(publicKey));
  return {
    skey: privatePrefix + joinKey(name, keyId, type, seed),
    vkey: encodeVerifierKey({ name, keyId, type, publicKey }),
  };
}

/** The text form that verifiers pin. */
export function encodeVerifierKey(key: VerifierKey): string {
  return joinKey(key.name, key.keyId, key.type, rawPublicKey(key.publicKey));
}

const privatePrefix = 'PRIVATE+KEY+';

function joinKey(name: string, keyId: number, type: NoteKeyType, material: Uint8Array): string {
  const id = keyId.toString(16).padStart(8, '0');
  return `${name}+${id}+${toBase64(Buffer.concat([Buffer.from([typeBytes[type]]), material]))}`;
}

function splitKey(text: string): { name: string; keyId: number; type: NoteKeyType; material: Buffer } {
  // Base 64 may contain plus signs; a name and an id may not.
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  if (!match || !isKeyName(match[1]!)) throw malformed('it is not <name>+<id>+<base64>');
  const bytes = fromBase64(match[3]!);
  if (bytes?.length !== 1 + publicKeyBytes) throw malformed('it does not hold a type and 32 bytes in base64');
  const type = (Object.keys(typeBytes) as NoteKeyType[]).find((name) => typeBytes[name] === bytes[0]);
  if (!type) throw malformed('its signature type is neither Ed25519 nor a timestamped cosignature');
  return { name: match[1]!, keyId: Number.parseInt(match[2]!, 16), type, material: bytes.subarray(1) };
}

function publicKeyFrom(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(bytes) }, format: 'jwk' });
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url');
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-key', detail);
}
