/**
 * A small city's log, made and published as the service does, so that a test can then play the hostile operator: take the lines,
 * change what it likes, publish again with the real key.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256, toBase64url, toHex, utf8 } from '../../src/kernel/bytes.js';
import { toCanonicalJson } from '../../src/kernel/canonical-json.js';
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { parseTrust, signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { type EntryOf } from '../../src/transparency-log/entry.js';
import { leafHash } from '../../src/transparency-log/merkle.js';
import { encodeVerifierKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { encodeProof } from '../../src/transparency-log/proof.js';
import { type LogReader, readerOver } from '../../src/transparency-log/reader.js';
import type { ProvisionReceipt } from '../../src/transparency-log/receipt.js';
import { RightEdge } from '../../src/transparency-log/right-edge.js';
import { commitmentOf, tagOf } from '../../src/transparency-log/tag.js';
import { bundlePath, tilePath, tileWidth } from '../../src/transparency-log/tile-path.js';
import { proveInclusion } from '../../src/transparency-log/tiles.js';
import { formatEntry } from './entry-writer.js';

export const origin = 'minatono.azukari.example/log/2026';

// A key of these tests: the seed is 32 bytes of 0x07.
export const signingKey = parseSigningKey(
  'PRIVATE+KEY+minatono.azukari.example/log/2026+a402ab63+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH',
);
export const vkey = encodeVerifierKey(signingKey);
export const trust = parseTrust({ origin, vkeys: [vkey] });

export const policy = toHex(sha256(utf8('policy')));
export const clinic = { recipient: 'hamakaze-clinic', program: 'checkup-follow-up', version: 1 };
const startOfLog = Date.UTC(2026, 10, 1, 0, 0);

/** The `at` of the minute `minutes` after the log began. */
export function minute(minutes: number): string {
  return `${new Date(startOfLog + minutes * 60_000).toISOString().slice(0, 16)}Z`;
}

/** The pairwise id of the n-th resident at the clinic. */
export function pairwiseIdOfResident(n: number): Buffer {
  return sha256(utf8(`resident ${n}`));
}

/** What the clinic learns beside the data, and the commitment in the entry. */
export function openingOf(n: number): { nonce: Buffer; detail: string } {
  const pairwiseId = encodePairwiseId(pairwiseIdOfResident(n));
  const detail = toCanonicalJson({
    pairwiseId,
    items: ['score'],
    at: '2026-11-01T00:05:07.250Z',
    versions: { 'health.checkup': 1 },
  });
  return { nonce: sha256(utf8(`nonce ${n}`)), detail };
}

/** The entry of a provision of the n-th resident's data to the clinic. */
export function aProvision(n: number, at: string): EntryOf<'provision'> {
  const { nonce, detail } = openingOf(n);
  return {
    v: 1,
    t: 'provision',
    at,
    ...clinic,
    purpose: 'care.prevention',
    categories: ['activity.steps', 'health.checkup'],
    policy,
    tag: tagOf(pairwiseIdOfResident(n), at),
    commitment: commitmentOf(nonce, detail),
  };
}

/** The entry by which the n-th resident, who bears the same id here, erased everything. It commits to the same detail as a provision. */
export function anErasure(n: number, at: string): EntryOf<'erasure'> {
  const { nonce, detail } = openingOf(n);
  const tag = tagOf(pairwiseIdOfResident(n), at);
  return { v: 1, t: 'erasure', at, recipient: 'self', tag, commitment: commitmentOf(nonce, detail) };
}

/** The entry of a change of the n-th resident's consent to the clinic's program. */
export function aConsent(n: number, state: EntryOf<'consent'>['state'], at: string): EntryOf<'consent'> {
  const tag = tagOf(pairwiseIdOfResident(n), at);
  return { v: 1, t: 'consent', at, ...clinic, state, policy, tag, commitment: toHex(sha256(utf8(`${state} ${n}`))) };
}

/** The entry that voids the provision at index `of`, which concerned the n-th resident. */
export function aVoid(of: number, n: number, at: string) {
  const tag = tagOf(pairwiseIdOfResident(n), at);
  return { v: 1, t: 'void', at, of, reason: 'not-redeemed', recipient: clinic.recipient, tag } as const;
}

/** The entry of a change of the clinic's program. */
export function programStatus(
  status: 'suspended' | 'active' | 'in_review' | 'retired',
  at: string,
  version = 1,
): string {
  return formatEntry({ v: 1, t: 'program', at, ...clinic, version, status, terms: policy, policy });
}

/** How every log begins: itself, the resident's pseudo-recipient, a source, the clinic, its approved program. Five entries. */
export function opening(): string[] {
  const at = minute(0);
  const terms = toHex(sha256(utf8('terms')));
  return [
    formatEntry({ v: 1, t: 'start', at, origin, municipality: '990019', operator: 'city', policy }),
    formatEntry({ v: 1, t: 'org', at, org: 'self', kind: 'pseudo', status: 'registered' }),
    formatEntry({ v: 1, t: 'org', at, org: 'minatono-health-center', kind: 'source', status: 'registered' }),
    formatEntry({ v: 1, t: 'org', at, org: clinic.recipient, kind: 'recipient', status: 'registered' }),
    formatEntry({ v: 1, t: 'program', at, ...clinic, status: 'active', terms, policy, decision: terms }),
  ];
}

/** An honest log of `size` ≥ 5 entries: the opening, then a provision a minute, resident after resident. */
export function anHonestLog(size: number): string[] {
  const lines = opening();
  for (let n = 0; lines.length < size; n += 1) lines.push(formatEntry(aProvision(n, minute(1 + n / 1000))));
  return lines;
}

/** Every resource of a log, by path. */
export type Resources = Map<string, Buffer>;

/** Signs and publishes lines as a log of `lines.length` entries. */
export function publish(lines: readonly string[], key = signingKey): Resources {
  const resources: Resources = new Map();
  const edge = RightEdge.empty();
  for (const line of lines) {
    for (const { level, n, hashes } of edge.append(leafHash(utf8(line)))) {
      resources.set(tilePath({ level, n, width: tileWidth }), hashes);
    }
  }
  for (const tile of edge.partialTiles()) resources.set(tilePath(tile), edge.partialHashes(tile.level));
  for (let n = 0; n * tileWidth < lines.length; n += 1) {
    const bundle = lines.slice(n * tileWidth, (n + 1) * tileWidth);
    resources.set(bundlePath({ n, width: bundle.length }), encodeBundle(bundle.map(utf8)));
  }
  resources.set('checkpoint', utf8(signCheckpoint({ origin: key.name, size: lines.length, root: edge.root() }, key)));
  return resources;
}

export function readerOf(resources: Resources): LogReader {
  return readerOver((path) => Promise.resolve(resources.get(path) ?? null));
}

/** The checkpoint that these lines have when published. */
export function checkpointOf(lines: readonly string[]): string {
  return publish(lines).get('checkpoint')!.toString();
}

/** The receipt for the provision of the n-th resident's data, which stands at `index`. */
export async function receiptOf(lines: readonly string[], index: number, n: number): Promise<ProvisionReceipt> {
  const resources = publish(lines);
  const reader = readerOf(resources);
  const hashes = await proveInclusion(index, lines.length, (level, tile, width) => reader.tile(level, tile, width));
  const { nonce, detail } = openingOf(n);
  const proof = encodeProof({ index, hashes, checkpoint: resources.get('checkpoint')!.toString() });
  return { entry: lines[index]!, nonce: toBase64url(nonce), detail, proof };
}

export async function writeLog(resources: Resources, directory: string): Promise<void> {
  for (const [path, content] of resources) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}
