/**
 * Promise 11: No acknowledged write is lost in a crash.
 *
 * Here a node is killed in the middle of its work, and the database cuts every connection. Rounds under load, with PostgreSQL itself killed,
 * are in test/crash.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { receiptOf, type Reader, verified } from '../setup/a-reader.js';
import { type AProgram, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { optionsFor } from '../setup/demo-city.js';
import { aNodeProcess, type NodeProcess } from '../setup/nodes.js';

let town: Town;
let program: AProgram;
let reader: Reader;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
  reader = await town.reader(program);
});
afterAll(() => closeSoundly(town));

/** A node in a process of its own, under the town's address. */
function aMortalNode(): Promise<NodeProcess> {
  const { databases, directories, service } = town.city;
  return aNodeProcess({ ...optionsFor(databases, directories), publicUrl: service.publicUrl, runsSigner: false });
}

async function withdrawalsInTheJournal(): Promise<string[]> {
  const text = await readFile(join(town.city.directories.journalDirectory, 'withdrawals.ndjson'), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { consentId: string }).consentId);
}

test('what a node has acknowledged stands after it was killed: consents, withdrawals, deposits, receipts', async () => {
  const node = await aMortalNode();
  const kept = await town.give(town.resident(0), program, program.items, node.base);
  const ended = await town.give(town.resident(1), program, program.items, node.base);
  const read = must(await reader.read(kept.pairwiseId, {}, node.base));
  must(await town.withdraw(town.resident(1), ended.consentId, node.base));

  await node.kill();

  const receipt = verified(receiptOf(read), town.demo, { pairwiseId: kept.pairwiseId });
  expect((await town.log(receipt.index))[0]!.text).toBe(receipt.line);
  expect(await reader.outcome(kept.pairwiseId)).toBe(200);
  expect(await reader.outcome(ended.pairwiseId)).toBe('consent-withdrawn');
  expect(await withdrawalsInTheJournal()).toContain(ended.consentId);
});

test('killed with requests under way, a node has done each of them once or not at all, and a retry finds out which', async () => {
  const node = await aMortalNode();
  const answers = [2, 3, 4, 5].map((number) => ({ resident: town.resident(number), key: randomUUID() }));
  const body = { program: program.id, decision: 'give', items: program.items };
  const asked = answers.map(({ resident, key }) =>
    town.answer(resident, body, { 'idempotency-key': key }, node.base).catch(() => null),
  );
  await Promise.race(asked);
  await node.kill();
  const first = await Promise.all(asked);

  for (const [position, { resident, key }] of answers.entries()) {
    const again = must(await town.answer(resident, body, { 'idempotency-key': key }), 201);
    if (first[position]?.status === 201) expect(again.text).toBe(first[position].text);
    const { rows } = await town.admin.query(
      `SELECT state FROM azukari.consent WHERE resident_id = $1 AND program_id = $2`,
      [resident.id, program.id],
    );
    expect(rows).toEqual([{ state: 'active' }]);
  }
});

test('when the database cuts every connection, an answer is an error or it is true', async () => {
  const resident = town.resident(6);
  const counts = Array.from({ length: 12 }, (_, number) => 3_000 + number);
  const deposits = counts.map((count) =>
    town.deposit('minatono-steps', 'activity.steps', [steps(resident, count, '2026-02-03')]).catch(() => null),
  );
  const cut = town.admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'azukari app' AND datname = current_database()`,
  );
  const answers = await Promise.all(deposits);
  await cut;
  expect(answers.filter((answer) => answer !== null && ![200, 503].includes(answer.status))).toEqual([]);

  const { pairwiseId } = await town.give(resident, program);
  const records = must(await reader.read(pairwiseId, { from: '2026-02-03', to: '2026-02-04' })).json.records as {
    data: { body: { step_count: { value: number } } };
  }[];
  const stored = records.map(({ data }) => data.body.step_count.value);
  const acknowledged = counts.filter((_, position) => answers[position]?.status === 200);
  expect(stored).toEqual(expect.arrayContaining(acknowledged));
});
