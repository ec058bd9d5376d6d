/** `azukari key` on a data directory, while its service runs, while nobody serves it, and on a database that went back behind its log. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { runKey } from '../../src/key-command.js';
import { Progress } from '../../src/progress.js';
import { serve, type Served } from '../../src/serve.js';
import { peekCheckpoint, signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { saidBy } from '../setup/a-command.js';
import { stopSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let environment: Record<string, string>;
let served: Served;
let directory: string;

const start = () => serve(readConfig(environment), new Progress({ write: () => true }));

const run = (...args: string[]) => saidBy(runKey, args, environment);

beforeAll(async () => {
  directory = join(await aTemporaryDirectory(), 'city');
  environment = { AZUKARI_DIRECTORY: directory, PORT: '0', AZUKARI_DEMO_RESIDENTS: '10' };
  served = await start();
}, 120_000);
afterAll(() => stopSoundly({ ...served, demo: served.demo! }));

const noteOf = async () => (await fetch(`${served.demo!.baseUrl}/log/checkpoint`)).text();
const signatures = (note: string) => note.split('\n').filter((line) => line.startsWith('—')).length;
const idOf = (vkey: string) => vkey.split('+')[1]!;

async function untilSignedBy(count: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (signatures(await noteOf()) === count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the signer does not take it up');
}

test('the running service takes up a rotation and a retirement by itself; its pages show both keys, then the new one', async () => {
  const [old, address] = [served.demo!.log.vkey, served.demo!.baseUrl];
  const rotated = await run('rotate');
  expect(rotated).toMatchObject({ exit: 0, text: expect.stringContaining('from it on both sign') as string });
  await untilSignedBy(2);
  const again = await run('rotate');
  expect(again).toMatchObject({ exit: 0, text: expect.stringContaining('A rotation is under way') as string });
  const during = await (await fetch(`${address}/?lang=en`)).text();
  const { vkey } = (await (await fetch(`${address}/log`)).json()) as { vkey: string };
  expect([during.includes(`<code>${vkey}</code>`), during.includes(`<code>${old}</code>`)]).toEqual([true, true]);
  expect((await run('retire', idOf(old))).exit).toBe(0);
  await untilSignedBy(1);
  const listed = (await run('list')).text.split('\n');
  expect(listed[0]).toMatch(/retired by entry \d+$/);
  expect(listed[1]).toMatch(/it signs$/);
  const after = await (await fetch(`${address}/`)).text();
  expect([after.includes(vkey), after.includes(old)]).toEqual([true, false]);
  // Who checks a receipt of an earlier day still finds the key of that day.
  expect(await (await fetch(`${address}/verify`)).text()).toContain(`<code>${old}</code>`);
});

test.each([
  ['a key nobody knows', ['retire', '00000000'], 1],
  ['a key that is none', ['retire', 'key'], 2],
  ['nothing', [], 2],
  ['something else', ['burn'], 2],
])('%s is refused, and nothing is changed', async (_, args, exit) => {
  const before = await run('list');
  expect((await run(...args)).exit).toBe(exit);
  expect(await run('list')).toEqual(before);
});

test('on a database that is older than its log no key is changed: the entry would stand where another one was signed', async () => {
  await served.stop();
  const anchor = join(directory, 'anchor', 'checkpoint');
  const note = await readFile(anchor, 'utf8');
  const { origin, size, root } = peekCheckpoint(note);
  const keys = await new KeyRing(join(directory, 'keys')).all();
  await writeFile(anchor, signCheckpoint({ origin, size: size + 1, root }, ...keys));
  const refused = await run('rotate');
  expect(refused).toMatchObject({ exit: 1, text: expect.stringContaining('older than its log') as string });
  await writeFile(anchor, note);
});

test('with the service stopped it works too, and the next start goes on from there', async () => {
  expect((await run('rotate')).exit).toBe(0);
  served = await start();
  await untilSignedBy(2);
  expect(served.demo!.log.vkey).toBe(served.service.logVkey);
  expect((await run('list')).text.match(/it signs\n/g)).toHaveLength(2);
});
