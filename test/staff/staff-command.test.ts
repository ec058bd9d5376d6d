/** `azukari staff` on a city that is being served: what it changes, says and refuses. */
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { Progress } from '../../src/progress.js';
import { serve, type Served } from '../../src/serve.js';
import { runStaff } from '../../src/staff-command.js';
import { saidBy } from '../setup/a-command.js';
import { stopSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let environment: Record<string, string>;
let served: Served;

const run = (...args: string[]) => saidBy(runStaff, args, environment);

beforeAll(async () => {
  const directory = join(await aTemporaryDirectory(), 'city');
  environment = { AZUKARI_DIRECTORY: directory, PORT: '0', AZUKARI_DEMO_RESIDENTS: '10' };
  served = await serve(readConfig(environment), new Progress({ write: () => true }));
}, 120_000);
afterAll(() => stopSoundly({ ...served, demo: served.demo! }));

test('a unit is registered, somebody is appointed and dismissed, and the list says so; whoever is dismissed is signed out', async () => {
  expect(await run('unit', 'op:archive', '文書室', 'Archive')).toEqual({
    exit: 0,
    text: 'op:archive is registered.\n',
  });
  expect(await run('appoint', 'staff-mori', 'op:archive', '森 一', 'Hajime Mori')).toMatchObject({ exit: 0 });
  expect((await run('list')).text).toContain('op:archive  文書室 / Archive\n  staff-mori  森 一 / Hajime Mori\n');
  expect(await run('dismiss', 'staff-mori')).toEqual({ exit: 0, text: 'staff-mori is dismissed.\n' });
  expect((await run('list')).text).toContain('staff-mori  森 一 / Hajime Mori  (left)\n');
  const { demo } = served;
  const asNagai = () => fetch(`${demo!.baseUrl}/v1/staff/requests`, { headers: { cookie: demo!.staff[1]!.session } });
  expect((await asNagai()).status).toBe(200);
  await run('dismiss', 'staff-nagai');
  expect((await asNagai()).status).toBe(401);
});

test.each([
  [1, 'this code is taken', ['unit', 'op:resident-desk', 'x', 'x']],
  [1, 'does not begin with op:', ['unit', 'desk', 'x', 'x']],
  [1, 'there is no such unit', ['appoint', 'staff-x', 'op:nowhere', 'x', 'x']],
  [1, 'this is not a code', ['appoint', 'Staff X', 'op:resident-desk', 'x', 'x']],
  [1, 'nobody of the staff has this code', ['dismiss', 'staff-nobody']],
  [2, 'Usage:', []],
  [2, 'Usage:', ['appoint', 'staff-x', 'op:resident-desk', ' ', 'x']],
  [2, 'Usage:', ['dismiss']],
])('with exit code %i it says: %s', async (exit, words, args) => {
  expect(await run(...args)).toEqual({ exit, text: expect.stringContaining(words) as string });
});
