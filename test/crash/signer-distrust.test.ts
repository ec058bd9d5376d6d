/** The signer trusts nothing that it did not sign: what it finds instead of its own checkpoints stops it, in a sentence or frozen. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import { DatabaseStartError } from '../../src/database/database-start-error.js';
import { demoCity } from '../../src/demo/city.js';
import { emptyRoot } from '../../src/transparency-log/merkle.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { findCheckpoint } from '../../src/transparency-log/directory-reader.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { SignerCity } from './a-signer.js';

const stranger = parseSigningKey(generateNoteKey(demoCity.logOrigin).skey);
const foreignNote = signCheckpoint({ origin: demoCity.logOrigin, size: 0, root: emptyRoot }, stranger);

// A frozen log stays so: each test has its own.
let city: SignerCity;
beforeEach(async () => {
  city = await SignerCity.found();
});
afterEach(() => city?.closeSoundly());

test.each([
  ['that is damaged', 'half a check'],
  ['that another key signed', foreignNote],
])('with an anchor %s the service does not start, and says why in one sentence', async (_what, note) => {
  await mkdir(dirname(city.anchorFile('anchor')), { recursive: true });
  await writeFile(city.anchorFile('anchor'), note);
  const start = city.startSigner('suspicious', 'anchor');
  await expect(start).rejects.toThrow(DatabaseStartError);
  await expect(start).rejects.toThrow(/^the anchor .* is not a checkpoint of this log/);
  await rm(city.anchorFile('anchor'));
});

test('a running signer whose database goes back and grows again signs nothing of it', async () => {
  city.databases.leaveUnchecked('the database goes back behind its log');
  const { publication } = await city.startSigner('running', 'anchor');
  const first = await publication.covering(await city.append());
  const second = await publication.covering(await city.append(5));
  const anchor = await readFile(city.anchorFile('anchor'), 'utf8');
  // A replica that lacked the last five has become the primary, and more than five have been appended there already.
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query(`BEGIN; DELETE FROM azukari.log_entry WHERE idx >= ${first.size}; UPDATE azukari.log_state SET size = ${first.size};
      UPDATE azukari.published_checkpoint SET size = ${first.size}, root = '\\x${first.root.toString('hex')}', note = '${first.note}';
      SELECT azukari.append_entry('{"v":1,"t":"policy","at":"' || azukari.log_minute() || '","policy":"${'c'.repeat(64)}"}')
        FROM generate_series(1, ${second.size - first.size + 3}); COMMIT`),
  );
  for (let look = 0; (await city.frozen()) === null && look < 100; look += 1) await pause(50);
  expect(await city.frozen()).toMatch(
    /^the (published checkpoint went back|entries below \d+ are not those that were signed)/,
  );
  expect(await readFile(city.anchorFile('anchor'), 'utf8')).toBe(anchor);
  expect(findCheckpoint(city.tilesDirectory('anchor'))?.toString()).toBe(anchor);
});

test('a published checkpoint that the log did not sign freezes it', async () => {
  city.databases.leaveUnchecked('another key signed');
  const { publication, stop } = await city.startSigner('honest', 'anchor');
  await publication.covering(0);
  await stop();
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query('UPDATE azukari.published_checkpoint SET note = $1', [foreignNote]),
  );
  await city.startSigner('suspicious', 'anchor');
  expect(await city.frozen()).toMatch(/^the published checkpoint is not one that this log signed/);
  const index = await city.append();
  // Many times as long as a signer needs.
  await pause(500);
  expect(await city.keepCheckpoint()).toBeLessThanOrEqual(index);
});
