/** The service itself in a real Chromium: the board verifies the running log in its browser, and a resident withdraws with the keyboard. */
import type { Browser } from 'playwright-core';
import { tour } from '../../src/demo/tour.js';
import { aDemoCity, type DemoCity } from '../setup/demo-city.js';
import { desktop, findingsAtEverySize, launchBrowser, nothingToFind, openPage, phone } from './browser.js';
import { stopSoundly } from '../setup/check-log.js';

let city: DemoCity;
let browser: Browser;

beforeAll(async () => {
  city = await aDemoCity();
  await tour(city.demo, () => undefined);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await stopSoundly(city);
});

async function signedIn(name: string, viewport = desktop) {
  const opened = await openPage(browser, city.demo.baseUrl, { viewport });
  await opened.page.goto(`${city.demo.baseUrl}/sign-in`);
  await opened.page.getByRole('button', { name: `${name} さんとしてサインイン` }).click();
  return opened;
}

test('the board verifies the running log in its own browser, entry by entry, under the key it pins', async () => {
  const { page, context, strayed, complaints } = await signedIn(city.demo.board[0]!.name);
  await page.goto(`${city.demo.baseUrl}/board/log`);
  await page.getByLabel('検証用の公開鍵').fill(city.demo.log.vkey);
  await page.getByRole('button', { name: '検証する', exact: true }).click();
  await page.getByText('検証できました。利用記録は署名どおりです。').waitFor();
  const [, size] = (await (await fetch(`${city.demo.baseUrl}/log/checkpoint`)).text()).split('\n');
  expect(await page.locator('#verifier-result').textContent()).toContain(
    `${Number(size).toLocaleString('en-GB')}件すべての記録から`,
  );
  expect({ strayed, complaints }).toEqual({ strayed: [], complaints: [] });
  await context.close();
});

test('a receipt of the running city is good under the key its page shows, and nothing is asked for after it is chosen', async () => {
  const { session } = city.demo.residents[0]!;
  const uses = await (await fetch(`${city.demo.baseUrl}/my/uses`, { headers: { cookie: session } })).text();
  const [address = ''] = /\/my\/uses\/\d+\/receipt/.exec(uses) ?? [];
  const receipt = await (await fetch(city.demo.baseUrl + address, { headers: { cookie: session } })).text();
  const { page, context, strayed, complaints } = await openPage(browser, city.demo.baseUrl, { viewport: desktop });
  await page.goto(`${city.demo.baseUrl}/`);
  await page.getByRole('link', { name: '提供証明をこのブラウザの中で確かめる' }).click();
  await page.getByText('ここにファイルを置くこともできます。').waitFor();
  expect(await page.getByLabel('検証用の公開鍵').inputValue()).toBe(city.demo.log.vkey);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const file = { name: 'receipt.json', mimeType: 'application/json', buffer: Buffer.from(receipt) };
  await page.getByLabel('提供証明または消去の控えのファイル（JSON）').setInputFiles(file);
  await page.getByText('この提供証明は正しいものです。').waitFor();
  expect({ asked, strayed, complaints }).toEqual({ asked: [], strayed: [], complaints: [] });
  await context.close();
});

test('a resident signs in, reaches the withdraw button by keyboard, and reads what has stopped', async () => {
  const { page, context, complaints } = await signedIn(city.demo.residents[0]!.name, phone);
  expect(new URL(page.url()).pathname).toBe('/my/uses');
  await page.goto(`${city.demo.baseUrl}/my/consents`);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  for (let press = 0; press < 80 && !(await focused()).startsWith('同意を撤回する'); press += 1)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /への同意を撤回しました/ }).waitFor();
  expect(await page.getByText('これより後に始まる読み取りは、すべて断られます。').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
  await context.close();
});

test.each([
  ['residents', ['/my/uses', '/my/consents', '/my/records', '/my/erasure']],
  ['board', ['/board', '/board/log', '/verify', '/']],
] as const)('pages of the %s with the data of the running city are accessible and fit 320 px', async (kind, paths) => {
  const { page, context, strayed } = await signedIn(city.demo[kind][0]!.name);
  for (const path of paths) {
    await page.goto(`${city.demo.baseUrl}${path}`);
    expect([path, await findingsAtEverySize(page)]).toEqual([path, nothingToFind]);
  }
  expect(strayed).toEqual([]);
  await context.close();
});
