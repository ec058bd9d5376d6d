/** However a signer dies at the turn of the year, the next one signs the old log to its end and then the new one, each with one history. */
import { rm } from 'node:fs/promises';
import type { SignerStep } from '../../src/transparency-log/signer/steps.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { SignerCity } from '../crash/a-signer.js';

let city: SignerCity;
beforeEach(async () => {
  city = await SignerCity.found();
});
afterEach(() => city?.closeSoundly());

const origins = ['minatono.azukari.example/log/2027', 'minatono.azukari.example/log/2028'] as const;
const [next] = origins;
const steps: readonly SignerStep[] = ['entries-read', 'tiles-kept', 'checkpoint-kept', 'anchored', 'published'];

/** Every log of the city is sound, in the database and on the disk. */
async function expectSound(place: string, ...logs: string[]): Promise<void> {
  await city.keepCheckpoint();
  for (const origin of [undefined, ...logs]) {
    expect({ origin, findings: (await city.check(origin)).findings }).toEqual({ origin, findings: [] });
    expect(await city.checkTiles(place, origin)).toMatchObject({ findings: [], isComplete: true });
  }
  expect(await city.frozen()).toBeNull();
}

test.each(steps)('killed right after it has done "%s" for the end of the old log', async (step) => {
  const mortal = await city.startMortal('same');
  await city.append(300);
  await city.turn(next).then(() => mortal.dieAfter(step));
  const last = await city.append(10);
  await mortal.died;
  await city.keepCheckpoint();
  const { publication, stop } = await city.startSigner('next', 'same');
  await publication.covering(last);
  await stop();
  await expectSound('same', next);
});

test.each(steps)('killed right after it has done "%s" for the beginning of the new log', async (step) => {
  const first = await city.startSigner('first', 'same');
  await first.publication.covering(await city.append(5));
  // Signed to its end, and nothing of the new one.
  await first.stop();
  await city.turn(next);
  const mortal = await city.startMortal('same');
  await mortal.dieAfter(step);
  await city.append(3);
  await mortal.died;
  await city.keepCheckpoint();
  const { publication, stop } = await city.startSigner('next', 'same');
  await publication.covering(await city.append());
  await stop();
  await expectSound('same', next);
});

test('a signer that starts after two turns signs three logs, one after the other; with lost tiles it writes all of them anew', async () => {
  const early = await city.startSigner('early', 'same');
  await early.publication.covering(await city.append(5));
  await city.turn(next);
  await early.publication.covering(await city.append(600));
  await city.age();
  await city.turn(origins[1]);
  await early.stop();
  await rm(city.place('same'), { recursive: true });
  const last = await city.append(5);
  const { publication, stop } = await city.startSigner('late', 'same');
  expect(await publication.covering(last)).toMatchObject({ note: expect.stringContaining(origins[1]) as string });
  await stop();
  await expectSound('same', ...origins);
});

test('of two signers in two places one signs the turn, and the other takes it up', async () => {
  const one = await city.startSigner('one', 'one');
  const two = await city.startSigner('two', 'two');
  await one.publication.covering(await city.append(5));
  await city.turn(next);
  await two.publication.covering(await city.append(5));
  await one.stop();
  await two.publication.covering(await city.append(5));
  await two.stop();
  await expectSound('two', next);
});

/** The keys of a slow machine: while it reads them for the first time, something happens elsewhere. */
class SlowKeys extends KeyRing {
  constructor(
    directory: string,
    private happens: (() => Promise<unknown>) | null,
  ) {
    super(directory);
  }

  override async all() {
    const happens = this.happens;
    this.happens = null;
    await happens?.();
    return super.all();
  }
}

test('a signer that starts while another one signs the turn knows the new log for one of the city', async () => {
  const leader = await city.startSigner('leader', 'same');
  await leader.publication.covering(await city.append(5));
  const keys = new SlowKeys(city.directory, async () => {
    await city.turn(next);
    await leader.publication.covering(await city.append(5));
  });
  const late = await city.startSigner('late', 'same', keys);
  await leader.stop();
  await late.publication.covering(await city.append(5));
  await late.stop();
  await expectSound('same', next);
});

test('of operators who turn at once to one year one does, and to two years one is told; asked again it is done already', async () => {
  const signer = await city.startSigner('signer', 'same');
  await signer.publication.covering(await city.append());
  const same = await Promise.all(
    [city.turn(next), city.turn(next)].map((turn) => turn.catch((error: Error) => error.message)),
  );
  expect(same).toContainEqual(expect.objectContaining({ origin: next }));
  expect(await city.openAgain(next)).toMatchObject({ origin: next, isAgain: true });
  await signer.publication.covering(await city.append());
  const before = await city.size();
  await expect(city.turn(origins[1])).rejects.toThrow('azukari log list shows it');
  expect(await city.size()).toBe(before);
  await city.age();
  const two = await Promise.allSettled([city.turn(origins[1]), city.turn('minatono.azukari.example/log/2028b')]);
  const refused = two.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  expect(refused.map(({ reason }) => (reason as Error).name)).toEqual(['TurnRefused']);
  await signer.publication.covering(await city.append());
  expect((await city.check()).findings).toEqual([]);
});

test('while nobody has signed the log that is open, a turn is refused, and however often it is asked for no entry is left', async () => {
  const before = await city.size();
  await expect(city.turn(next)).rejects.toThrow('let the service run until it has');
  expect(await city.size()).toBe(before);
}, 30_000);

test.each([
  ['no origin of a log', 'Minatono/Log'],
  ['served under that name', 'minatono.azukari.example/tile'],
  ['is the log that is open', 'minatono.azukari.example/log/2026'],
])('an origin is refused: %s', async (sentence, origin) => {
  await expect(city.turn(origin)).rejects.toThrow(sentence);
});

test('an origin that was used before is refused, and so is a turn of a log that is frozen', async () => {
  const { publication, stop } = await city.startSigner('signer', 'same');
  await publication.covering(await city.append());
  await city.turn(next);
  await publication.covering(await city.append());
  await expect(city.turn('minatono.azukari.example/log/2026')).rejects.toThrow('was used before');
  await city.age();
  await stop();
  city.databases.leaveUnchecked('it is frozen');
  await city.freeze('a test');
  await expect(city.turn(origins[1])).rejects.toThrow('the log is frozen');
});

const rehashed = "leaf_hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))";

test.each([
  [
    'quotes another root',
    `UPDATE azukari.log_entry SET entry = regexp_replace(entry, '"root":"...', '"root":"AAA') WHERE entry LIKE '%"previous":%'`,
    /^entry 0 of \S+\/2027 does not quote the \d+ entries of \S+\/2026 that were signed$/,
  ],
  [
    'is not the one that the old log names',
    `UPDATE azukari.log_entry SET entry = replace(entry, '"next":"minatono.azukari.example/log/2027"', '"next":"minatono.azukari.example/log/2029"')
      WHERE entry LIKE '%"t":"close"%'`,
    /^entry 0 of \S+\/2027 does not quote/,
  ],
  [
    'begins after fewer entries than the old log has',
    `DELETE FROM azukari.city_log WHERE size IS NULL; UPDATE azukari.city_log SET size = size - 1;
      INSERT INTO azukari.city_log (base, origin) SELECT size, 'minatono.azukari.example/log/2027' FROM azukari.city_log;
      UPDATE azukari.log_key SET base = (SELECT max(base) FROM azukari.city_log) WHERE base > 0`,
    /^entry 0 does not begin the log \S+\/2027$/,
  ],
])('a new log that %s is not signed: the log is frozen', async (_how, act, reason) => {
  const { publication, stop } = await city.startSigner('before', 'same');
  await publication.covering(await city.append());
  await stop();
  await city.turn(next);
  city.databases.leaveUnchecked('a new log that nobody signs');
  await city.asSuperuser(`ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry;
    SET session_replication_role = replica; ${act}; UPDATE azukari.log_entry SET ${rehashed}`);
  await city.startSigner('after', 'same');
  await expect(city.untilFrozen()).resolves.toMatch(reason);
});
