/**
 * What a running service serves, judged by a verifier that others wrote and keep: Sigstore's (`@sigstore/verify`), which npm checks the provenance of
 * packages with. It knows signed notes, checkpoints and RFC 6962 inclusion proofs, and so it is asked about those: it accepts what is served and refuses
 * every change of a single byte, but for other spellings of the same signature, which are listed below and which ours refuses too.
 *
 * What it does not cover: it knows no tiles (ours reads them here, and what comes of them is put before it), no consistency proofs, no cosignatures
 * of witnesses (it takes no notice of their lines) and nothing of a receipt but its entry and its proof. It only verifies: nothing that it
 * made could be put before ours. Programs in Go that know the rest, and make cosignatures, are beside: test/independent.
 */
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { decodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { VerificationError } from '../../src/transparency-log/finding.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { proveInclusion } from '../../src/transparency-log/tiles.js';
import { type Reader, receiptOf } from '../setup/a-reader.js';
import { readerAt, trustIn } from '../setup/a-log-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { inclusionIn, SigstoreVerifier } from './a-sigstore-verifier.js';
import { growTo } from './listed-entries.js';
import { bitFlips, otherBytes, passing, placeOf } from './single-changes.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;
let sigstore: SigstoreVerifier;
beforeAll(async () => {
  town = await Town.open();
  program = await town.program('minatono-university');
  ({ pairwiseId } = await town.give(town.resident(), program));
  reader = await town.reader(program);
  sigstore = new SigstoreVerifier(town.demo.log.vkey);
});
afterAll(() => closeSoundly(town));

const read = async () => inclusionIn(receiptOf(must(await reader.read(pairwiseId))));

async function servedCheckpoint(): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${town.base}/log/checkpoint`)).arrayBuffer());
}

const sizeOf = (checkpoint: Uint8Array) => Number(Buffer.from(checkpoint).toString('utf8').split('\n')[1]);

/** Six bits, in either alphabet of RFC 4648; -1 for what is no symbol of base64. */
const bitsOf = (byte: number) => {
  const symbol = String.fromCharCode(byte).replace('-', '+').replace('_', '/');
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(symbol);
};
const isSpace = (byte: number) => [0x09, 0x0b, 0x0c, 0x0d, 0x20].includes(byte);

/**
 * Sigstore reads base64 as Node does, which knows several spellings of the same bytes. Of the log's signature these pass: `-` for `+` and `_` for `/`;
 * in the last symbol, whose last two bits say nothing, the others with the same four bits; and in the place of the `=` behind it anything that is
 * neither a symbol nor a space. The bytes of the signature are the same in each. c2sp.org/signed-note asks for the one canonical spelling.
 */
function otherSpellings(note: Buffer): Map<string, Buffer> {
  const [start, padding] = [note.lastIndexOf(' ') + 1, note.length - 2];
  expect(note.subarray(padding).toString()).toBe('=\n');
  const spellings = new Map<string, Buffer>();
  for (let position = start; position <= padding; position += 1) {
    const own = bitsOf(note[position]!);
    const ignored = position === padding - 1 ? 2 : 0;
    for (let value = 0; value < 256; value += 1) {
      if (value === note[position]) continue;
      const bits = bitsOf(value);
      const isSame = position < padding ? bits >= 0 && bits >> ignored === own >> ignored : bits < 0 && !isSpace(value);
      if (isSame) spellings.set(placeOf(position, value), Buffer.from(note).fill(value, position, position + 1));
    }
  }
  return spellings;
}

test('the checkpoint as it is served is accepted, and with any byte of it changed to any other refused, but for other spellings of its signature; ours refuses those too', async () => {
  const note = await servedCheckpoint();
  expect(sigstore.hasSigned(note)).toBe(true);
  const spellings = otherSpellings(note);
  expect(await passing(otherBytes(note), (changed) => sigstore.hasSigned(changed))).toEqual([...spellings.keys()]);

  const trust = trustIn(town.demo.log);
  expect(openCheckpoint(note, trust)).toMatchObject({ origin: trust.origin });
  for (const changed of spellings.values()) expect(() => openCheckpoint(changed, trust)).toThrow(VerificationError);
}, 180_000);

test('another key’s checkpoint, and one whose signature stands over another text, are refused', async () => {
  const [earlier, later] = [(await read()).checkpoint, (await read()).checkpoint];
  const [first, second] = [earlier, later].map((note) => Buffer.from(note).toString('utf8').split('\n\n'));
  expect(sigstore.hasSigned(Buffer.from(`${first![0]}\n\n${first![1]}`))).toBe(true);
  expect(sigstore.hasSigned(Buffer.from(`${first![0]}\n\n${second![1]}`))).toBe(false);
  expect(new SigstoreVerifier(generateNoteKey(town.demo.log.origin).vkey).hasSigned(earlier)).toBe(false);
});

test('of a witness’s line it takes no notice: with it a checkpoint is accepted, and with any bit of the cosignature changed too', async () => {
  const note = (await servedCheckpoint()).toString('utf8');
  const witness = parseSigningKey(generateNoteKey('w.example', 'cosignature').skey);
  const cosignature = cosign(note.slice(0, note.indexOf('\n\n') + 1), witness, 1_795_000_000);
  const isAccepted = (signature: Buffer) =>
    sigstore.hasSigned(Buffer.from(note + signatureLine({ ...cosignature, signature })));
  expect(isAccepted(cosignature.signature)).toBe(true);
  expect(await passing(bitFlips(cosignature.signature), isAccepted)).toHaveLength(72 * 8);
});

test('every entry that is served is proved by the hash tiles that are served; with any byte of a tile changed, one is not', async () => {
  const checkpoint = await servedCheckpoint();
  const size = sizeOf(checkpoint);
  expect(size).toBeLessThan(256);
  const served = readerAt(town.base, town.demo.log);
  const [entries, tile] = [decodeBundle(await served.entries(0, size), size), await served.tile(0, 0, size)];
  const isProved = async (index: number, hashes: Buffer) => {
    const path = await proveInclusion(index, size, () => Promise.resolve(hashes));
    return sigstore.hasIncluded({ entry: entries[index]!, index: String(index), hashes: path, checkpoint });
  };
  for (let index = 0; index < size; index += 1) expect([index, await isProved(index, tile)]).toEqual([index, true]);

  for (let sibling = 0; sibling < size; sibling += 1) {
    // Whose proof has this hash in it; where the last one has no sibling, the first entry's goes over it.
    const index = (sibling ^ 1) < size ? sibling ^ 1 : 0;
    for (let byte = sibling * 32; byte < (sibling + 1) * 32; byte += 1) {
      const changed = Buffer.from(tile);
      changed[byte]! ^= 1;
      if (await isProved(index, changed)) throw new Error(`byte ${byte} of the tile can be changed`);
    }
  }
});

test.each([null, 255, 256, 257, 700])(
  'the receipt of the last entry of a log of some size (%p) is accepted, and refused with any byte of its entry or of a hash changed, or at another index',
  async (wanted) => {
    if (wanted !== null) await growTo(town, program, wanted - 1);
    const inclusion = await read();
    const [size, index] = [sizeOf(inclusion.checkpoint), Number(inclusion.index)];
    if (wanted !== null) expect([size, index]).toEqual([wanted, wanted - 1]);
    expect(sigstore.hasIncluded(inclusion)).toBe(true);
    const passed = await passing(bitFlips(inclusion.entry, [0, 5, 7]), (entry) =>
      sigstore.hasIncluded({ ...inclusion, entry }),
    );
    expect(passed).toEqual([]);
    expect(inclusion.hashes.length).toBeGreaterThan(0);
    for (const [place, hash] of inclusion.hashes.entries()) {
      const withHash = (changed: Buffer) => ({ ...inclusion, hashes: inclusion.hashes.with(place, changed) });
      expect(await passing(bitFlips(hash, [0, 5, 7]), (changed) => sigstore.hasIncluded(withHash(changed)))).toEqual(
        [],
      );
    }
    const others = Array.from({ length: size }, (_, other) => String(other)).filter(
      (other) => other !== inclusion.index,
    );
    expect(others.filter((other) => sigstore.hasIncluded({ ...inclusion, index: other }))).toEqual([]);
    const { hashes } = inclusion;
    for (const wrong of [hashes.slice(1), [...hashes, hashes[0]!]])
      expect(sigstore.hasIncluded({ ...inclusion, hashes: wrong })).toBe(false);
  },
);
