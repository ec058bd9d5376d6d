/** How long a tile may be kept by whoever has fetched it: for good under its log's own path, and a minute where another log begins next year. */
import { Gate, anItem } from '../gate/gate-calls.js';
import { Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

const forGood = 'max-age=31536000, immutable';
const aMinute = 'max-age=60';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
  const gate = Gate.open(town);
  const program = await town.program();
  const { pairwiseId } = await town.give(town.resident(), program);
  const granted = await gate.append(Array.from({ length: 260 }, () => anItem(program, pairwiseId)));
  await gate.untilPublished(granted.at(-1)!.idx);
  await gate.pool.end();
});
afterAll(() => closeSoundly(town));

test.each([
  ['/log/2026/tile/0/000', 'public', forGood],
  ['/log/tile/0/000', 'public', aMinute],
  ['/log/2026/tile/0/001.p/1', 'public', aMinute],
  ['/log/2026/tile/entries/000', 'private', forGood],
  ['/log/tile/entries/000', 'private', aMinute],
])('%s is %s, %s', async (path, visibility, age) => {
  const { headers, status } = await fetch(`${town.city.service.publicUrl}${path}`, {
    headers: { authorization: `Bearer ${town.demo.log.mirrorToken}` },
  });
  expect([status, headers.get('cache-control')]).toEqual([200, `${visibility}, ${age}`]);
});
