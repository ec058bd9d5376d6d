/** The board's browser verifies the log by itself: what is right passes, and every way to falsify it that is tried here is noticed. */
import fc from 'fast-check';
import { fromBase64, toBase64, type Bytes } from '../../src/pages/verify/bytes.js';
import { parseVerifierKey } from '../../src/pages/verify/checkpoint.js';
import { leafHash, rootAt, rootOf, tileLevels } from '../../src/pages/verify/merkle.js';
import { hashesOf, tilePath, tilesFor, wholeEntriesOf } from '../../src/pages/verify/tiles.js';
import { verifyLog, type Remembered, type Verdict } from '../../src/pages/verify/verify-log.js';
import {
  leafOf,
  readerOf,
  sampleKey,
  sampleLines,
  sampleLog,
  signCheckpoint,
  treeHash,
  type SampleLog,
} from './sample-log.js';

const origin = 'minatono.azukari.example/log/2026';
const key = sampleKey(origin);

function bytes(buffer: Uint8Array): Bytes {
  return new Uint8Array(buffer);
}

async function verify(
  log: SampleLog,
  remembered: Remembered | null = null,
  verifierKey = log.verifierKey,
): Promise<Verdict> {
  return await verifyLog(readerOf(log), verifierKey, remembered, () => undefined);
}

function replaced(log: SampleLog, part: Partial<SampleLog>): SampleLog {
  return { ...log, tiles: new Map(log.tiles), bundles: new Map(log.bundles), ...part };
}

describe('The tree', () => {
  // RFC 6962 trees over eight leaves, as published with the Certificate Transparency reference implementation.
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %p published leaves has the published root', async (size, expected) => {
    const hashes = await Promise.all(leaves.slice(0, size).map((leaf) => leafHash(bytes(Buffer.from(leaf, 'hex')))));
    expect(Buffer.from(await rootOf(hashes)).toString('hex')).toBe(expected);
  });

  test('has at every size the root that splitting at the largest power of two gives', async () => {
    const hashes = Array.from({ length: 700 }, (_, index) => leafOf(Buffer.from(String(index))));
    const levels = await tileLevels(hashes.map(bytes));
    for (const size of [0, 1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 640, 699, 700]) {
      expect([size, toBase64(await rootAt(levels, size))]).toEqual([
        size,
        treeHash(hashes.slice(0, size)).toString('base64'),
      ]);
    }
  });
});

describe('Tiles', () => {
  test.each([
    [{ index: 0, width: 256 }, '000'],
    [{ index: 999, width: 256 }, '999'],
    [{ index: 1000, width: 256 }, 'x001/000'],
    [{ index: 1234067, width: 256 }, 'x001/x234/067'],
    [{ index: 5, width: 17 }, '005.p/17'],
    [{ index: 273000, width: 1 }, 'x273/000.p/1'],
  ])('%p lies at %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
  });

  test('together hold every entry once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (count) => {
        const tiles = tilesFor(count);
        expect(tiles.reduce((sum, { width }) => sum + width, 0)).toBe(count);
        expect(tiles.every(({ width, index }) => width === 256 || (index === tiles.length - 1 && width > 0))).toBe(
          true,
        );
      }),
    );
  });

  test('and bundles of any bytes are taken apart into whole entries, and it is known whether there is more', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (raw) => {
        const { entries, hasRest } = wholeEntriesOf(bytes(raw));
        const read = entries.reduce((sum, { length }) => sum + length + 2, 0);
        expect([read <= raw.length, hasRest]).toEqual([true, read < raw.length]);
        expect(hashesOf(bytes(raw)) === null).toBe(raw.length % 32 !== 0);
      }),
    );
  });

  test('base64 is read only in its canonical form', () => {
    expect(
      [fromBase64('AQ=='), fromBase64('AR=='), fromBase64('AQ'), fromBase64('A Q=='), fromBase64('é')].map(
        (each) => each?.length ?? null,
      ),
    ).toEqual([1, null, null, null, null]);
  });
});

describe('A log as it should be', () => {
  test.each([1, 2, 255, 256, 257, 600])(
    'with %p entries verifies and its entries are counted by kind',
    async (size) => {
      const log = sampleLog(key, sampleLines(size, origin));
      const verdict = await verify(log);
      expect(verdict).toEqual({
        isGood: true,
        origin,
        size,
        root: treeHash(log.entries.map(leafOf)).toString('base64'),
        kinds: size === 1 ? { start: 1 } : { start: 1, provision: size - 1 },
      });
    },
  );

  test('verifies across a whole second level of tiles', async () => {
    const log = sampleLog(key, sampleLines(65_600, origin));
    expect(log.tiles.has('2/000.p/1')).toBe(true);
    expect((await verify(log)).isGood).toBe(true);
  });

  test('verifies when only full tiles are still published', async () => {
    const log = sampleLog(key, sampleLines(512, origin));
    const smaller = sampleLog(key, sampleLines(300, origin));
    expect((await verify(replaced(log, { checkpoint: smaller.checkpoint }))).isGood).toBe(false);
    const tiles = new Map(log.tiles).set('1/000.p/1', smaller.tiles.get('1/000.p/1')!);
    expect((await verify(replaced(log, { checkpoint: smaller.checkpoint, tiles }))).isGood).toBe(true);
  });

  test('verifies against an earlier checkpoint of itself, whatever its size', async () => {
    const lines = sampleLines(600, origin);
    for (const size of [0, 1, 256, 300, 512, 599, 600]) {
      const root = treeHash(lines.slice(0, size).map((line) => leafOf(Buffer.from(line)))).toString('base64');
      expect((await verify(sampleLog(key, lines), { size, root })).isGood).toBe(true);
    }
  });

  test('reports its progress step by step to the end', async () => {
    const seen: string[] = [];
    await verifyLog(readerOf(sampleLog(key, sampleLines(600, origin))), key.verifierKey, null, (step, done, total) => {
      seen.push(`${step} ${done}/${total}`);
    });
    expect(seen).toEqual([
      'checkpoint 1/1',
      'entries 600/600',
      'root 1/1',
      ...[1, 2, 3, 4].map((done) => `tiles ${done}/4`),
      'history 1/1',
    ]);
  });
});

describe('A falsified log is noticed when', () => {
  const lines = sampleLines(600, origin);
  const log = sampleLog(key, lines);
  const other = sampleKey(origin);
  const flipped = (buffer: Buffer, at: number): Buffer => {
    const copy = Buffer.from(buffer);
    copy[at] = copy[at]! ^ 1;
    return copy;
  };
  const rewritten = lines.with(40, lines[40]!.replace('hamakaze-clinic', 'isobe-mart'));
  const cases: readonly (readonly [string, SampleLog, string])[] = [
    [
      'an entry is changed',
      replaced(log, { bundles: new Map(log.bundles).set('000', sampleLog(key, rewritten).bundles.get('000')!) }),
      'root-differs',
    ],
    [
      'two entries change places',
      replaced(log, { bundles: sampleLog(key, lines.with(3, lines[4]!).with(4, lines[3]!)).bundles }),
      'root-differs',
    ],
    [
      'an entry is left out',
      replaced(log, { bundles: sampleLog(key, lines.toSpliced(9, 1)).bundles }),
      'entries-missing',
    ],
    [
      'a byte follows the entries of a bundle',
      replaced(log, {
        bundles: new Map(log.bundles).set('001', Buffer.concat([log.bundles.get('001')!, Buffer.of(0)])),
      }),
      'entries-malformed',
    ],
    ['an entry is not JSON', sampleLog(key, lines.with(7, 'not json')), 'entries-malformed'],
    ['an entry is of another version', sampleLog(key, lines.with(7, '{"v":2,"t":"provision"}')), 'entries-malformed'],
    [
      'a hash tile is changed',
      replaced(log, { tiles: new Map(log.tiles).set('0/001', flipped(log.tiles.get('0/001')!, 77)) }),
      'tile-differs',
    ],
    [
      'an upper tile is changed',
      replaced(log, { tiles: new Map(log.tiles).set('1/000.p/2', flipped(log.tiles.get('1/000.p/2')!, 5)) }),
      'tile-differs',
    ],
    ['the root is another', replaced(log, { checkpoint: signCheckpoint(key, 600, treeHash([])) }), 'root-differs'],
    [
      'the size is larger',
      replaced(log, { checkpoint: signCheckpoint(key, 601, treeHash(log.entries.map(leafOf))) }),
      'entries-missing',
    ],
    ['the signature is by another key', sampleLog(other, lines), 'bad-signature'],
    [
      'the signature is damaged',
      replaced(log, { checkpoint: flipped(log.checkpoint, log.checkpoint.length - 8) }),
      'bad-signature',
    ],
    [
      'the signed size is changed',
      replaced(log, { checkpoint: Buffer.from(log.checkpoint.toString().replace('\n600\n', '\n599\n')) }),
      'bad-signature',
    ],
    [
      'the origin is another',
      replaced(log, { checkpoint: sampleLog(sampleKey('elsewhere.example/log'), lines).checkpoint }),
      'bad-checkpoint',
    ],
    ['the checkpoint is nonsense', replaced(log, { checkpoint: Buffer.from('hello') }), 'bad-checkpoint'],
    [
      'the size has a leading zero',
      replaced(log, { checkpoint: Buffer.from(log.checkpoint.toString().replace('\n600\n', '\n0600\n')) }),
      'bad-checkpoint',
    ],
    [
      'it claims more than a browser can carry',
      replaced(log, { checkpoint: signCheckpoint(key, 1_000_001, treeHash([])) }),
      'too-large',
    ],
  ];

  test.each(cases)('%s', async (_what, falsified, failure) => {
    expect(await verify(falsified, null, key.verifierKey)).toMatchObject({ isGood: false, failure });
  });

  test('it is shorter than last time', async () => {
    expect(await verify(log, { size: 601, root: toBase64(bytes(treeHash([]))) })).toMatchObject({
      failure: 'shrunk',
      step: 'history',
    });
  });

  test('it was rewritten since last time and signed anew by its own key', async () => {
    const root = treeHash(log.entries.slice(0, 300).map(leafOf)).toString('base64');
    expect(await verify(sampleLog(key, rewritten), { size: 300, root })).toMatchObject({
      failure: 'rewritten',
      step: 'history',
    });
    expect((await verify(log, { size: 300, root })).isGood).toBe(true);
  });

  test.each([
    ['is empty', ''],
    ['has another name than its id says', key.verifierKey.replace(/^[^+]+/, 'elsewhere.example')],
    ['has another id', key.verifierKey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['is of another type', key.verifierKey.replace(/\+A/, '+B')],
  ])('the verifier key %s', async (_what, verifierKey) => {
    expect(await parseVerifierKey(verifierKey)).toBeNull();
    expect(await verify(log, null, verifierKey)).toMatchObject({ failure: 'bad-key' });
  });
});
