/** The runner knows no limits of its own; a test or hook that hangs fails all the same, and says so. */
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aTemporaryDirectory } from '../setup/leftovers.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const hanging = `
  describe('a block', () => {
    beforeAll(() => new Promise(() => {}), 50);
    it('hangs', () => new Promise(() => {}), 50);
    it.each([1])('hangs %d times', () => new Promise(() => {}), 50);
    it('goes on', () => undefined);
  });`;

test('a test or hook that hangs fails when its time is up, and the next one is run', async () => {
  const directory = await aTemporaryDirectory();
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  await mkdir(join(directory, 'test'));
  // Three files in two workers: one of them runs a second one.
  for (const name of ['one', 'two', 'three']) await writeFile(join(directory, 'test', `${name}.test.js`), hanging);
  const config = {
    ...{
      rootDir: directory,
      testMatch: ['<rootDir>/test/*.test.js'],
      runner: ['jest-light-runner', { runtime: 'child_process' }],
    },
    setupFilesAfterEnv: [fileURLToPath(new URL('../setup/time-limits.js', import.meta.url))],
  };
  const jest = join(createRequire(import.meta.url).resolve('jest/package.json'), '../bin/jest.js');
  const { code, report } = await run([jest, '--config', JSON.stringify(config), '--maxWorkers', '2', '--verbose']);
  expect(report).toContain('Tests:       9 failed, 3 passed');
  expect(report.match(/not done within 50 ms/g)).toHaveLength(9);
  expect(code).toBe(1);
});

test('a file that never comes to its first test is named, and the run ends with an error', async () => {
  const directory = await aTemporaryDirectory();
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  const file = join(directory, 'stuck.test.mjs');
  await writeFile(file, 'await new Promise(() => {}); test("never", () => undefined);');
  await writeFile(join(directory, 'fine.test.mjs'), 'test("is fine", () => undefined);');
  const config = {
    ...{ rootDir: directory, testMatch: ['<rootDir>/*.test.mjs'], moduleFileExtensions: ['mjs', 'js'] },
    runner: ['jest-light-runner', { runtime: 'child_process' }],
    reporters: [
      'default',
      [fileURLToPath(new URL('../setup/unfinished-files.js', import.meta.url)), { limitMs: 8000 }],
    ],
  };
  const jest = join(createRequire(import.meta.url).resolve('jest/package.json'), '../bin/jest.js');
  const { code, report } = await run([jest, '--config', JSON.stringify(config), '--maxWorkers', '2']);
  expect(report).toContain(`FAIL ${file}\n  not done within 8 s; the run is ended`);
  expect(code).toBe(1);
});

function run(args: readonly string[]): Promise<{ code: unknown; report: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, timeout: 40_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, report: stdout + stderr }),
    );
  });
}
