/**
 * Attack L 205, and the full disk of the tiles: what cannot be kept is not published, so nothing is provided; withdrawing waits for no disk
 * of the log's. The journal's disk it does wait for: what is in force and stands in no journal is not answered as done. Once there is room, everything goes on.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
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

test('while the journal’s disk is full withdrawals and erasures answer 503 and are in force; a node that has room takes up the erasure', async () => {
  const { databases, directories, service } = town.city;
  const journal = join(directories.journalDirectory, 'withdrawals.ndjson');
  await appendFile(journal, '\n'.repeat(4096));
  const full = await aNodeProcess(
    { ...optionsFor(databases, directories), publicUrl: service.publicUrl },
    { fileBytesMax: 4096 },
  );
  try {
    const program = town.demoProgram('checkup-follow-up');
    const [withdrawing, erased] = [town.resident(1), town.resident(2)];
    const given = await town.give(withdrawing, program);
    const answers = [
      await town.withdraw(withdrawing, given.consentId, full.base),
      await town.http.ask(full.base, {
        ...{ method: 'POST', path: '/v1/me/erasure', headers: { cookie: erased.session } },
        body: { confirm: 'erase-everything' },
      }),
    ];
    for (const { status, code } of answers) expect([status, code]).toEqual([503, 'unavailable']);
    expect(await (await town.reader(program)).outcome(given.pairwiseId)).toBe('consent-withdrawn');
    must(await town.withdraw(withdrawing, given.consentId));
    for (let attempt = 0; !(await readFile(journal, 'utf8')).includes(erased.id) && attempt < 200; attempt += 1)
      await pause(50);
    const lines = await readFile(journal, 'utf8');
    expect(lines).toContain(`"kind":"erasure","residentId":"${erased.id}"`);
    expect(lines).toContain(given.consentId);
  } finally {
    await full.stop();
  }
}, 60_000);
