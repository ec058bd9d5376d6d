/** A backup of December is put back in January: what is missing of both logs comes from the tiles, and the new log goes on. */
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AProgram } from '../setup/a-town.js';
import { must, Town } from '../setup/a-town.js';
import { both } from '../setup/check-log.js';
import { checkOf, closeLogsSoundly, nextYear, thisYear, turn, verify } from '../turn/a-turning-town.js';
import { LostTown, stopSigning } from './a-lost-town.js';

/** What was signed when the database was lost. */
const cases = ['in the middle of the new log', 'before anything of the new log was signed'] as const;

describe.each(cases)('a backup from before the turn, lost %s', (when) => {
  let town: Town;
  let lost: LostTown;
  let said: string[];
  let vkeys: { old: string; next: string };
  let lasting: AProgram;
  let pairwiseId: string;
  let size: number;

  beforeAll(async () => {
    const before = await Town.open();
    lasting = before.demoProgram('checkup-follow-up');
    const given = await before.give(before.resident(3), lasting);
    must(await before.withdraw(before.resident(3), given.consentId));
    must(await before.board(`recipients/isobe-mart/suspension`));
    const { vkey } = await turn(before);
    vkeys = { old: before.demo.log.vkey, next: vkey };
    if (when === cases[0]) await before.program();
    await before.untilPublished(await before.logSize());
    size = await before.logSize();
    await stopSigning(before.city);
    lost = await LostTown.of(before);
    if (when === cases[1]) {
      // As if the signer had died right after the last checkpoint of the old log.
      const { tilesDirectory, anchorDirectory } = lost.directories;
      await rm(join(tilesDirectory, '2027'), { recursive: true });
      await copyFile(join(tilesDirectory, '2026', 'checkpoint'), join(anchorDirectory, 'checkpoint'));
    }
    said = await lost.catchUp();
    town = await lost.reopen();
    await town.untilPublished(await town.logSize());
  }, 120_000);
  afterAll(async () => {
    await both(
      () => closeLogsSoundly(town, { [thisYear]: vkeys.old, [nextYear]: vkeys.next }),
      () => lost.discard(),
    );
  });

  test('says what was missing of which log', () => {
    expect(said.join('\n')).toMatch(
      /^The database has \d+ log entries, but \d+( of \S+)? were signed: it is older than its log\.\nEntries \d+ to \d+ of \S+\/2026 were missing and have been taken from \S+ again\.\nThe log \S+\/2027 has begun since, and goes on\./,
    );
  });

  test('leaves both logs sound, each as it was signed, and the new one says that it was restored', async () => {
    const old = await checkOf(town, thisYear, vkeys.old);
    const next = await checkOf(town, nextYear, vkeys.next);
    expect([old.findings, next.findings, next.isComplete]).toEqual([[], [], true]);
    expect(next.counts.restore).toBe(1);
    if (when === cases[0]) expect(old.size + next.size).toBeGreaterThan(size);
    const keys = ['--vkey', vkeys.next, '--vkey', vkeys.old];
    const { exit, text } = await verify(town, 'log', `${town.base}/log`, ...keys);
    expect(text).toContain(`ok: it follows from ${thisYear}`);
    expect(exit).toBe(0);
  });

  test('and the city goes on in the new log: what was stopped stays stopped, what stood is provided again', async () => {
    ({ pairwiseId } = await town.give(town.resident(4), lasting));
    const reader = await town.reader(lasting);
    expect(must(await reader.read(pairwiseId)).status).toBe(200);
    const { rows } = await town.admin.query("SELECT status FROM azukari.recipient WHERE id = 'isobe-mart'");
    expect(rows).toEqual([{ status: 'suspended' }]);
    expect((await checkOf(town, nextYear, vkeys.next)).findings).toEqual([]);
  });
});
