/**
 * A small log for the verifier, made here with node:crypto and a plain recursive tree so that nothing it is checked with is what it was
 * made with. Follows RFC 6962 section 2.1 and C2SP tlog-tiles, tlog-checkpoint and signed-note.
 */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { LogReader } from '../../src/pages/verify/covered.js';

export interface SampleLog {
  readonly verifierKey: string;
  readonly origin: string;
  readonly entries: readonly Buffer[];
  readonly checkpoint: Buffer;
  /** `0/000` → bytes, and bundles by `000`; full and partial as published at this size. */
  readonly tiles: Map<string, Buffer>;
  readonly bundles: Map<string, Buffer>;
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

/** MTH of RFC 6962: split at the largest power of two smaller than the number of leaves. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

export function leafOf(entry: Uint8Array): Buffer {
  return sha256(Buffer.of(0), entry);
}

export interface SampleKey {
  readonly origin: string;
  readonly privateKey: KeyObject;
  readonly id: Buffer;
  readonly verifierKey: string;
}

export function sampleKey(origin: string): SampleKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(1), raw]);
  const id = sha256(Buffer.from(`${origin}\n`), typed).subarray(0, 4);
  return { origin, privateKey, id, verifierKey: `${origin}+${id.toString('hex')}+${typed.toString('base64')}` };
}

/** A checkpoint note over any size and root, signed with `key`. */
export function signCheckpoint(key: SampleKey, size: number, root: Buffer): Buffer {
  const text = `${key.origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = Buffer.concat([key.id, sign(null, Buffer.from(text), key.privateKey)]);
  return Buffer.from(`${text}\n— ${key.origin} ${signature.toString('base64')}\n`);
}

function segments(index: number): string {
  const groups = String(index)
    .padStart(Math.ceil(String(index).length / 3) * 3, '0')
    .match(/.../g)!;
  return groups.map((group, place) => (place === groups.length - 1 ? group : `x${group}`)).join('/');
}

function slices<Thing>(things: readonly Thing[]): readonly (readonly [path: string, part: readonly Thing[]])[] {
  return Array.from({ length: Math.ceil(things.length / 256) }, (_, index) => {
    const part = things.slice(index * 256, index * 256 + 256);
    return [part.length === 256 ? segments(index) : `${segments(index)}.p/${part.length}`, part] as const;
  });
}

export function sampleLog(key: SampleKey, lines: readonly string[]): SampleLog {
  const entries = lines.map((line) => Buffer.from(line, 'utf8'));
  const leaves = entries.map(leafOf);
  const tiles = new Map<string, Buffer>();
  let level = 0;
  for (let hashes: readonly Buffer[] = leaves; hashes.length > 0; level += 1) {
    for (const [path, part] of slices(hashes)) tiles.set(`${level}/${path}`, Buffer.concat(part));
    hashes = slices(hashes).flatMap(([, part]) => (part.length === 256 ? [treeHash(part)] : []));
  }
  const bundles = new Map(
    slices(entries).map(([path, part]) => {
      const framed = part.map((entry) => Buffer.concat([Buffer.of(entry.length >> 8, entry.length & 255), entry]));
      return [path, Buffer.concat(framed)] as const;
    }),
  );
  const checkpoint = signCheckpoint(key, entries.length, treeHash(leaves));
  return { verifierKey: key.verifierKey, origin: key.origin, entries, checkpoint, tiles, bundles };
}

/** `count` lines that could stand in a log: a start and then provisions. */
export function sampleLines(count: number, origin: string): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0
      ? `{"v":1,"t":"start","at":"2026-08-01T00:00Z","origin":"${origin}"}`
      : `{"v":1,"t":"provision","at":"2026-08-01T00:01Z","recipient":"hamakaze-clinic","n":${index}}`,
  );
}

/** As the browser reads it. */
export function readerOf(log: SampleLog): LogReader {
  const find = (held: Map<string, Buffer>, path: string) =>
    Promise.resolve(held.has(path) ? new Uint8Array(held.get(path)!) : null);
  return {
    checkpoint: () => Promise.resolve(new Uint8Array(log.checkpoint)),
    tile: (level, path) => find(log.tiles, `${level}/${path}`),
    entries: (path) => find(log.bundles, path),
  };
}
