/** The race test can see: put a cache of a second before one of two honest nodes, and the same driver with the same checker finds it. */
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { readerAt, untilCovered } from '../setup/a-log-reader.js';
import { aTwoNodeCity, type TwoNodeCity } from './a-two-node-city.js';
import { aCachingProxy, type CachingProxy } from './caching-proxy.js';
import { checkHistory, type Rule } from './checker.js';
import { hammer } from './hammer.js';
import { checkEntries, readEntries } from './log-checker.js';
import { type Door, RaceDriver } from './race-driver.js';
import { stopSoundly } from '../setup/check-log.js';

/** The cache is caught when the withdrawal is answered before it forgets: the first time, unless the machine is very busy. */
const roundsMax = 20;

let city: TwoNodeCity;
let proxy: CachingProxy;
beforeAll(async () => {
  city = await aTwoNodeCity();
  proxy = await aCachingProxy(city.bases[1]);
});
afterAll(async () => {
  await proxy?.close();
  await stopSoundly(city);
});

test('a planted server that caches decisions is found to break V1 and V3, and to answer without an entry', async () => {
  const { demo, http, bases } = city;
  const driver = await RaceDriver.begin(http, demo, bases[0]);
  const doors: readonly Door[] = [
    { name: 'honest', base: bases[0] },
    { name: 'caching', base: proxy.base },
  ];
  const found = new Set<Rule>();
  const running = hammer(driver, doors, 8);
  try {
    for (let round = 0; round < roundsMax && !(found.has('V1') && found.has('V3')); round += 1) {
      await driver.read(doors[1]!);
      await driver.change('withdraw', doors[0]!);
      await driver.read(doors[0]!);
      await driver.read(doors[1]!);
      await driver.change('give', doors[0]!);
      for (const { rule } of checkHistory(driver.history)) found.add(rule);
    }
  } finally {
    await running.stop();
  }
  expect([...found].sort()).toEqual(['V1', 'V3']);
  const violations = checkHistory(driver.history);
  expect(violations.every(({ message }) => message.startsWith('read at caching'))).toBe(true);

  const delivered = driver.history.flatMap((event) =>
    event.op === 'read' && event.outcome === 'data' ? [event.index] : [],
  );
  const { size } = await untilCovered(bases[0], demo.log, Math.max(...delivered) + 1);
  const subject = {
    pairwiseId: decodePairwiseId(driver.pairwiseId)!,
    recipient: driver.recipientId,
    program: driver.programId,
  };
  const inLog = checkEntries(await readEntries(readerAt(bases[0], demo.log), size), subject, delivered);
  expect(new Set(inLog.map(({ rule }) => rule))).toEqual(new Set(['entry']));
});
