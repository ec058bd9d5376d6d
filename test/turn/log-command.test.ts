/** `azukari log` on a data directory, while its service runs and while nobody serves it; what it says, and what it refuses. */
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { runLog } from '../../src/log-command.js';
import { Progress } from '../../src/progress.js';
import { serve, type Served } from '../../src/serve.js';
import { saidBy } from '../setup/a-command.js';
import { both, stopSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { checkOf, nextYear, thisYear } from './a-turning-town.js';

let environment: Record<string, string>;
let served: Served;
let firstVkey: string;

const start = () => serve(readConfig(environment), new Progress({ write: () => true }));

const run = (...args: string[]) => saidBy(runLog, args, environment);

beforeAll(async () => {
  const directory = join(await aTemporaryDirectory(), 'city');
  environment = { AZUKARI_DIRECTORY: directory, PORT: '0', AZUKARI_DEMO_RESIDENTS: '10' };
  served = await start();
  firstVkey = served.demo!.log.vkey;
}, 120_000);
afterAll(() =>
  both(
    async () => {
      const { demo } = served;
      const closed = await checkOf({ base: demo!.baseUrl, demo: demo! }, thisYear, firstVkey);
      expect([closed.findings, closed.isComplete]).toEqual([[], true]);
    },
    () => stopSoundly({ ...served, demo: served.demo! }),
  ),
);

const says = (exit: number, ...texts: string[]) => ({
  exit,
  text: expect.stringMatching(new RegExp(texts.map((text) => text.replaceAll('.', '\\.')).join('[^]*'))) as string,
});

test('without a key there is no turn; with one, the log turns while the service runs, and asking again changes nothing', async () => {
  expect(await run('next', '--origin', nextYear)).toEqual(
    says(1, 'Nothing was changed: there is no key', 'azukari log prepare'),
  );
  const prepared = await run('prepare', '--origin', nextYear);
  expect(prepared).toEqual(
    says(0, 'The key of', 'pin ', 'Start witnesses again', 'npm run --silent azukari -- log next --origin'),
  );
  expect(await run('prepare', '--origin', nextYear)).toEqual(prepared);
  const turned = await run('next', '--origin', nextYear);
  expect(turned).toEqual(
    says(0, `closing ${thisYear}`, `closed   ${thisYear}, `, `open     ${nextYear}`, 'Both are signed'),
  );
  expect(await run('next', '--origin', nextYear)).toEqual(says(0, 'nothing was changed'));
  expect(await run('list')).toEqual(says(0, `${thisYear}, closed with `, `${nextYear}, open`));
  const about = (await (await fetch(`${served.demo!.baseUrl}/log`)).json()) as { origin: string; logs: unknown[] };
  expect(about.origin).toBe(nextYear);
  expect(about.logs).toMatchObject([{ path: '/log/2026' }, { path: '/log/2027', size: null }]);
}, 60_000);

test.each([
  [['next', '--origin', 'minatono.azukari.example/log/2026'], says(1, 'was used before')],
  [['prepare', '--origin', 'Minatono'], says(1, 'is no origin of a log')],
  [['next'], says(2, 'Usage:')],
  [['turn'], says(2, 'Usage:')],
])('%j is refused', async (args, answer) => {
  expect(await run(...args)).toEqual(answer);
});

test('while nobody serves the city it works on its database; the next start takes the new log up', async () => {
  await served.stop();
  expect(await run('list')).toEqual(says(0, `${nextYear}, open`));
  served = await start();
  expect((await fetch(`${served.demo!.baseUrl}/log/2026/checkpoint`)).status).toBe(200);
}, 60_000);
