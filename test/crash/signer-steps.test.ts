/**
 * Promise 5, seen from the signer's end: however it dies, between any two of its steps, the next signer takes up what was signed and goes
 * on; whatever checkpoint anybody kept, the log still begins with it, and what lies on the disk of the tiles is the log.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SignerStep } from '../../src/transparency-log/signer/steps.js';
import { sizeOf } from '../../src/transparency-log/tail.js';
import { SignerCity } from './a-signer.js';

let city: SignerCity;
beforeAll(async () => {
  city = await SignerCity.found();
});
afterAll(() => city?.closeSoundly());
afterEach(() => city?.stopSigners());

const steps: readonly SignerStep[] = ['entries-read', 'tiles-kept', 'checkpoint-kept', 'anchored', 'published'];
/** Each successor's place: what it finds there. */
const successors = {
  same: 'the dead one’s tiles and anchor',
  other: 'a place of its own on another machine, with an older anchor and no tiles',
} as const;

async function keepAnchor(name: string): Promise<void> {
  const note = await readFile(city.anchorFile(name), 'utf8').catch(() => null);
  if (note !== null) city.notes.add(note);
}

/** Partial tiles beside a full one: there is no reader left who needs them. */
async function needlessPartials(place: string): Promise<string[]> {
  const names = await readdir(city.tilesDirectory(place), { recursive: true });
  return names.filter((name) => name.endsWith('.p') && names.includes(name.slice(0, -2)));
}

describe.each(steps)('a signer that is killed right after the step "%s"', (step) => {
  test.each(['same', 'other'] as const)('is followed by one that finds %s', async (successor) => {
    await rm(city.place('other'), { recursive: true, force: true });
    const mortal = await city.startMortal('same');
    await city.keepCheckpoint();
    await city.copyAnchor('same', 'other');
    await mortal.dieAfter(step);
    // More than one tile, so that a signature cut short would leave a tile without its checkpoint.
    const last = await city.append(270);
    await mortal.died;
    await keepAnchor('same');
    await city.keepCheckpoint();

    const { publication, stop } = await city.startSigner('next', successor);
    expect((await publication.covering(last)).size).toBeGreaterThan(last);
    const next = await city.append();
    expect((await publication.covering(next)).size).toBeGreaterThan(next);
    await stop();
    const { findings } = await city.check();
    expect({ finds: successors[successor], findings }).toMatchObject({ findings: [] });
    expect(await city.frozen()).toBeNull();
    expect(await city.checkTiles(successor)).toMatchObject({ findings: [], size: next + 1 });
    expect(await needlessPartials(successor)).toEqual([]);
  });
});

test('a signer that loses its connections again and again goes on signing', async () => {
  const { publication } = await city.startSigner('unlucky', 'same');
  for (let loss = 0; loss < 8; loss += 1) {
    expect(await city.breakConnections('unlucky')).toBeGreaterThan(0);
    const index = await city.append();
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
    await city.keepCheckpoint();
  }
  expect((await city.check()).findings).toEqual([]);
});

test('of three signers on one log one signs; when it dies another takes over, and the log has one history', async () => {
  const first = await city.startMortal('first');
  const second = await city.startMortal('second');
  const { publication } = await city.startSigner('third', 'third');
  // The one that started first leads. Which of the others comes after it is open; the second dies as soon as it tries.
  await first.dieAfter('anchored');
  await second.dieAfter('anchored');
  for (let round = 0; round < 3; round += 1) {
    const index = await city.append(20);
    await first.died;
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
    for (const place of ['first', 'second', 'third']) await keepAnchor(place);
    await city.keepCheckpoint();
  }
  expect((await city.check()).findings).toEqual([]);
  expect(await city.frozen()).toBeNull();
});

test('of two signers on one directory one signs, even where the database would let both', async () => {
  await city.startSigner('first', 'same');
  const { publication } = await city.startSigner('second', 'same');
  // The first one's lock in the database is gone with its connections; it may be back before the second takes it.
  for (let round = 0; round < 3; round += 1) {
    await city.breakConnections('first');
    const index = await city.append(5);
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
  }
  await city.stopSigners();
  expect(await city.checkTiles('same')).toMatchObject({ findings: [] });
  expect(await city.frozen()).toBeNull();
});

describe('the tiles on the disk', () => {
  test.each([
    ['all of them', (directory: string) => rm(directory, { recursive: true })],
    ['the last bundle', (directory: string) => rm(join(directory, 'tile', 'entries'), { recursive: true })],
    ['the checkpoint', (directory: string) => rm(join(directory, 'checkpoint'))],
  ])('lost (%s), they are written anew from the database, whose root is the signed one', async (_what, lose) => {
    const index = await city.append(3);
    const { publication, stop } = await city.startSigner('before', 'same');
    await publication.covering(index);
    await stop();
    await lose(city.tilesDirectory('same'));
    await (await city.startSigner('after', 'same')).stop();
    expect(await city.checkTiles('same')).toMatchObject({ findings: [], size: index + 1 });
  });

  test('lost (the last bundle, a full one), they are written anew too', async () => {
    const at = await city.append();
    const index = await city.append(511 - (at % 256));
    expect((index + 1) % 256).toBe(0);
    const { publication, stop } = await city.startSigner('before', 'same');
    await publication.covering(index);
    await stop();
    await rm(join(city.tilesDirectory('same'), 'tile', 'entries'), { recursive: true });
    await (await city.startSigner('after', 'same')).stop();
    expect(await city.checkTiles('same')).toMatchObject({ findings: [], size: index + 1 });
  });

  test('lost in the middle while the signer runs, they are written anew; one that differs is left as it is', async () => {
    const at = await city.append();
    const index = await city.append(1023 - (at % 256));
    const { publication, stop } = await city.startSigner('running', 'same');
    await publication.covering(index);
    const tiles = join(city.tilesDirectory('same'), 'tile');
    const lost = [join(tiles, 'entries', '001'), join(tiles, '0', '000')];
    const altered = join(tiles, 'entries', '002');
    const before = await Promise.all(lost.map((path) => readFile(path)));
    await writeFile(altered, 'something else');
    for (const path of lost) await rm(path);
    for (let attempt = 0; !lost.every((path) => existsSync(path)) && attempt < 200; attempt += 1) await pause(50);
    expect(await Promise.all(lost.map((path) => readFile(path)))).toEqual(before);
    await stop();
    expect(await readFile(altered, 'utf8')).toBe('something else');
    expect(await city.frozen()).toBeNull();
    await rm(altered);
    await (await city.startSigner('after', 'same')).stop();
  }, 30_000);

  test('lost together with the anchor, both are written anew while the database is whole', async () => {
    const index = await city.append();
    const { publication, stop } = await city.startSigner('before', 'same');
    const { note } = await publication.covering(index);
    await stop();
    await rm(city.place('same'), { recursive: true });
    await (await city.startSigner('after', 'same')).stop();
    expect(await city.checkTiles('same')).toMatchObject({ findings: [], size: index + 1 });
    expect(await readFile(city.anchorFile('same'), 'utf8')).toBe(note);
  });

  test('that have everything are not written to again: those of a closed log may lie where nobody can write', async () => {
    const index = await city.append();
    const { publication, stop } = await city.startSigner('before', 'same');
    await publication.covering(index);
    await stop();
    const written = async () => (await stat(join(city.tilesDirectory('same'), 'checkpoint'))).ino;
    const before = await written();
    await (await city.startSigner('after', 'same')).stop();
    expect(await written()).toBe(before);
  });

  test('that know more than is published, as after a failover, are not taken back to it', async () => {
    const older = await city.append();
    const { publication, stop } = await city.startSigner('before', 'same');
    await publication.covering(older);
    await city.asSuperuser('CREATE TABLE published_before AS SELECT * FROM azukari.published_checkpoint');
    const newer = await city.append();
    await publication.covering(newer);
    await stop();
    await city.asSuperuser(
      `UPDATE azukari.published_checkpoint p SET (size, root, note) = (SELECT size, root, note FROM published_before)`,
    );
    await city.asSuperuser(`ALTER FUNCTION azukari.publish_checkpoint RENAME TO publish_no_more`);
    try {
      await (await city.startSigner('after', 'same')).stop();
    } finally {
      await city.asSuperuser(
        `ALTER FUNCTION azukari.publish_no_more RENAME TO publish_checkpoint; DROP TABLE published_before`,
      );
    }
    expect(sizeOf(await readFile(join(city.tilesDirectory('same'), 'checkpoint')))).toBe(newer + 1);
    await (await city.startSigner('once it can', 'same')).stop();
    expect(await city.checkTiles('same')).toMatchObject({ findings: [], size: newer + 1 });
  });

  test('on a full disk nothing is published; once there is room, everything is', async () => {
    const { size } = await city.check();
    // An anchor fits, a bundle of entries does not.
    await city.startMortal('full', 2048);
    const index = await city.append(30);
    for (let look = 0; look < 10; look += 1) {
      expect(await city.keepCheckpoint()).toBe(size);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await city.frozen()).toBeNull();
    await city.stopSigners();
    const { publication, stop } = await city.startSigner('after', 'full');
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
    await stop();
    expect(await city.checkTiles('full')).toMatchObject({ findings: [], size: index + 1 });
  });
});
