/** The browser's check of a receipt finds what the command finds: it accepts what is right and nothing that differs from it by a bit. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isIncluded, parseProof } from '../../src/pages/verify/inclusion.js';
import { verifyReceipt, type ReceiptVerdict } from '../../src/pages/verify/receipt.js';
import { type Bytes } from '../../src/pages/verify/bytes.js';
import { sha256, utf8 } from '../../src/kernel/bytes.js';
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { verifyInclusion } from '../../src/transparency-log/merkle-proof.js';
import { encodeProof, parseProof as parseAsCommand } from '../../src/transparency-log/proof.js';
import { type ProvisionReceipt, verifyReceipt as verifyAsCommand } from '../../src/transparency-log/receipt.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import {
  anErasure,
  anHonestLog,
  aProvision,
  minute,
  opening,
  openingOf,
  origin,
  pairwiseIdOfResident,
  receiptOf,
  signingKey,
  trust,
  vkey,
} from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';
import { naiveInclusionProof, naiveRoot, numberedLeaves } from '../transparency-log/naive-tree.js';

const lines = anHonestLog(300);
let receipt: ProvisionReceipt;
beforeAll(async () => {
  receipt = await receiptOf(lines, 12, 7);
});

const check = (value: unknown, key = vkey) => verifyReceipt(JSON.stringify(value), key);
const said = (verdict: ReceiptVerdict) => (verdict.isGood ? 'good' : `${verdict.failure} at ${verdict.step}`);
const asBytes = (buffer: Uint8Array): Bytes => new Uint8Array(buffer);

describe('the check of a receipt in the browser', () => {
  test('tells where the entry stands, what it says and whom it is about', async () => {
    expect(await check(receipt)).toEqual({
      isGood: true,
      index: 12,
      size: 300,
      origin,
      at: minute(1),
      what: {
        kind: 'provision',
        recipient: 'hamakaze-clinic',
        program: 'checkup-follow-up',
        version: 1,
        purpose: 'care.prevention',
        categories: ['activity.steps', 'health.checkup'],
      },
      pairwiseId: encodePairwiseId(pairwiseIdOfResident(7)),
    });
  });

  test('refuses it after any change of one byte', async () => {
    const bytes = utf8(JSON.stringify(receipt));
    const accepted: string[] = [];
    for (let position = 0; position < bytes.length; position += 1) {
      for (const flip of [1, 0x20]) {
        const changed = Buffer.from(bytes);
        changed[position]! ^= flip;
        if ((await verifyReceipt(changed.toString('utf8'), vkey)).isGood) accepted.push(`${position} ^ ${flip}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('tells an erasure as that, and refuses its receipt after any change of one byte', async () => {
    const erased = await receiptOf([...opening(), formatEntry(anErasure(2, minute(1)))], 5, 2);
    expect(await check(erased)).toEqual({
      ...{ isGood: true, index: 5, size: 6, origin, at: minute(1), what: { kind: 'erasure' } },
      pairwiseId: encodePairwiseId(pairwiseIdOfResident(2)),
    });
    const bytes = utf8(JSON.stringify(erased));
    const accepted: number[] = [];
    for (let position = 0; position < bytes.length; position += 1) {
      const changed = Buffer.from(bytes);
      changed[position]! ^= 1;
      if ((await verifyReceipt(changed.toString('utf8'), vkey)).isGood) accepted.push(position);
    }
    expect(accepted).toEqual([]);
  });

  test('names the step at which it stopped', async () => {
    const other = await receiptOf(lines, 13, 8);
    const stranger = generateNoteKey(origin);
    const signedByStranger = signCheckpoint(
      { origin, size: 1, root: Buffer.alloc(32) },
      parseSigningKey(stranger.skey),
    );
    const entry = aProvision(0, minute(1));
    const hidden = { ...entry, tag: tagOf(pairwiseIdOfResident(1), entry.at) };
    const ofAnother = { ...(await receiptOf([...opening(), formatEntry(hidden)], 5, 0)), detail: openingOf(0).detail };
    const cases: [unknown, string][] = [
      ['{', 'not-a-receipt at form'],
      [{ ...receipt, more: '' }, 'not-a-receipt at form'],
      [{ ...receipt, nonce: receipt.nonce.slice(1) }, 'not-a-receipt at form'],
      [{ ...receipt, entry: receipt.entry.replace(':1,', ': 1,') }, 'not-a-receipt at form'],
      [{ ...receipt, detail: receipt.detail.replace('{', '{ ') }, 'not-a-receipt at form'],
      [{ ...receipt, detail: '{"pairwiseId":"x"}' }, 'not-a-receipt at form'],
      [await receiptOf(lines, 4, 0), 'not-a-provision at form'],
      [{ ...receipt, proof: receipt.proof.replace('@v1', '@v2') }, 'bad-proof at form'],
      [{ ...receipt, proof: `${receipt.proof}x` }, 'bad-signature at checkpoint'],
      [{ ...receipt, proof: receipt.proof.replace('\n300\n', '\n301\n') }, 'bad-signature at checkpoint'],
      [
        { ...receipt, proof: encodeProof({ index: 0, hashes: [], checkpoint: signedByStranger }) },
        'bad-signature at checkpoint',
      ],
      [{ ...other, proof: receipt.proof }, 'not-included at inclusion'],
      [{ ...receipt, nonce: other.nonce }, 'wrong-commitment at commitment'],
      [{ ...receipt, detail: other.detail }, 'wrong-commitment at commitment'],
      [ofAnother, 'wrong-tag at tag'],
    ];
    for (const [value, expected] of cases) {
      expect([value, said(await check(value))]).toEqual([value, expected]);
      expect(verifyAsCommand(value, trust).ok).toBe(false);
    }
    expect(said(await check(receipt, 'nonsense'))).toBe('bad-key at checkpoint');
    expect(said(await check(receipt, stranger.vkey))).toBe('bad-signature at checkpoint');
    expect(said(await check(receipt, generateNoteKey('elsewhere.example').vkey))).toBe('bad-checkpoint at checkpoint');
  });

  test('is as strict about the checkpoint as the command', async () => {
    const next = parseSigningKey(generateNoteKey(origin).skey);
    const proof = parseAsCommand(receipt.proof);
    const text = proof.checkpoint.slice(0, proof.checkpoint.indexOf('\n\n') + 1);
    const [, root = ''] = /\n([^\n]*)\n$/.exec(text) ?? [];
    const both = signCheckpoint({ origin, size: 300, root: Buffer.from(root, 'base64') }, signingKey, next);
    const withCheckpoint = (checkpoint: string) => ({ ...receipt, proof: encodeProof({ ...proof, checkpoint }) });
    const cases: [string, boolean][] = [
      [both, true],
      [both.replace('— ', '- '), false],
      [`\ufeff${both}`, false],
      [both.slice(0, -1), false],
      [`${both}\n`, false],
      [both.replace(/ \S+\n$/, ' AAAA\n'), false],
      [both.replace(/ \S+\n$/, ' not-base64\n'), false],
      [`${both}${both.split('\n')[4]!.replace(/ (\S{8})\S{4}(\S+)$/, ' $1AAAA$2')}\n`, false],
    ];
    for (const [checkpoint, isGood] of cases) {
      expect([checkpoint, (await check(withCheckpoint(checkpoint))).isGood]).toEqual([checkpoint, isGood]);
      expect([checkpoint, verifyAsCommand(withCheckpoint(checkpoint), trust).ok]).toEqual([checkpoint, isGood]);
    }
  });
});

describe('inclusion', () => {
  test('is proved for every leaf of every tree up to 33, and by no longer or shorter proof', async () => {
    for (let size = 1; size <= 33; size += 1) {
      const leaves = numberedLeaves(size);
      const root = asBytes(naiveRoot(leaves));
      for (let index = 0; index < size; index += 1) {
        const hashes = naiveInclusionProof(index, leaves).map(asBytes);
        const proof = { index, hashes, checkpoint: asBytes(Buffer.alloc(0)) };
        const leaf = asBytes(leaves[index]!);
        expect(await isIncluded(leaf, proof, size, root)).toBe(true);
        expect(await isIncluded(leaf, { ...proof, index: (index + 1) % (size + 1) }, size, root)).toBe(false);
        expect(await isIncluded(leaf, { ...proof, hashes: [...hashes, root] }, size, root)).toBe(false);
        if (size > 1) expect(await isIncluded(leaf, { ...proof, hashes: hashes.slice(1) }, size, root)).toBe(false);
      }
    }
  });

  test('is not proved by the root of a smaller tree', async () => {
    const [first, second] = numberedLeaves(2).map(asBytes);
    const proof = { index: 0, hashes: [second!], checkpoint: asBytes(Buffer.alloc(0)) };
    const root = asBytes(naiveRoot(numberedLeaves(2)));
    for (const size of [2, 3, 4, 2 ** 40]) expect(await isIncluded(first!, proof, size, root)).toBe(size === 2);
  });

  /** The root that a proof leads to, by the definition of RFC 6962 section 2.1.1; takes hashes as it needs them. */
  function rootOverPath(leaf: Buffer, index: number, size: number, hashes: Buffer[]): Buffer {
    if (size === 1) return leaf;
    let power = 1;
    while (power * 2 < size) power *= 2;
    const left = index < power;
    const part = left
      ? rootOverPath(leaf, index, power, hashes)
      : rootOverPath(leaf, index - power, size - power, hashes);
    hashes.push(sha256(utf8(`sibling ${hashes.length}`)));
    const pair = left ? [part, hashes.at(-1)!] : [hashes.at(-1)!, part];
    return createHash('sha256')
      .update(Buffer.concat([Buffer.of(1), ...pair]))
      .digest();
  }

  test('is decided as the command decides it, far beyond 2^32', async () => {
    const sizes = fc.oneof(fc.maxSafeNat(), fc.constantFrom(2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 65_537, 1));
    await fc.assert(
      fc.asyncProperty(sizes, fc.maxSafeNat(), async (some, pick) => {
        const size = Math.max(1, some);
        const index = pick % size;
        const leaf = sha256(utf8('leaf'));
        const hashes: Buffer[] = [];
        const root = rootOverPath(leaf, index, size, hashes);
        for (const place of [index, index + 2 ** 32, Math.abs(index - 2 ** 32), size]) {
          const proof = { index: place, hashes: hashes.map(asBytes), checkpoint: asBytes(Buffer.alloc(0)) };
          const expected = verifyInclusion(leaf, place, size, hashes, root);
          expect(await isIncluded(asBytes(leaf), proof, size, asBytes(root))).toBe(expected);
          if (place === index) expect(expected).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is not read from a proof that the command would not read', () => {
    const good = receipt.proof;
    const texts = [
      good.replace('index 12', 'index 012'),
      good.replace('index 12', 'index 9007199254740992'),
      good.replace('index 12\n', 'index 12\nindex 12\n'),
      good.replace('index 12', 'extra ?\nindex 12'),
      good.replace('=\n', '\n'),
      good.replace('\n\n', '\n'),
      good.replaceAll('\n', '\r\n'),
      ` ${good}`,
      '',
    ];
    for (const text of texts) {
      expect([text, parseProof(text)]).toEqual([text, null]);
      expect(() => parseAsCommand(text)).toThrow();
    }
    const withExtra = good.replace('index 12', 'extra YWdl\nindex 12');
    expect([parseProof(withExtra)?.index, parseAsCommand(withExtra).index]).toEqual([12, 12]);
  });
});
