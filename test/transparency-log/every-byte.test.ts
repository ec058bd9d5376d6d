/** Whatever is served, a change of any one bit of it is noticed by whoever checks it; and so is a byte left out, doubled or put behind. */
import { utf8 } from '../../src/kernel/bytes.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { openCheckpoint, parseTrust } from '../../src/transparency-log/checkpoint.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { signatureLine } from '../../src/transparency-log/note.js';
import { ReadFailure } from '../../src/transparency-log/reader.js';
import { type ProvisionReceipt, verifyReceipt } from '../../src/transparency-log/receipt.js';
import { verifyReceipt as verifyInBrowser } from '../../src/pages/verify/receipt.js';
import { tilePath, tileWidth } from '../../src/transparency-log/tile-path.js';
import {
  anHonestLog,
  checkpointOf,
  origin,
  publish,
  readerOf,
  receiptOf,
  type Resources,
  trust,
  vkey,
} from './a-log.js';
import { bitFlips, passing, shifts } from './single-changes.js';

const opens = (by: typeof trust) => (note: Buffer) => {
  try {
    return openCheckpoint(note, by).size >= 0;
  } catch {
    return false;
  }
};

/** True when the checker finds nothing in the log with this resource in place of its own. */
const passesIn = (resources: Resources, path: string) => async (changed: Buffer) => {
  try {
    const report = await checkLog(readerOf(new Map(resources).set(path, changed)), trust);
    return report.findingsTotal === 0;
  } catch (error) {
    if (error instanceof ReadFailure) return false;
    throw error;
  }
};

describe('of every single change, none passes in', () => {
  test('a checkpoint that a witness cosigned, where one is asked for', async () => {
    const witness = generateNoteKey('w.example', 'cosignature');
    const witnessed = parseTrust({ origin, vkeys: [vkey], witnessVkeys: [witness.vkey], quorum: 1 });
    const note = checkpointOf(anHonestLog(6));
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const cosigned = utf8(note + signatureLine(cosign(text, parseSigningKey(witness.skey), 1_795_000_000)));
    expect(opens(witnessed)(cosigned)).toBe(true);
    expect(await passing(bitFlips(cosigned), opens(witnessed))).toEqual([]);
    expect(await passing(shifts(cosigned), opens(witnessed))).toEqual([]);
  });

  test('the empty log’s checkpoint', async () => {
    const note = utf8(checkpointOf([]));
    expect(opens(trust)(note)).toBe(true);
    expect(await passing(bitFlips(note), opens(trust))).toEqual([]);
    expect(await passing(shifts(note), opens(trust))).toEqual([]);
  });

  test('an entry bundle', async () => {
    const resources = publish(anHonestLog(6));
    const bundle = resources.get('tile/entries/000.p/6')!;
    const passes = passesIn(resources, 'tile/entries/000.p/6');
    expect(await passes(bundle)).toBe(true);
    expect(await passing(bitFlips(bundle, [0, 5, 7]), passes)).toEqual([]);
    expect(await passing(shifts(bundle), passes)).toEqual([]);
  });

  test.each([
    ['tile/0/000.p/6', 6],
    ['tile/1/000.p/1', 257],
  ])('the hash tile %s', async (path, size) => {
    const resources = publish(anHonestLog(size));
    const passes = passesIn(resources, path);
    expect(await passes(resources.get(path)!)).toBe(true);
    expect(await passing(bitFlips(resources.get(path)!), passes)).toEqual([]);
    expect(await passing(shifts(resources.get(path)!.subarray(0, 64)), passes)).toEqual([]);
  });

  test('the proof of a receipt', async () => {
    const receipt = await receiptOf(anHonestLog(300), 260, 255);
    const passes = (changed: Buffer) => verifyReceipt({ ...receipt, proof: changed.toString('utf8') }, trust).ok;
    expect(passes(utf8(receipt.proof))).toBe(true);
    expect(await passing(bitFlips(utf8(receipt.proof)), passes)).toEqual([]);
    expect(await passing(shifts(utf8(receipt.proof)), passes)).toEqual([]);
  });

  test('the entry, nonce or detail of a receipt', async () => {
    const receipt = await receiptOf(anHonestLog(300), 260, 255);
    for (const field of ['entry', 'nonce', 'detail'] as const) {
      const passes = (changed: Buffer) => verifyReceipt({ ...receipt, [field]: changed.toString('utf8') }, trust).ok;
      expect(passes(utf8(receipt[field]))).toBe(true);
      expect(await passing(bitFlips(utf8(receipt[field])), passes)).toEqual([]);
      expect(await passing(shifts(utf8(receipt[field])), passes)).toEqual([]);
    }
  });
});

describe('around every boundary', () => {
  const lines = anHonestLog(65_537);

  test.each([0, 1, 2, 5, 255, 256, 257, 65_535, 65_536, 65_537])(
    'a log of %i entries publishes the tiles of the specification and no others',
    (size) => {
      const resources = publish(lines.slice(0, size));
      const expected: string[] = ['checkpoint'];
      for (let level = 0; size >= tileWidth ** level; level += 1) {
        // floor(s / 256^l) hashes, of which floor(s / 256^l) mod 256 are in the partial tile; an empty tile must not be.
        const hashes = Math.floor(size / tileWidth ** level);
        for (let n = 0; n * tileWidth < hashes; n += 1) {
          const path = tilePath({ level, n, width: Math.min(tileWidth, hashes - n * tileWidth) });
          expected.push(path, ...(level === 0 ? [path.replace('tile/0/', 'tile/entries/')] : []));
        }
      }
      expect([...resources.keys()].sort()).toEqual(expected.sort());
      expect([...resources.keys()].filter((path) => /\.p\/(0|256)$/.test(path))).toEqual([]);
    },
  );

  test.each([6, 255, 256, 257, 65_537])(
    'the first and the last receipt of a log of %i entries verify, by the command and in the browser',
    async (size) => {
      const own = lines.slice(0, size);
      for (const index of new Set([5, size - 1])) {
        const receipt: ProvisionReceipt = await receiptOf(own, index, index - 5);
        expect(verifyReceipt(receipt, trust)).toMatchObject({ ok: true, index, checkpoint: { size } });
        expect(await verifyInBrowser(JSON.stringify(receipt), vkey)).toMatchObject({ isGood: true, index, size });
      }
    },
  );
});
