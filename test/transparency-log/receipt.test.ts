import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { parseTrust } from '../../src/transparency-log/checkpoint.js';
import type { FindingCode } from '../../src/transparency-log/finding.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { parseProof, encodeProof } from '../../src/transparency-log/proof.js';
import {
  isResidentReceipt,
  type ProvisionReceipt,
  type Receipt,
  verifyResidentReceipt,
  verifyReceipt,
} from '../../src/transparency-log/receipt.js';
import { commitmentOf, tagOf } from '../../src/transparency-log/tag.js';
import { sha256, toBase64url, utf8 } from '../../src/kernel/bytes.js';
import {
  anErasure,
  anHonestLog,
  aProvision,
  clinic,
  minute,
  openingOf,
  opening,
  origin,
  pairwiseIdOfResident,
  receiptOf,
  trust,
} from './a-log.js';
import { formatEntry } from './entry-writer.js';

const lines = anHonestLog(300);
const resident = 7;
const index = 5 + resident;
const pairwiseId = encodePairwiseId(pairwiseIdOfResident(resident));

const codeOf = (
  receipt: unknown,
  ...more: [Parameters<typeof verifyReceipt>[1]?, Parameters<typeof verifyReceipt>[2]?]
) => {
  const outcome = verifyReceipt(receipt, more[0] ?? trust, more[1]);
  return outcome.ok ? 'ok' : outcome.finding.code;
};

/** A receipt for a log of one's own making: the opening and one line. */
async function receiptFor(line: string, nonce: Uint8Array, detail: string): Promise<ProvisionReceipt> {
  const receipt = await receiptOf([...opening(), line], 5, 0);
  return { ...receipt, nonce: toBase64url(nonce), detail };
}

let receipt: ProvisionReceipt;
beforeAll(async () => {
  receipt = await receiptOf(lines, index, resident);
});

describe('a provision receipt', () => {
  test('proves where the entry stands, whom it is about and what was committed to', () => {
    const outcome = verifyReceipt(JSON.stringify(receipt), trust, { pairwiseId, recipient: clinic.recipient });
    expect(outcome).toMatchObject({
      ok: true,
      index,
      pairwiseId,
      entry: { recipient: 'hamakaze-clinic', purpose: 'care.prevention' },
      detail: { versions: { 'health.checkup': 1 } },
      checkpoint: { origin, size: 300 },
    });
  });

  test('is refused after any change of one byte', () => {
    const bytes = utf8(JSON.stringify(receipt));
    const accepted: string[] = [];
    for (let position = 0; position < bytes.length; position += 1) {
      for (const value of new Set([bytes[position]! ^ 1, bytes[position]! ^ 2, bytes[position]! ^ 0x20, 0x30, 0x7f])) {
        if (value === bytes[position]) continue;
        const changed = Buffer.from(bytes);
        changed[position] = value;
        if (codeOf(changed.toString('utf8')) === 'ok') accepted.push(`${position}: ${changed[position]}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('is refused when parts of two receipts are put together', async () => {
    const other = await receiptOf(lines, index + 1, resident + 1);
    for (const field of ['entry', 'nonce', 'detail', 'proof'] as const) {
      expect(codeOf({ ...receipt, [field]: other[field] })).not.toBe('ok');
    }
    expect(codeOf({ ...other, proof: receipt.proof })).toBe('not-included');
    expect(codeOf({ ...other, entry: receipt.entry, proof: receipt.proof })).toBe('wrong-commitment');
  });

  test('is refused by whoever expects another person, recipient or program', () => {
    const stranger = encodePairwiseId(pairwiseIdOfResident(resident + 1));
    expect(codeOf(receipt, trust, { pairwiseId: stranger })).toBe('wrong-pairwise-id');
    expect(codeOf(receipt, trust, { recipient: 'isobe-mart' })).toBe('not-a-provision');
    expect(codeOf(receipt, trust, { program: 'medication-check' })).toBe('not-a-provision');
    expect(codeOf(receipt, trust, { program: clinic.program })).toBe('ok');
  });

  test('is refused under another key, origin, or a quorum that was not reached', () => {
    const key = generateNoteKey(origin);
    expect(codeOf(receipt, parseTrust({ origin, vkeys: [key.vkey] }))).toBe('untrusted');
    expect(codeOf(receipt, { ...trust, origin: 'other.example/log' })).toBe('wrong-origin');
    const witness = generateNoteKey('w.example', 'cosignature');
    const witnesses = { keys: [{ ...parseSigningKey(witness.skey) }], quorum: 1 };
    expect(codeOf(receipt, { ...trust, witnesses })).toBe('too-few-witnesses');
  });

  test('is refused for a tag that belongs to somebody else, though everything else fits', async () => {
    const { nonce, detail } = openingOf(0);
    const entry = aProvision(0, minute(1));
    expect(codeOf(await receiptFor(formatEntry(entry), nonce, detail))).toBe('ok');
    const hidden = { ...entry, tag: tagOf(pairwiseIdOfResident(1), entry.at) };
    expect(codeOf(await receiptFor(formatEntry(hidden), nonce, detail))).toBe('wrong-tag');
    const otherMonth = { ...entry, tag: tagOf(pairwiseIdOfResident(0), '2026-12-01T00:00Z') };
    expect(codeOf(await receiptFor(formatEntry(otherMonth), nonce, detail))).toBe('wrong-tag');
  });

  test.each<[string, string, FindingCode]>([
    ['is not JSON', '{', 'malformed-receipt'],
    ['is not an object', '["pairwiseId"]', 'malformed-receipt'],
    ['names nobody', '{"at":"2026-11-01T00:05:07.250Z"}', 'malformed-receipt'],
    ['names a pairwise id that is none', `{"pairwiseId":"${'A'.repeat(42)}B"}`, 'malformed-receipt'],
    ['has spaces', `{"pairwiseId": "${pairwiseId}"}`, 'malformed-receipt'],
    ['names two people', `{"pairwiseId":"${'A'.repeat(43)}","pairwiseId":"${pairwiseId}"}`, 'malformed-receipt'],
  ])('is refused when the detail %s, though it was committed to', async (_, detail, code) => {
    const nonce = sha256(utf8('nonce'));
    const entry = { ...aProvision(resident, minute(1)), commitment: commitmentOf(nonce, detail) };
    expect(codeOf(await receiptFor(formatEntry(entry), nonce, detail))).toBe(code);
  });

  test('is refused for an entry of another kind', async () => {
    expect(codeOf(await receiptOf(lines, 4, 0))).toBe('not-a-provision');
  });

  test.each<[string, (receipt: ProvisionReceipt) => unknown]>([
    ['null', () => null],
    ['a number', () => 7],
    ['an empty object', () => ({})],
    ['a receipt with a field too few', ({ entry, nonce, detail }) => ({ entry, nonce, detail })],
    ['a receipt with a field too many', (whole) => ({ ...whole, more: '' })],
    ['a receipt whose nonce is a number', (whole) => ({ ...whole, nonce: 1 })],
    ['a receipt with a short nonce', (whole) => ({ ...whole, nonce: whole.nonce.slice(0, -1) })],
    ['text that is not JSON', () => 'receipt'],
  ])('%s is no receipt', (_, change) => {
    expect(codeOf(change(receipt))).toBe('malformed-receipt');
  });

  test('is refused when its proof says another index or has one hash more or less', () => {
    const proof = parseProof(receipt.proof);
    const withProof = (change: Partial<typeof proof>) => ({ ...receipt, proof: encodeProof({ ...proof, ...change }) });
    expect(codeOf(withProof({}))).toBe('ok');
    expect(codeOf(withProof({ index: index + 1 }))).toBe('not-included');
    expect(codeOf(withProof({ index: index + 2 ** 32 }))).toBe('not-included');
    expect(codeOf(withProof({ hashes: proof.hashes.slice(1) }))).toBe('not-included');
    expect(codeOf(withProof({ hashes: [...proof.hashes, proof.hashes[0]!] }))).toBe('not-included');
  });
});

describe('an erasure receipt', () => {
  let erased: Receipt;
  beforeAll(async () => {
    erased = await receiptOf([...opening(), formatEntry(anErasure(2, minute(1)))], 5, 2);
  });

  test('proves where the entry stands and under whose id', () => {
    const own = encodePairwiseId(pairwiseIdOfResident(2));
    expect(isResidentReceipt(erased)).toBe(true);
    expect(verifyResidentReceipt(JSON.stringify(erased), trust)).toMatchObject({
      ...{ ok: true, index: 5, pairwiseId: own, entry: { t: 'erasure', recipient: 'self' } },
      checkpoint: { origin, size: 6 },
    });
  });

  test('is refused after any change of one byte', () => {
    const bytes = utf8(JSON.stringify(erased));
    const accepted: number[] = [];
    for (let position = 0; position < bytes.length; position += 1) {
      const changed = Buffer.from(bytes);
      changed[position]! ^= 1;
      if (verifyResidentReceipt(changed.toString('utf8'), trust).ok) accepted.push(position);
    }
    expect(accepted).toEqual([]);
  });

  test('is no provision receipt, and a provision receipt is none', () => {
    expect(codeOf(erased)).toBe('not-a-provision');
    expect([isResidentReceipt(receipt), isResidentReceipt('{}')]).toEqual([false, false]);
    expect(verifyResidentReceipt(receipt, trust)).toMatchObject({ ok: false, finding: { code: 'malformed-receipt' } });
  });
});
