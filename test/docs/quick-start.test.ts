/** What the documents tell a newcomer to run, runs. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tour } from '../../src/demo/tour.js';
import { runMirror } from '../../src/transparency-log/mirror/mirror-command.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { aDemoCity, type DemoCity } from '../setup/demo-city.js';
import { stopSoundly } from '../setup/check-log.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

let city: DemoCity;
beforeAll(async () => {
  city = await aDemoCity();
});
afterAll(() => stopSoundly(city));

test('the script of the quick start for recipients reads data and gets a receipt that verifies', async () => {
  const text = await readFile(join(root, 'docs/quick-start-for-recipients.md'), 'utf8');
  const script = /```js\n([\s\S]*?)```/.exec(text)![1]!;
  // Inside dist/, so that the script finds the same packages as a newcomer's in the project's folder.
  const directory = await mkdtemp(join(root, 'dist/quick-start-'));
  try {
    await writeFile(join(directory, 'read.mjs'), script);
    await writeFile(join(directory, 'demo.json'), JSON.stringify(city.demo), { mode: 0o600 });
    const { stdout } = await run(process.execPath, [join(directory, 'read.mjs')], {
      env: { ...process.env, NODE_OPTIONS: '', DEMO_FILE: join(directory, 'demo.json') },
    });
    const [consenting, records, receipt, proved] = stdout.trim().split('\n');
    expect(consenting).toMatch(/^[1-5] residents consent to p-/);
    expect(records).toMatch(/^[1-9]\d* records, the first: \{"id":/);
    const trust = { origin: city.demo.log.origin, logKeys: [parseVerifierKey(city.demo.log.vkey)] };
    expect(verifyReceipt(receipt!, trust)).toMatchObject({ ok: true });
    expect(proved).toMatch(/^proved: entry \d+ of \d+, \d{4}-\d\d-\d\dT\d\d:\d\dZ, [a-z.-]+$/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('the running city is mirrored while it goes on, and the copy verifies by itself', async () => {
  const { baseUrl, log } = city.demo;
  const copy = await mkdtemp(join(tmpdir(), 'azukari-copy-'));
  const [environment, key] = [{ AZUKARI_MIRROR_TOKEN: log.mirrorToken }, ['--vkey', log.vkey]];
  let said = '';
  const output = { stdout: (text: string) => void (said += text) };
  try {
    for (const round of [1, 2]) {
      expect([
        round,
        await runMirror([`${baseUrl}/log`, copy, ...key], output, new AbortController().signal, environment),
      ]).toEqual([round, 0]);
      expect(await runVerify(['log', copy, ...key], output, {})).toBe(0);
      await tour(city.demo, () => undefined);
    }
    expect(said.match(/ok: the copy has all \d+ entries of the signed checkpoint, [1-9]\d* of them new/g)).toHaveLength(
      2,
    );
  } finally {
    await rm(copy, { recursive: true });
  }
});

test('every file that the readme links to exists', async () => {
  for (const document of ['README.md', 'docs/operating.md', 'docs/quick-start-for-recipients.md', 'docs/policies.md']) {
    // What stands in code is not a link.
    const text = (await readFile(join(root, document), 'utf8')).replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const path = new URL(target!, new URL(document, `file://${root}`));
      await expect(import('node:fs/promises').then(({ stat }) => stat(path))).resolves.toBeDefined();
    }
  }
});

test('the readme has at most 150 lines', async () => {
  expect((await readFile(join(root, 'README.md'), 'utf8')).split('\n').length).toBeLessThanOrEqual(150);
});
