/** Promise 2: Nothing leaves before its log entry is covered by a published, signed checkpoint. */
import { setTimeout as pause } from 'node:timers/promises';
import { GrantSweeper } from '../../src/provision/grant-sweeper.service.js';
import { receiptOf, recordsOf, type Reader, verified } from '../setup/a-reader.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';

let town: Town;
let program: AProgram;
let reader: Reader;
let pairwiseId: string;

/** A city in which nobody signs, until a test starts somebody who does. */
beforeAll(async () => {
  town = await Town.open({ runsSigner: false });
  program = await town.program();
  ({ pairwiseId } = await town.give(town.resident(), program));
  reader = await town.reader(program);
});
afterAll(() => town.close());

interface Grant {
  entry_idx: number;
}

/** Those that wait. */
async function grants(): Promise<Grant[]> {
  const { rows } = await town.admin.query<Grant>(
    `SELECT entry_idx FROM azukari.provision_grant WHERE program_id = $1 ORDER BY 1`,
    [program.id],
  );
  return rows;
}

async function untilGranted(count: number): Promise<Grant[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = await grants();
    if (found.length >= count) return found;
    await pause(50);
  }
  throw new Error('no grant was made');
}

/** What has arrived of an answer, and whether more may come. */
function watch<T>(answer: Promise<T>): { settled: boolean; answer: Promise<T> } {
  const watched = { settled: false, answer };
  const settle = () => void (watched.settled = true);
  answer.then(settle, settle);
  return watched;
}

test('without a signer nothing leaves: not to one read, not as a list, not in a stream', async () => {
  const asked = [reader.read(pairwiseId), reader.list(), reader.stream()].map(watch);
  await untilGranted(2);
  await pause(1_000);
  // The entries stand in the log, the records are where they were, and nobody has heard anything.
  expect(asked.map(({ settled }) => settled)).toEqual([false, false, false]);
  const { rows } = await town.admin.query('SELECT FROM statutory.provision_record WHERE entry_idx = ANY ($1)', [
    (await grants()).map(({ entry_idx }) => entry_idx),
  ]);
  expect(rows).toEqual([]);

  for (const { status, code, text } of await Promise.all(asked.map(({ answer }) => answer))) {
    expect([status, code]).toEqual([503, 'log-unavailable']);
    expect(text).not.toContain(pairwiseId);
    expect(text).not.toContain('step_count');
  }
  expect((await grants()).length).toBe(2);
}, 30_000);

test('a read that waits is answered as soon as a signer has published a checkpoint over its entry', async () => {
  const before = (await grants()).length;
  const asked = watch(reader.read(pairwiseId));
  const { entry_idx: index } = (await untilGranted(before + 1)).at(-1)!;
  await pause(500);
  expect(asked.settled).toBe(false);

  await town.anotherNode({ runsSigner: true });
  const answer = must(await asked.answer);

  expect(recordsOf(answer).length).toBeGreaterThan(0);
  const receipt = verified(receiptOf(answer), town.demo, { pairwiseId, program: program.id });
  expect(receipt.index).toBe(index);
  expect(receipt.checkpoint.size).toBeGreaterThan(index);
  const published = await fetch(`${town.base}/log/checkpoint`);
  expect(Number((await published.text()).split('\n')[1])).toBeGreaterThan(index);
});

test('what was announced and never left is taken back in the log, once', async () => {
  const abandoned = await grants();
  expect(abandoned.length).toBe(2);
  await town.admin.query(`UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'`);
  const lines = await town.linesOf(async () => {
    const sweepers = [town.city.service, (await town.anotherNode()).service].map(({ app }) => app.get(GrantSweeper));
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await sweepers[0]!.sweep();
  });
  expect(lines.map(({ t, of, reason }) => [t, of, reason])).toEqual(
    abandoned.map(({ entry_idx }) => ['void', entry_idx, 'not-redeemed']),
  );
  await expectSoundLog(town);
});
