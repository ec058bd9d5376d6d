/** The test bed itself: no test lets a city go whose log nobody has checked from beginning to end, unless it says why. */
import { asAdmin } from '../../src/database/migrate.js';
import { SignerCity } from '../crash/a-signer.js';

let city: SignerCity;
beforeEach(async () => {
  city = await SignerCity.found();
});

const signed = async () => {
  const { publication } = await city.startSigner('signer', 'place');
  await publication.covering(await city.append(3));
};
const origin = 'minatono.azukari.example/log/2026';

test('a log that is signed and not checked is told of when its city is closed', async () => {
  await signed();
  await expect(city.close()).rejects.toThrow(`nobody has checked ${origin} to the end`);
});

test('so is one that was checked and has grown since, and one of which not everything is signed', async () => {
  await signed();
  expect((await city.check()).findings).toEqual([]);
  await city.stopSigners();
  await city.append();
  await expect(city.close()).rejects.toThrow(`nobody has checked ${origin} to the end`);
});

test('so is one that was checked and found wanting', async () => {
  await signed();
  await city.stopSigners();
  await asAdmin(city.databases.adminUrl, (client) =>
    client.query(`SET session_replication_role = replica; ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry;
      UPDATE azukari.log_entry SET entry = replace(entry, '提供先', '他') || ' ' WHERE idx = 3`),
  );
  expect((await city.check()).findings).not.toEqual([]);
  await expect(city.close()).rejects.toThrow(`nobody has checked ${origin} to the end`);
});

test('so is the closed log of two, when only the new one was checked', async () => {
  await signed();
  await city.turn('minatono.azukari.example/log/2027');
  const { publication } = await city.startSigner('again', 'place');
  await publication.covering(await city.append());
  expect((await city.check('minatono.azukari.example/log/2027')).findings).toEqual([]);
  await expect(city.close()).rejects.toThrow(`nobody has checked ${origin} to the end`);
});

test('closed soundly it goes without a word, and so does one of which somebody says why it cannot be', async () => {
  await signed();
  await city.closeSoundly();
  city = await SignerCity.found();
  await city.append();
  city.databases.leaveUnchecked('nobody signs it');
  await city.close();
});
