/** The signer trusts nothing that it did not sign: what it finds instead of its own checkpoints stops it, in a sentence or frozen. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asAdmin } from '../../src/database/migrate.js';
import { DatabaseStartError } from '../../src/database/database-start-error.js';
import { demoCity } from '../../src/demo/city.js';
import { emptyRoot } from '../../src/transparency-log/merkle.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { generateNoteKey, parseSigningKey } from '../../src/transparency-log/note-key.js';
import { SignerCity } from './a-signer.js';

const stranger = parseSigningKey(generateNoteKey(demoCity.logOrigin).skey);
const foreignNote = signCheckpoint({ origin: demoCity.logOrigin, size: 0, root: emptyRoot }, stranger);

let city: SignerCity;
beforeAll(async () => {
  city = await SignerCity.found();
});
afterAll(() => city?.close());
afterEach(() => city?.stopSigners());

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

test('a published checkpoint that the log did not sign freezes it', async () => {
  const { publication, stop } = await city.startSigner('honest', 'anchor');
  await publication.covering(0);
  await stop();
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query('UPDATE azukari.published_checkpoint SET note = $1', [foreignNote]),
  );
  await city.startSigner('suspicious', 'anchor');
  expect(await city.frozen()).toMatch(/^the published checkpoint is not one that this log signed/);
  const index = await city.append();
  expect(await city.keepCheckpoint()).toBeLessThanOrEqual(index);
});
