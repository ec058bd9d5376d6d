/**
 * Promise 5, seen from the signer's end: however it dies, between any two of its steps, the next signer takes up what was signed and goes
 * on; whatever checkpoint anybody kept, the log still begins with it.
 */
import { readFile, rm } from 'node:fs/promises';
import { type Death, SignerCity } from './a-signer.js';

let city: SignerCity;
beforeAll(async () => {
  city = await SignerCity.found();
});
afterAll(() => city?.close());
afterEach(() => city?.stopSigners());

const deaths: readonly (readonly [string, Death])[] = [
  ['before it looks for new entries', { query: 'read log size', when: 'before' }],
  ['with the entries read, before the anchor', { query: 'read entries to sign', when: 'after' }],
  ['with the anchor written, before it publishes', { query: 'publish checkpoint', when: 'before' }],
  ['with the checkpoint published, before it tells anybody', { query: 'publish checkpoint', when: 'after' }],
];
const successors = ['first', 'older', 'none'] as const;
const anchors: Record<(typeof successors)[number], string> = {
  first: 'the dead one’s anchor',
  older: 'an older anchor of its own',
  none: 'no anchor',
};

async function keepAnchor(name: string): Promise<void> {
  const note = await readFile(city.anchorFile(name), 'utf8').catch(() => null);
  if (note !== null) city.notes.add(note);
}

describe.each(deaths)('a signer that dies %s', (_when, death) => {
  test.each(successors)('is followed by one with the anchor "%s"', async (anchor) => {
    const dying = await city.startSigner('dying', 'first');
    await city.keepCheckpoint();
    await city.copyAnchor('first', 'older');
    await rm(city.anchorFile('none'), { force: true });
    const died = dying.dieAt(death);
    // More than one tile, so that a publication cut short would leave a tile without its checkpoint.
    const last = await city.append(270);
    await died;
    await keepAnchor('first');
    await city.keepCheckpoint();

    const { publication } = await city.startSigner('next', anchor);
    expect((await publication.covering(last)).size).toBeGreaterThan(last);
    const next = await city.append();
    expect((await publication.covering(next)).size).toBeGreaterThan(next);
    expect({ anchor: anchors[anchor], findings: (await city.check()).findings }).toMatchObject({ findings: [] });
    expect(await city.frozen()).toBeNull();
  });
});

test('a signer that loses its connections again and again goes on signing', async () => {
  const { publication } = await city.startSigner('unlucky', 'first');
  for (let loss = 0; loss < 8; loss += 1) {
    expect(await city.breakConnections('unlucky')).toBeGreaterThan(0);
    const index = await city.append();
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
    await city.keepCheckpoint();
  }
  expect((await city.check()).findings).toEqual([]);
});

test('of three signers on one log one signs; when it dies another takes over, and the log has one history', async () => {
  const last = { query: 'publish checkpoint', when: 'before' } as const;
  const first = await city.startSigner('first', 'first');
  const second = await city.startSigner('second', 'second');
  const { publication } = await city.startSigner('third', 'third');
  // The one that started first leads. Which of the others comes after it is open; the second dies as soon as it tries.
  const died = first.dieAt(last);
  void second.dieAt(last);
  for (let round = 0; round < 3; round += 1) {
    const index = await city.append(20);
    await died;
    expect((await publication.covering(index)).size).toBeGreaterThan(index);
    for (const anchor of ['first', 'second', 'third']) await keepAnchor(anchor);
    await city.keepCheckpoint();
  }
  expect((await city.check()).findings).toEqual([]);
  expect(await city.frozen()).toBeNull();
});
