import { SignerCity } from '../crash/a-signer.js';

test('smoke', async () => {
  const city = await SignerCity.found();
  try {
    const next = 'minatono.azukari.example/log/2027';
    await city.append(300);
    const { publication } = await city.startSigner('s', 'p');
    await publication.covering(299);
    await city.append(30);
    console.log(await city.turn(next));
    console.log(await city.turn(next).catch((e) => e.message));
    const last = await city.append(300);
    console.log(last, (await publication.covering(last)).note);
    console.log((await city.check()).findings, (await city.check(next)).findings, (await city.check(next)).size);
    console.log((await city.checkTiles('p')).findings, (await city.checkTiles('p', next)).findings);
    console.log(await city.frozen());
  } finally {
    await city.close();
  }
});
