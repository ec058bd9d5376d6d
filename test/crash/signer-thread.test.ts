/** A service whose signer is gone would only seem to run: it ends, and says so, instead of letting every read wait in vain. */
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireFreePort } from '../../src/database/free-port.js';
import { checkLogAt } from '../setup/a-log-reader.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { ServedCity } from './a-served-city.js';

/** What no signer foresees, in its thread, once a signal has been given to the process. */
const unforeseen = `
  import { isMainThread } from 'node:worker_threads';
  import { watchFile } from 'node:fs';
  if (!isMainThread) watchFile(process.env.AZUKARI_TEST_MARK, { interval: 50 }, () => { throw new Error('unforeseen'); });
`;

let directory: string;
let city: ServedCity;
beforeAll(async () => {
  directory = await aTemporaryDirectory();
}, 120_000);
afterAll(async () => {
  await city?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

test('a service ends with an error when its signer’s thread does', async () => {
  const mark = join(directory, 'mark');
  await writeFile(mark, '');
  city = new ServedCity(join(directory, 'city'), await requireFreePort('127.0.0.1', 0), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(unforeseen)}`,
    AZUKARI_TEST_MARK: mark,
  });
  await city.start();
  await appendFile(mark, 'now');
  expect(await city.ended()).toBeGreaterThan(0);
  expect(await city.errors()).toMatch(/the signer ended.*unforeseen/s);
  // The next one takes up what was signed.
  city = new ServedCity(join(directory, 'city'), await requireFreePort('127.0.0.1', 0));
  await city.start();
  expect(await checkLogAt(city.base, city.demo.log, { now: new Date() })).toMatchObject({
    findings: [],
    isComplete: true,
  });
}, 120_000);
