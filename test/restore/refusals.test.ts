/** A restore goes on only with what was signed. Otherwise it changes nothing, names the place, and says what to do. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catchUp } from '../../src/catch-up.js';
import { DatabaseStartError } from '../../src/database/database-start-error.js';
import { Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { aFreshCity } from '../setup/fresh-database.js';
import { LostTown } from './a-lost-town.js';

let lost: LostTown;
let mirror: string;
/** A mirror that has not followed for a while. */
let lateMirror: string;

beforeAll(async () => {
  const town = await Town.open();
  await expectSoundLog(town);
  lateMirror = join(town.city.directories.tilesDirectory, '..', 'late-mirror');
  await cp(town.city.directories.tilesDirectory, lateMirror, { recursive: true });
  await town.program();
  await expectSoundLog(town);
  lost = await LostTown.of(town);
  mirror = await lost.mirror();
}, 120_000);
afterAll(() => lost?.discard());
afterEach(async () => {
  await rm(lost.directories.tilesDirectory, { recursive: true, force: true });
  await cp(mirror, lost.directories.tilesDirectory, { recursive: true });
});

async function logSize(): Promise<number> {
  return lost.asSuperuser(async (client) => {
    const { rows } = await client.query<{ size: string }>('SELECT size FROM azukari.log_state');
    return Number(rows[0]!.size);
  });
}

const tiles = (...path: string[]) => join(lost.directories.tilesDirectory, '2026', ...path);

/** One digit of one entry in the first bundle. */
async function alterAnEntry(): Promise<void> {
  const path = tiles('tile', 'entries', '000.p');
  for (const name of await readdir(path)) {
    const bundle = await readFile(join(path, name));
    bundle[bundle.indexOf('990019')] = 0x38;
    await writeFile(join(path, name), bundle);
  }
}

test.each([
  [
    'are lost',
    () => lost.loseTiles(),
    /there is no checkpoint; take those of a mirror: azukari restore --from <directory>; docs\/restore\.md/,
  ],
  ['lack the entries', () => rm(tiles('tile', 'entries'), { recursive: true }), /there is no tile\/entries\/000/],
  ['are not those that were signed', alterAnEntry, /the entries below \d+ in the tiles are not those that were signed/],
  [
    'do not reach as far as the anchor',
    async () => {
      await lost.loseTiles();
      await cp(lateMirror, lost.directories.tilesDirectory, { recursive: true });
    },
    /the tiles reach to \d+ entries, but \d+ were signed/,
  ],
])('a database behind its log whose tiles %s is not served', async (_what, harm, sentence) => {
  const before = await logSize();
  await harm();
  const start = lost.catchUp();
  await expect(start).rejects.toBeInstanceOf(DatabaseStartError);
  await expect(start).rejects.toThrow(
    /^the database is older than its log \(\d+ entries, signed were \d+\) and nothing is served: /,
  );
  await expect(start).rejects.toThrow(sentence);
  expect(await logSize()).toBe(before);
});

test('a database in which an entry that was published is another one is not brought up: it is named', async () => {
  const alter = (from: string, to: string) =>
    lost.asSuperuser((client) =>
      client.query(`ALTER TABLE azukari.log_entry DROP CONSTRAINT IF EXISTS leaf_hash_is_of_the_entry;
        UPDATE azukari.log_entry SET entry = replace(entry, '${from}', '${to}') WHERE idx = 0`),
    );
  await alter('990019', '990018');
  await expect(lost.restore()).rejects.toThrow(
    /^entry 0 in the database is not the one that was signed; restore the database from a backup/,
  );
  await alter('990018', '990019');
});

test('an index that was appended meanwhile and never signed is named, and what to do about it', async () => {
  const before = await logSize();
  await lost.asSuperuser((client) =>
    client.query(
      `SELECT azukari.append_entry('{"v":1,"t":"index","at":"' || azukari.log_minute() || '","from":0,"to":1,"n":0,"root":""}')`,
    ),
  );
  await expect(lost.restore()).rejects.toThrow(
    new RegExp(
      `^entry ${before} \\(index\\) was never signed, .*: restore the database from its backup once more, and start it at once`,
    ),
  );
  await lost.asSuperuser((client) =>
    client.query(`BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM azukari.log_entry WHERE idx = ${before};
      UPDATE azukari.log_state SET size = ${before}; COMMIT`),
  );
});

test('an empty database beside an anchor is not founded anew', async () => {
  const empty = await aFreshCity();
  const { keysDirectory: keys, anchorDirectory: anchor } = lost.directories;
  const start = catchUp(lost.directories, { adminUrl: empty.adminUrl, directory: { keys, anchor } }, () => undefined);
  await expect(start).rejects.toThrow(/^the database holds no city, but the anchor in \S+ knows a log that was signed/);
  await empty.drop();
});

test('with the tiles lost, a mirror’s do', async () => {
  await lost.loseTiles();
  const { from, to } = await lost.restore(mirror);
  expect(to).toBeGreaterThan(from);
  const town = await lost.reopen();
  await expectSoundLog(town);
  await town.leave();
});
