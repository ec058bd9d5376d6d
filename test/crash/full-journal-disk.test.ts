/**
 * The disk of the journal is full: what is withdrawn or suspended is in force at once, but is not answered as done, for a restored database could
 * forget it. Once there is room, asking again writes the line.
 */
import { readFile } from 'node:fs/promises';
import { SmallDisk, whyNoSmallDisk } from '../setup/a-small-disk.js';
import { must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { optionsFor } from '../setup/demo-city.js';
import { aNodeProcess, type NodeProcess } from '../setup/nodes.js';

const whyNot = whyNoSmallDisk();
const there = whyNot === null ? test : test.skip;
const reason = whyNot === null ? '' : ` (not run: ${whyNot})`;

let town: Town;
let disk: SmallDisk | undefined;
let node: NodeProcess | undefined;

beforeAll(async () => {
  town = await Town.open({ runsSigner: false });
  if (whyNot !== null) return;
  const { databases, directories, service } = town.city;
  disk = await SmallDisk.at(directories.journalDirectory, '1m');
  node = await aNodeProcess({ ...optionsFor(databases, directories), publicUrl: service.publicUrl }, { disk });
}, 120_000);
afterAll(async () => {
  await node?.stop();
  await disk?.leave();
  await (whyNot === null ? closeSoundly(town) : town.close());
});

there(
  `while the journal cannot be written a withdrawal and a suspension stop the next read and answer 503; with room again they are done${reason}`,
  async () => {
    const { base } = node!;
    const program = await town.program();
    const [gone, staying] = [town.resident(0), town.resident(1)];
    const { consentId, pairwiseId } = await town.give(gone, program, program.items, base);
    const other = await town.give(staying, program, program.items, base);
    const reader = await town.reader(program, base);
    must(await reader.read(pairwiseId, {}, base));
    const [withdraw, suspend] = [
      () => town.withdraw(gone, consentId, base),
      () => town.board(`programs/${program.id}/suspension`, {}, base),
    ];

    await disk!.fill();
    const withdrawn = await withdraw();
    expect([withdrawn.status, withdrawn.code]).toEqual([503, 'unavailable']);
    expect(await reader.outcome(pairwiseId, {}, base)).toBe('consent-withdrawn');
    must(await reader.read(other.pairwiseId, {}, base));
    const suspended = await suspend();
    expect([suspended.status, suspended.code]).toEqual([503, 'unavailable']);
    expect(await reader.outcome(other.pairwiseId, {}, base)).toBe('program-not-active');

    await disk!.makeRoom();
    must(await withdraw());
    must(await suspend());
    const journal = await readFile(disk!.seen(`${town.city.directories.journalDirectory}/withdrawals.ndjson`), 'utf8');
    for (const id of [consentId, program.id]) expect(journal).toContain(`"${id}"`);
  },
);
