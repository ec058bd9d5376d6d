/**
 * Promise 3: a withdrawal stops the very next read, on every node. Two processes serve one city; fifty readers hammer one resident while
 * withdrawals and suspensions come in between, and one driver's clock decides what was allowed (V1 to V4 of the design).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../src/demo/random.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { checkLogAt, readerAt, trustIn, untilCovered } from '../setup/a-log-reader.js';
import { aTwoNodeCity, type TwoNodeCity } from './a-two-node-city.js';
import { checkHistory } from './checker.js';
import { hammer } from './hammer.js';
import { checkEntries, readEntries } from './log-checker.js';
import { type Door, RaceDriver } from './race-driver.js';

const isSoak = process.env.AZUKARI_SOAK === '1';
const rounds = isSoak ? 300 : 12;
const readers = 50;
/** Generous: the design's measurement is 35 ms, on a machine with nothing else to do. */
const answerWithinMs = 10_000;

let city: TwoNodeCity;
beforeAll(async () => {
  city = await aTwoNodeCity();
});
afterAll(() => city?.stop());

/** Shuts one gate or both, on whichever node; resolves with the time each took. */
async function shut(driver: RaceDriver, doors: readonly Door[], random: Random, latencies: Map<string, number[]>) {
  const ops = random.pick([['withdraw'], ['withdraw'], ['suspend'], ['withdraw', 'suspend']] as const);
  await Promise.all([
    ...ops.map(async (op) => latencies.get(op)!.push(await driver.change(op, random.pick(doors)))),
    // Data that arrives in the same moment may be in an answer or not, but never in one that began before it.
    ...(random.chance(0.5) ? [driver.deposit(random.pick(doors))] : []),
  ]);
  return ops;
}

async function round(driver: RaceDriver, doors: readonly Door[], random: Random, latencies: Map<string, number[]>) {
  await driver.deposit(random.pick(doors));
  await pause(random.integer(20, 120));
  const ops = await shut(driver, doors, random, latencies);
  await Promise.all(doors.map((door) => driver.read(door)));
  await driver.deposit(random.pick(doors));
  await pause(random.integer(5, 60));
  for (const op of [...ops].reverse()) {
    await driver.change(op === 'suspend' ? 'resume' : 'give', random.pick(doors));
  }
  await Promise.all(doors.map((door) => driver.read(door)));
}

test(
  `${rounds} rounds of withdrawals and suspensions against ${readers} readers on two nodes`,
  async () => {
    const { demo, http, nodes, bases } = city;
    const doors: readonly Door[] = bases.map((base, position) => ({ name: `node ${position + 1}`, base }));
    const driver = await RaceDriver.begin(http, demo, bases[0]);
    const random = new Random('withdrawal race');
    const latencies = new Map<string, number[]>([
      ['withdraw', []],
      ['suspend', []],
    ]);
    const running = hammer(driver, doors, readers);
    try {
      for (let number = 0; number < rounds; number += 1) {
        if (number % 50 === 49) await driver.renewToken(bases[0]);
        await round(driver, doors, random, latencies);
      }
    } finally {
      await running.stop();
    }
    report(driver, latencies);
    expect(driver.unexpected).toEqual([]);
    expect(nodes.flatMap(({ incidents }) => incidents)).toEqual([]);
    expect(checkHistory(driver.history)).toEqual([]);
    await checkAgainstTheLog(driver);
    for (const name of doors.map((door) => door.name)) {
      const outcomes = new Set(
        driver.history.filter(({ node }) => node === name).map((event) => 'outcome' in event && event.outcome),
      );
      expect([...outcomes]).toEqual(expect.arrayContaining(['data', 'shut', 'open']));
    }
    for (const milliseconds of [...latencies.values()].flat()) expect(milliseconds).toBeLessThan(answerWithinMs);
  },
  isSoak ? 1_800_000 : 90_000,
);

/** V4, and that every answer has an entry of its own that was never voided. */
async function checkAgainstTheLog({
  history,
  receipts,
  pairwiseId,
  programId,
  recipientId,
}: RaceDriver): Promise<void> {
  const { demo, bases } = city;
  const delivered = history.flatMap((event) => (event.op === 'read' && event.outcome === 'data' ? [event.index] : []));
  const { size } = await untilCovered(bases[1], demo.log, Math.max(...delivered) + 1);
  const entries = await readEntries(readerAt(bases[1], demo.log), size);
  const subject = { pairwiseId: decodePairwiseId(pairwiseId)!, recipient: recipientId, program: programId };
  expect(checkEntries(entries, subject, delivered)).toEqual([]);
  const report = await checkLogAt(bases[0], demo.log, { now: new Date() });
  expect(report.findings).toEqual([]);
  const expected = { pairwiseId, recipient: recipientId, program: programId };
  const step = Math.ceil(receipts.length / 500);
  for (const receipt of receipts.filter((_, position) => position % step === 0)) {
    expect(verifyReceipt(receipt, trustIn(demo.log), expected)).toMatchObject({ ok: true });
  }
}

function report({ history }: RaceDriver, latencies: ReadonlyMap<string, readonly number[]>): void {
  const seconds = Number(history.at(-1)!.endedAt - history[0]!.startedAt) / 1e9;
  const reads = history.filter(({ op }) => op === 'read').length;
  const lines = [...latencies].map(([op, all]) => {
    const sorted = [...all].sort((left, right) => left - right);
    const at = (share: number) => `${(sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0)} ms`;
    return `${op}: ${sorted.length}, median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`;
  });
  process.stdout.write(`  ${reads} reads in ${seconds.toFixed(1)} s; ${lines.join('; ')}\n`);
}
