/** The log's key is changed while witnesses cosign: they follow as long as they know one key that signs, and no longer. */
import { readFile } from 'node:fs/promises';
import { openPool } from '../../src/database/pool.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { retireKey, rotateKey } from '../../src/transparency-log/keys/rotation.js';
import { trustByPolicy } from '../../src/transparency-log/witness/policy-trust.js';
import { parseWitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { expectSoundLog } from '../setup/check-log.js';
import { aReadable, WitnessedTown } from './a-witnessed-town.js';

const checkup = { items: [{ purpose: 'care.prevention', category: 'health.checkup', fields: ['results'] }] };
let city: WitnessedTown;
let signer: ReturnType<typeof openPool>;
let sensitive: Awaited<ReturnType<typeof aReadable>>;

beforeAll(async () => {
  city = await WitnessedTown.open();
  const { town } = city;
  signer = openPool({ url: town.city.databases.signerUrl, size: 2, applicationName: 'changed key test' });
  sensitive = await aReadable(town, await town.program('hamakaze-clinic', checkup));
});
afterAll(async () => {
  await signer?.end();
  await city?.close();
});

const outcome = async () => {
  const { status, code } = await sensitive.read();
  return code ?? status;
};

/** As whoever pins the policy and these keys of the log believes it. */
async function cosigned(...vkeys: string[]): Promise<{ signers: number; cosigners: number }> {
  await city.untilWitnessed();
  const trust = trustByPolicy(parseWitnessPolicy(await readFile(city.policyFile)), { vkeys });
  const { signers, cosignatures } = openCheckpoint((await city.witnessed())!.note, trust);
  return { signers: signers.length, cosigners: cosignatures.length };
}

test('sensitive data goes on through a rotation; after the retirement it waits for witnesses that know the new key', async () => {
  const old = city.town.demo.log.vkey;
  const rotation = await rotateKey(signer, new KeyRing(city.town.city.directories.keysDirectory));
  if (rotation.outcome !== 'introduced') throw new Error('no rotation was begun');
  await city.town.untilPublished(rotation.index + 1);
  // Witnesses that know the old key alone cosign what both have signed.
  expect(await outcome()).toBe(200);
  const both = await cosigned(old, rotation.vkey);
  expect(both.signers).toBe(2);
  expect(both.cosigners).toBeGreaterThanOrEqual(2);
  expect(await cosigned(rotation.vkey)).toMatchObject({ signers: 1 });

  const retirement = await retireKey(signer, old.split('+')[1]!);
  if (retirement.outcome !== 'retired') throw new Error(retirement.sentence);
  await city.town.untilPublished(retirement.index + 1);
  expect(await outcome()).toBe('log-unwitnessed');
  city.logKeys = [old, rotation.vkey];
  await city.kill(0, 1, 2);
  await city.start(0, 1, 2);
  await city.untilWitnessed();
  expect(await outcome()).toBe(200);
  expect(await cosigned(rotation.vkey)).toMatchObject({ signers: 1 });
  city.town.demo.log.vkey = rotation.vkey;
  await expectSoundLog(city.town);
}, 60_000);
