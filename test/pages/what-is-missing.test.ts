/** The board's browser names what a signed checkpoint covers and the log does not show; what may be another's fault it calls no falsification. */
import type { LogReader } from '../../src/pages/verify/covered.js';
import { provesNothing, verifyLog } from '../../src/pages/verify/verify-log.js';
import { readerOf, sampleKey, sampleLines, sampleLog } from './sample-log.js';

const origin = 'minatono.azukari.example/log/2026';
const key = sampleKey(origin);
const lines = sampleLines(600, origin);
const log = sampleLog(key, lines);
const read = (reader: LogReader) => verifyLog(reader, key.verifierKey, null, () => undefined);

describe('What is dropped is named:', () => {
  const part = (from: number, to: number) => {
    const { bundles } = sampleLog(key, lines.slice(from, to));
    return Buffer.concat([...bundles.values()]);
  };
  const bundle = (path: string, content: Buffer | null) => {
    const bundles = new Map(log.bundles);
    if (content) bundles.set(path, content);
    else bundles.delete(path);
    return { ...log, bundles };
  };
  const tile = (path: string, content: Buffer | null) => {
    const tiles = new Map(log.tiles);
    if (content) tiles.set(path, content);
    else tiles.delete(path);
    return { ...log, tiles };
  };
  const missing: readonly (readonly [string, typeof log, string, object])[] = [
    [
      'a full bundle in the middle',
      bundle('001', null),
      'entries-missing',
      { from: 256, to: 511, path: 'tile/entries/001' },
    ],
    [
      'the last, partial bundle',
      bundle('002.p/88', null),
      'entries-missing',
      { from: 512, to: 599, path: 'tile/entries/002.p/88' },
    ],
    ['the end of a bundle', bundle('001', part(256, 300)), 'entries-missing', { from: 300, to: 511 }],
    [
      'the last bytes of a bundle',
      bundle('001', part(256, 512).subarray(0, -3)),
      'entries-missing',
      { from: 511, to: 511 },
    ],
    [
      'one entry of a bundle',
      bundle('001', Buffer.concat([part(256, 300), part(301, 512)])),
      'entries-missing',
      { from: 300, to: 300, path: 'tile/entries/001' },
    ],
    [
      'two entries here and there',
      bundle('001', Buffer.concat([part(256, 300), part(301, 400), part(401, 512)])),
      'entries-missing',
      { from: 256, to: 511 },
    ],
    ['a full hash tile', tile('0/001', null), 'tile-missing', { from: 256, to: 511, path: 'tile/0/001' }],
    ['a partial hash tile', tile('0/002.p/88', null), 'tile-missing', { from: 512, to: 599, path: 'tile/0/002.p/88' }],
    [
      'a hash tile of the level above',
      tile('1/000.p/2', null),
      'tile-missing',
      { from: 0, to: 511, path: 'tile/1/000.p/2' },
    ],
    [
      'the end of a hash tile',
      tile('0/001', log.tiles.get('0/001')!.subarray(0, 44 * 32 + 1)),
      'tile-missing',
      { from: 256, to: 511 },
    ],
  ];

  test.each(missing)('%s', async (_what, falsified, failure, place) => {
    expect(await read(readerOf(falsified))).toMatchObject({ isGood: false, failure, place });
    expect(provesNothing.has(failure as never)).toBe(false);
  });
});

describe('A log that cannot be read is not called a falsified one when', () => {
  test('the connection fails', async () => {
    const broken = { ...readerOf(log), entries: () => Promise.reject(new Error('gone')) };
    expect(await read(broken)).toMatchObject({ step: 'entries', failure: 'unreachable' });
    expect(provesNothing.has('unreachable')).toBe(true);
  });

  test('there is no checkpoint', async () => {
    const bare = { ...readerOf(log), checkpoint: () => Promise.resolve(null) };
    expect(await read(bare)).toMatchObject({ step: 'checkpoint', failure: 'no-checkpoint' });
    expect(provesNothing.has('no-checkpoint')).toBe(true);
  });

  /** The log as it was, and as `then` makes it once a bundle was asked for that is not there. */
  function turning(then: Partial<LogReader>): LogReader {
    let hasTurned = false;
    const before = readerOf(log);
    return {
      checkpoint: () => ((hasTurned && then.checkpoint) || before.checkpoint)(),
      tile: (level, path) => ((hasTurned && then.tile) || before.tile)(level, path),
      entries: (path) => {
        hasTurned ||= path.startsWith('002');
        if (!then.entries && path.startsWith('002')) return Promise.resolve(null);
        return (then.entries ?? before.entries)(path);
      },
    };
  }

  test.each([
    ['has gone from the address', null],
    [
      'has given way to another log there',
      new Uint8Array(sampleLog(sampleKey('minatono.azukari.example/log/2027'), []).checkpoint),
    ],
  ])('it %s by the time it is asked again', async (_what, checkpoint) => {
    const verdict = await read(turning({ checkpoint: () => Promise.resolve(checkpoint) }));
    expect(verdict).toMatchObject({ step: 'entries', failure: 'unreachable' });
  });

  test('it grows meanwhile and takes its partial tiles away: then it verifies', async () => {
    const grown = readerOf(sampleLog(key, sampleLines(700, origin)));
    expect((await read(turning(grown))).isGood).toBe(true);
  });

  test('a part arrives some time after the checkpoint: then it verifies', async () => {
    let asked = 0;
    const reader = readerOf(log);
    const entries = (path: string) =>
      path === '001' && (asked += 1) <= 2 ? Promise.resolve(null) : reader.entries(path);
    expect((await read({ ...reader, entries, pausesMs: [1, 1] })).isGood).toBe(true);
    expect(asked).toBe(3);
  });
});
