/**
 * Attack L 205, and the full disk of the tiles: what cannot be kept is not published, so nothing is provided; withdrawing waits for no disk
 * of the log's. Once there is room, everything goes on.
 */
import { must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { optionsFor } from '../setup/demo-city.js';
import { aNodeProcess, type NodeProcess } from '../setup/nodes.js';

let town: Town;
let node: NodeProcess;

beforeAll(async () => {
  town = await Town.open({ runsSigner: false });
  const { databases, directories, service } = town.city;
  // An anchor and a line of the journal fit; a bundle of entries does not.
  node = await aNodeProcess(
    { ...optionsFor(databases, directories), publicUrl: service.publicUrl },
    { fileBytesMax: 4096 },
  );
}, 120_000);
afterAll(async () => {
  await node?.stop();
  await closeSoundly(town);
});

test('while the signer’s disk is full reads answer 503 and withdrawals 200; with room again everything is signed', async () => {
  const program = town.demoProgram('checkup-follow-up');
  const given = await town.give(town.resident(), program, program.items, node.base);
  const reader = await town.reader(program, node.base);
  const refused = await reader.read(given.pairwiseId, {}, node.base);
  expect([refused.status, refused.code]).toEqual([503, 'log-unavailable']);
  expect(must(await town.withdraw(town.resident(), given.consentId, node.base)).json).toMatchObject({
    state: 'withdrawn',
  });
  const { rows } = await town.admin.query<{ signed: number; frozen_at: Date | null }>(
    'SELECT c.size AS signed, s.frozen_at FROM azukari.published_checkpoint c, azukari.signer_state s',
  );
  expect(rows[0]!.frozen_at).toBeNull();
  expect(rows[0]!.signed).toBeLessThanOrEqual(given.logIndex);

  await node.stop();
  const { base } = await town.anotherNode({ runsSigner: true });
  const again = await town.give(town.resident(), program, program.items, base);
  must(await (await town.reader(program, base)).read(again.pairwiseId, {}, base));
});
