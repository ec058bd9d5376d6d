/** The service's directory: nobody else reads it, one service uses it at a time, and its secrets are made once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataDirectory } from '../../src/database/data-directory.js';
import { writeSecretFile } from '../../src/database/secret-file.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let home: string;
let made = 0;
const aPath = () => join(home, String(++made), '.azukari');

beforeAll(async () => {
  home = await aTemporaryDirectory();
});

afterAll(() => rm(home, { recursive: true, force: true }));

const mode = async (path: string) => (await stat(path)).mode & 0o777;

test('everything in it is its owner’s alone, also when the directory was there before with a wider mode', async () => {
  const path = aPath();
  (await openDataDirectory(path)).close();
  await chmod(path, 0o755);
  const directory = await openDataDirectory(path);
  expect(await mode(path)).toBe(0o700);
  for (const part of [directory.cluster, directory.keys, directory.journal, directory.anchor]) {
    expect(await mode(part)).toBe(0o700);
  }
  expect(await mode(join(path, 'secrets.json'))).toBe(0o600);
  directory.close();
});

test.each(['/proc/azukari', '/proc/nothing/azukari', '/dev/null/azukari'])(
  'where no directory can be made (%s) it is said at once',
  async (path) => {
    await expect(openDataDirectory(path)).rejects.toThrow(/^the directory \/\S+ cannot be made: /);
  },
);

test('each role gets a password of its own, once and for good', async () => {
  const path = aPath();
  const first = await openDataDirectory(path);
  first.close();
  const passwords = Object.values(first.rolePasswords);
  expect(Object.keys(first.rolePasswords).sort()).toEqual([
    ...['azukari_app', 'azukari_auditor', 'azukari_keys', 'azukari_signer'],
  ]);
  expect(new Set(passwords).size).toBe(4);
  for (const password of passwords) expect(password).toMatch(/^[\w-]{43}$/);
  const second = await openDataDirectory(path);
  second.close();
  expect(second.rolePasswords).toEqual(first.rolePasswords);
});

test('a role that a later version adds gets a password, and the others keep theirs', async () => {
  const path = aPath();
  (await openDataDirectory(path)).close();
  await writeSecretFile(join(path, 'secrets.json'), JSON.stringify({ rolePasswords: { azukari_app: 'kept' } }));
  const directory = await openDataDirectory(path);
  directory.close();
  expect(directory.rolePasswords['azukari_app']).toBe('kept');
  expect(Object.keys(directory.rolePasswords)).toHaveLength(4);
});

test.each(['', '{', '{}', '{"rolePasswords":{"azukari_app":7}}', 'null'])(
  'damaged secrets (%j) are said, not replaced',
  async (text) => {
    const path = aPath();
    (await openDataDirectory(path)).close();
    await writeFile(join(path, 'secrets.json'), text);
    await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'damaged-directory' });
    expect(await readFile(join(path, 'secrets.json'), 'utf8')).toBe(text);
  },
);

test('a second service is refused while the first lives, under whatever name it found the directory', async () => {
  const path = aPath();
  const first = await openDataDirectory(path);
  const alias = join(home, `alias-${made}`);
  await symlink(path, alias);
  for (const name of [path, alias])
    await expect(openDataDirectory(name)).rejects.toMatchObject({ code: 'another-service' });
  first.close();
  first.close();
  (await openDataDirectory(path)).close();
});

test('a killed service gives the directory back, and a living one in another process keeps it', async () => {
  const path = aPath();
  const module = new URL('../../src/database/data-directory.js', import.meta.url).href;
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(module)});
    await openDataDirectory(${JSON.stringify(path)});
    console.log('open');
    for (let i = 0; i < 50; i++) globalThis.gc();
    setInterval(() => undefined, 1000);`;
  const args = ['--no-warnings', '--expose-gc', '--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  await once(child.stdout, 'data');
  await expect(openDataDirectory(path)).rejects.toMatchObject({
    code: 'another-service',
    sentence: expect.stringContaining(`(process ${child.pid})`) as string,
  });
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  (await openDataDirectory(path)).close();
});

test('a secret file is the old or the new one, 0600 from the start, and leaves no half of itself', async () => {
  const directory = join(home, String(++made));
  (await openDataDirectory(directory)).close();
  const path = join(directory, 'secret');
  await writeFile(path, 'old', { mode: 0o644 });
  await writeSecretFile(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await mode(path)).toBe(0o600);
  await expect(writeSecretFile(directory, 'a directory is in the way')).rejects.toThrow();
  expect((await readdir(home)).filter((name) => name.endsWith('.new'))).toEqual([]);
});
