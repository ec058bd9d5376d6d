/** What a real service serves of a log whose size lies about a full tile of each level: checkpoint, tiles and bundles, as anyone reads them. */
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { type Reader, receiptOf } from '../setup/a-reader.js';
import { trustIn } from '../setup/a-log-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { closeSoundly, expectSoundLog } from '../setup/check-log.js';
import { growTo } from './listed-entries.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;
beforeAll(async () => {
  town = await Town.open();
  program = await town.program('minatono-university');
  ({ pairwiseId } = await town.give(town.resident(), program));
  reader = await town.reader(program);
});
afterAll(() => closeSoundly(town));

test.each([
  [255, ['tile/0/000.p/255', 'tile/entries/000.p/255'], ['tile/0/000', 'tile/1/000.p/1']],
  [256, ['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000'], ['tile/0/001.p/0', 'tile/0/000.p/256']],
  [257, ['tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1', 'tile/entries/001.p/1'], ['tile/0/001']],
  [65_535, ['tile/0/255.p/255', 'tile/1/000.p/255', 'tile/entries/255.p/255'], ['tile/1/000', 'tile/2/000.p/1']],
  [65_536, ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1', 'tile/entries/255'], ['tile/0/256.p/0', 'tile/1/001.p/0']],
  [65_537, ['tile/0/256.p/1', 'tile/1/000', 'tile/2/000.p/1', 'tile/entries/256.p/1'], ['tile/1/001.p/1']],
])(
  'with %d entries every tile and bundle is there that the size has, and none that it has not; the whole log is sound, and the last receipt too',
  async (size, there, missing) => {
    // The last entry is a read, whose receipt is of a tree of this size.
    await growTo(town, program, size - 1);
    await town.untilPublished(size - 1, 40);
    const receipt = receiptOf(must(await reader.read(pairwiseId)));
    expect(
      verifyReceipt(receipt, trustIn(town.demo.log), { pairwiseId, recipient: program.recipient, program: program.id }),
    ).toMatchObject({ ok: true });
    expect(receipt.proof).toContain(`\nindex ${size - 1}\n`);
    expect((await expectSoundLog(town)).size).toBe(size);
    const { log, baseUrl } = town.demo;
    const statusOf = async (path: string) =>
      (await fetch(`${baseUrl}/log/${path}`, { headers: { authorization: `Bearer ${log.mirrorToken}` } })).status;
    expect(await Promise.all(there.map(statusOf))).toEqual(there.map(() => 200));
    expect(await Promise.all(missing.map(statusOf))).toEqual(missing.map(() => 404));
  },
  60_000,
);
