/** Where the anchor lies: in the data directory or where the operator says, but never in a place that cannot keep it, and never begun anew beside itself. */
import { mkdir, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config.js';
import { openDataDirectory } from '../../src/database/data-directory.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let path: string;
let elsewhere: string;
beforeEach(async () => {
  const home = await aTemporaryDirectory();
  path = join(home, '.azukari');
  elsewhere = join(home, 'disk', 'anchor');
});

const opened = async (anchorDirectory?: string) => {
  const directory = await openDataDirectory(path, anchorDirectory);
  directory.close();
  return directory;
};

test('it is in the data directory unless told otherwise; told so, it is made there, for its owner alone, and nothing of it here', async () => {
  expect((await opened(elsewhere)).anchor).toBe(elsewhere);
  expect((await stat(elsewhere)).mode & 0o777).toBe(0o700);
  expect(await readdir(elsewhere)).toEqual([]);
  expect(await readdir(path)).not.toContain('anchor');
  expect((await opened()).anchor).toBe(join(path, 'anchor'));
});

test.each(['/proc', '/proc/azukari', '/dev/null/anchor', '/dev/null'])(
  'a place that takes no file (%s) is refused at once, by its own code and by the name of the setting',
  async (place) => {
    await expect(openDataDirectory(path, place)).rejects.toMatchObject({
      code: 'unusable-directory',
      sentence: expect.stringMatching(
        /^the log's anchor cannot be written: .*; choose another directory with AZUKARI_ANCHOR_DIRECTORY$/,
      ) as string,
    });
    // And the data directory was given back.
    expect((await opened()).path).toBe(path);
  },
);

test('an anchor that was left behind is said, and not begun anew; moved along, it is taken', async () => {
  const { anchor } = await opened();
  await writeFile(join(anchor, 'checkpoint'), 'a checkpoint');
  await expect(openDataDirectory(path, elsewhere)).rejects.toMatchObject({
    code: 'anchor-left-behind',
    sentence: expect.stringContaining(`lies in ${anchor} and not in ${elsewhere}`) as string,
  });
  await rename(join(anchor, 'checkpoint'), join(elsewhere, 'checkpoint'));
  expect((await opened(elsewhere)).anchor).toBe(elsewhere);
});

test('an anchor directory that is a link to another disk is the same one under both names', async () => {
  await mkdir(elsewhere, { recursive: true });
  await writeFile(join(elsewhere, 'checkpoint'), 'a checkpoint');
  await mkdir(path);
  await symlink(elsewhere, join(path, 'anchor'));
  expect((await opened()).anchor).toBe(elsewhere);
  expect((await opened(elsewhere)).anchor).toBe(elsewhere);
});

test('the setting names a directory; without it the anchor is in the data directory', () => {
  const config = (more: Record<string, string> = {}) => readConfig({ AZUKARI_DIRECTORY: '/srv/city', ...more });
  expect(config().anchorDirectory).toBe('/srv/city/anchor');
  expect(config({ AZUKARI_ANCHOR_DIRECTORY: '/mnt/anchor' }).anchorDirectory).toBe('/mnt/anchor');
});

test.each(['/srv/city', '/srv/city/', '/srv/city/cluster', '/srv/city/keys', '/srv/city/journal', '/mnt/tiles'])(
  'the anchor is not put where something else is (%s): whoever has that directory would keep the signer out of it',
  (place) => {
    const environment = { AZUKARI_DIRECTORY: '/srv/city', AZUKARI_TILES: '/mnt/tiles' };
    const read = () => readConfig({ ...environment, AZUKARI_ANCHOR_DIRECTORY: place });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^AZUKARI_ANCHOR_DIRECTORY is wrong: /);
  },
);
