/** The checker against honest logs, and against an operator who holds the key and publishes what he likes. */
import { utf8 } from '../../src/kernel/bytes.js';
import { checkLog, type CheckOptions, type Report } from '../../src/transparency-log/check-log.js';
import { parseTrust, signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { cosign } from '../../src/transparency-log/cosignature.js';
import { encodeBundle } from '../../src/transparency-log/entry-bundle.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { signatureLine, signNote } from '../../src/transparency-log/note.js';
import { ReadFailure } from '../../src/transparency-log/reader.js';
import {
  aConsent,
  aVoid,
  anHonestLog,
  aProvision,
  checkpointOf,
  minute,
  opening,
  origin,
  programStatus,
  publish,
  readerOf,
  receiptOf,
  type Resources,
  signingKey,
  trust,
  vkey,
} from './a-log.js';
import { formatEntry } from './entry-writer.js';

const check = (resources: Resources, options?: CheckOptions): Promise<Report> =>
  checkLog(readerOf(resources), trust, options);
const found = (report: Report) => report.findings.map(({ code, place }) => `${code} at ${place}`);

describe('an honest log', () => {
  test.each([1, 2, 5, 6, 255, 256, 257, 512, 1000])('of %i entries is found in order', async (size) => {
    const lines = size < 5 ? opening().slice(0, size) : anHonestLog(size);
    const report = await check(publish(lines), { now: new Date('2026-11-21T00:00:00Z') });
    expect(found(report)).toEqual([]);
    expect(report).toMatchObject({ size, isComplete: true, origin, firstAt: minute(0) });
    expect(Object.values(report.counts).reduce((sum, count) => sum + count, 0)).toBe(size);
  });

  test('of 65,535 to 65,537 entries is found in order, and a changed full tile above its leaves is not', async () => {
    const lines = anHonestLog(65_537);
    for (const size of [65_535, 65_536]) expect(found(await check(publish(lines.slice(0, size))))).toEqual([]);
    const resources = publish(lines);
    expect(found(await check(resources))).toEqual([]);
    resources.get('tile/1/000')![200 * 32]! ^= 1;
    const report = await check(resources);
    expect(found(report)).toEqual(['tile-differs at tile/1/000']);
    expect(report.findings[0]!.message).toContain('entries 51200 to 51455');
  });

  test('without entries is found in order', async () => {
    expect(await check(publish([]))).toMatchObject({ size: 0, isComplete: true, findings: [] });
  });

  test('begins with each of its earlier checkpoints, and holds its receipts', async () => {
    const lines = anHonestLog(600);
    const earlier = [0, 1, 5, 255, 256, 257, 599, 600].map((size) => ({
      label: `at ${size}`,
      content: checkpointOf(lines.slice(0, size)),
    }));
    const receipts = [{ label: 'receipt', content: JSON.stringify(await receiptOf(lines.slice(0, 300), 12, 7)) }];
    const report = await check(publish(lines), { earlier, receipts });
    expect(found(report)).toEqual([]);
    expect(report).toMatchObject({ earlierChecked: 8, receiptsChecked: 1 });
  });

  test('may void a provision once, provide after a renewed consent, and after a resumed program', async () => {
    const lines = [
      ...opening(),
      ...[aConsent(1, 'active', minute(1)), aProvision(1, minute(2)), aConsent(1, 'withdrawn', minute(3))].map(
        formatEntry,
      ),
      formatEntry(aConsent(1, 'active', minute(4))),
      formatEntry(aProvision(1, minute(5))),
      formatEntry(aVoid(9, 1, minute(6))),
      programStatus('suspended', minute(7)),
      programStatus('active', minute(8)),
      formatEntry(aProvision(1, minute(9))),
    ];
    expect(found(await check(publish(lines)))).toEqual([]);
  });
});

describe('an operator without the key is found out', () => {
  const lines = anHonestLog(700);

  test('when he changes a byte of an entry as served: the entry is named', async () => {
    const resources = publish(lines);
    const changed = [...lines];
    changed[300] = lines[300]!.replace('care.prevention', 'care.preventjon');
    resources.set('tile/entries/001', encodeBundle(changed.slice(256, 512).map(utf8)));
    const report = await check(resources);
    expect(found(report)).toContain('entry-differs-from-tile at entry 300');
    expect(report.findings[0]!.message).toContain('tile/0/001, hash 44');
  });

  test('when he changes an entry and its tiles, but cannot sign the root', async () => {
    const forged = [...lines];
    forged[300] = lines[300]!.replace('care.prevention', 'care.treatment');
    const resources = publish(forged);
    resources.set('checkpoint', utf8(checkpointOf(lines)));
    const earlier = [256, 400].map((size) => ({ label: `${size}`, content: checkpointOf(lines.slice(0, size)) }));
    const report = await check(resources, { earlier });
    // Not "forked": whoever altered what we read need not be the log.
    expect(found(report)).toEqual(['root-differs at entries 256 to 699', 'root-differs at entries 256 to 399']);
    expect(report.findings[0]!.message).toContain('rewritten after the checkpoint was signed');
  });

  test.each([
    ['tile/0/000', 'entry-differs-from-tile at entry 3'],
    ['tile/0/002.p/188', 'entry-differs-from-tile at entry 515'],
    ['tile/1/000.p/2', 'tile-differs at tile/1/000.p/2'],
  ])('when he changes %s', async (path, finding) => {
    const resources = publish(lines);
    const tile = Buffer.from(resources.get(path)!);
    tile[path.startsWith('tile/1') ? 40 : 3 * 32 + 5]! ^= 1;
    resources.set(path, tile);
    expect(found(await check(resources))).toEqual([finding]);
  });

  test('when he swaps two entries of a bundle', async () => {
    const resources = publish(lines);
    const swapped = [...lines];
    [swapped[10], swapped[11]] = [lines[11]!, lines[10]!];
    resources.set('tile/entries/000', encodeBundle(swapped.slice(0, 256).map(utf8)));
    const report = await check(resources);
    expect(found(report).slice(0, 2)).toEqual([
      'entry-differs-from-tile at entry 10',
      'entry-differs-from-tile at entry 11',
    ]);
  });

  test('when he leaves an entry out of a bundle, or puts something behind it: the check ends there and says so', async () => {
    const resources = publish(lines);
    resources.set('tile/entries/000', encodeBundle(lines.slice(0, 255).map(utf8)));
    const missing = await check(resources);
    expect(missing.findings).toMatchObject([{ code: 'entries-missing', place: 'entry 255', index: 255 }]);
    resources.set('tile/entries/000', Buffer.concat([publish(lines).get('tile/entries/000')!, Buffer.of(0)]));
    const malformed = await check(resources);
    expect(found(malformed)).toEqual(['malformed-bundle at tile/entries/000']);
    expect([missing.isComplete, malformed.isComplete]).toEqual([false, false]);
  });

  test('when he signs with a key of his own, or shows another log', async () => {
    const stranger = parseSigningKey(generateNoteKey(origin).skey);
    expect(found(await check(publish(lines, stranger)))).toEqual(['untrusted at checkpoint']);
    const report = await checkLog(readerOf(publish(lines)), { ...trust, origin: 'other.example/log' });
    expect(found(report)).toEqual(['wrong-origin at checkpoint']);
  });

  test('when he withholds a bundle or a tile; without a checkpoint nothing is said but that it cannot be checked', async () => {
    for (const [path, finding] of [
      ['tile/entries/001', 'entries-missing at entries 256 to 511'],
      ['tile/0/000', 'tile-missing at tile/0/000'],
      ['tile/1/000.p/2', 'tile-missing at tile/1/000.p/2'],
    ] as const) {
      const resources = publish(lines);
      const content = resources.get(path)!;
      resources.delete(path);
      expect(found(await check(resources))).toEqual([finding]);
      if (path === 'tile/entries/001') continue;
      resources.set(path, content.subarray(0, -1));
      expect(found(await check(resources))).toEqual([finding]);
    }
    const resources = publish(lines);
    resources.delete('checkpoint');
    await expect(check(resources)).rejects.toThrow(ReadFailure);
  });

  test('a partial tile that was replaced by the full one is no fault', async () => {
    const grown = publish(anHonestLog(768));
    for (const [path, content] of publish(lines)) if (!path.includes('.p/')) grown.set(path, content);
    grown.set('tile/1/000.p/2', publish(lines).get('tile/1/000.p/2')!);
    expect(found(await check(grown))).toEqual([]);
  });
});

describe('an operator who holds the key is found out by what others kept', () => {
  const lines = anHonestLog(700);
  const monday = { label: 'Monday', content: checkpointOf(lines.slice(0, 300)) };
  const tuesday = { label: 'Tuesday', content: checkpointOf(lines.slice(0, 500)) };

  test('when he rewrites an entry and signs anew: the range since the last good checkpoint is named', async () => {
    const rewritten = [...lines];
    rewritten[400] = lines[400]!.replace('care.prevention', 'care.treatment');
    const report = await check(publish(rewritten), { earlier: [tuesday, monday] });
    expect(found(report)).toEqual(['forked at entries 300 to 499']);
    expect(report.findings[0]!.message).toContain('Tuesday');
  });

  test('when he drops an entry and signs anew', async () => {
    const dropped = lines.toSpliced(310, 1);
    expect(found(await check(publish(dropped), { earlier: [monday, tuesday] }))).toEqual([
      'forked at entries 300 to 499',
    ]);
  });

  test('when he rewrites an entry a recipient holds a receipt for: the entry is named', async () => {
    const rewritten = [...lines];
    rewritten[12] = lines[12]!.replace('care.prevention', 'care.treatment');
    const receipts = [{ label: 'receipt of the clinic', content: JSON.stringify(await receiptOf(lines, 12, 7)) }];
    const report = await check(publish(rewritten), { receipts });
    expect(found(report)).toEqual(['receipt-not-in-log at entry 12', 'forked at entries 0 to 699']);
    expect(report.findings[0]!.message).toContain('receipt of the clinic');
  });

  test('when he rolls the log back', async () => {
    const report = await check(publish(lines.slice(0, 400)), { earlier: [monday, tuesday] });
    expect(found(report)).toEqual(['rolled-back at entries 400 to 499']);
  });

  test('when he shows two logs of one size', async () => {
    const other = lines.with(699, lines[699]!.replace('care.prevention', 'care.treatment'));
    const kept = { label: 'what the board was shown', content: checkpointOf(lines) };
    expect(found(await check(publish(other), { earlier: [kept, tuesday] }))).toEqual(['forked at entries 500 to 699']);
  });

  test('and an earlier checkpoint of somebody else does not confuse the check', async () => {
    const stranger = parseSigningKey(generateNoteKey(origin).skey);
    const foreign = { label: 'foreign', content: publish(lines.slice(0, 9), stranger).get('checkpoint')! };
    expect(found(await check(publish(lines), { earlier: [foreign, monday] }))).toEqual(['untrusted at foreign']);
  });

  test('even by a checkpoint that no witness saw, where a quorum is asked of the newest', async () => {
    const witness = generateNoteKey('w.example', 'cosignature');
    const witnessed = parseTrust({ origin, vkeys: [vkey], witnessVkeys: [witness.vkey], quorum: 1 });
    const rewritten = publish(lines.with(400, lines[400]!.replace('care.prevention', 'care.treatment')));
    const note = rewritten.get('checkpoint')!.toString();
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    rewritten.set('checkpoint', utf8(note + signatureLine(cosign(text, parseSigningKey(witness.skey), 1_795_000_000))));
    const report = await checkLog(readerOf(rewritten), witnessed, { earlier: [tuesday] });
    expect(found(report)).toEqual(['forked at entries 0 to 499']);
  });

  test('when he once signed an empty log with another root', async () => {
    const empty = { label: 'empty', content: signCheckpoint({ origin, size: 0, root: Buffer.alloc(32) }, signingKey) };
    expect(found(await check(publish(lines), { earlier: [empty] }))).toEqual(['forked at checkpoints of size 0']);
  });

  test('when his checkpoint says more than three lines', async () => {
    const resources = publish(lines);
    const text = resources.get('checkpoint')!.toString().split('\n\n')[0]!;
    resources.set('checkpoint', utf8(signNote(`${text}\nextension\n`, signingKey)));
    expect(found(await check(resources))).toEqual(['malformed-checkpoint at checkpoint']);
  });
});
