/** The page that checks a receipt, in a real Chromium: what it says of good and bad ones, and that nothing leaves the browser. */
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import type { ProvisionReceipt } from '../../src/transparency-log/receipt.js';
import {
  anErasure,
  anHonestLog,
  minute,
  opening,
  pairwiseIdOfResident,
  receiptOf,
  vkey,
} from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';
import { accessibilityFindings, desktop, findingsAtEverySize, nothingToFind, takePicture } from './browser.js';
import { BrowsedFixtures } from './browsed-fixtures.js';

const browsed = BrowsedFixtures.forThisFile();
let receipt: ProvisionReceipt;
beforeAll(async () => {
  receipt = await receiptOf(anHonestLog(300), 12, 7);
});

async function opened(language: 'ja' | 'en' = 'ja', key = vkey) {
  const at = await browsed().open({ viewport: desktop });
  await at.page.goto(`${browsed().origin}/verify?lang=${language}`);
  await at.page.locator('#receipt-file').waitFor();
  await at.page.locator('#receipt-key').fill(key);
  // From here on there is no way out, and any attempt is counted.
  await at.page.evaluate(() => document.fonts.ready);
  await at.context.setOffline(true);
  const asked: string[] = [];
  at.page.on('request', (request) => asked.push(request.url()));
  return { ...at, asked, result: at.page.locator('#receipt-result') };
}

const asFile = (content: string, name = 'receipt.json') => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(content),
});

describe.each(['ja', 'en'] as const)('In %s', (language) => {
  test('a good receipt is said to be good, with what it proves, and no request is made', async () => {
    const { page, asked, complaints, result } = await opened(language);
    await page.locator('#receipt-file').setInputFiles(asFile(JSON.stringify(receipt)));
    await page.locator('.panel-good').waitFor();
    const words = (await result.textContent()) ?? '';
    for (const part of ['12', '300', 'hamakaze-clinic', 'care.prevention', encodePairwiseId(pairwiseIdOfResident(7))])
      expect(words).toContain(part);
    expect(words).toContain(language === 'ja' ? 'この提供証明は正しいものです。' : 'This receipt is good.');
    // The key in the field is not the page's own, and the page says so.
    expect(words).toContain(language === 'ja' ? 'このページが示した鍵と違います' : 'not the one this page showed');
    expect(new Set(await page.locator('.step-state').allTextContents())).toEqual(
      new Set([language === 'ja' ? '確認済み' : 'Checked']),
    );
    expect(await findingsAtEverySize(page, `receipt-good-${language}`)).toEqual(nothingToFind);
    expect({ asked, complaints }).toEqual({ asked: [], complaints: [] });
  });

  test('a bad receipt is said to be bad, with the step and what to do', async () => {
    const { page, asked, result } = await opened(language);
    const changed = { ...receipt, detail: receipt.detail.replace('score', 'scope') };
    await page.locator('#receipt-file').setInputFiles(asFile(JSON.stringify(changed)));
    await page.locator('.panel-bad').waitFor();
    expect(await result.textContent()).toContain(
      language === 'ja' ? '添えられた詳細が、記録したときのものと違います。' : 'not the one the entry was made for',
    );
    expect(await page.locator('[data-state="failed"]').getAttribute('data-step')).toBe('commitment');
    expect(await page.locator('[data-state="skipped"]').getAttribute('data-step')).toBe('tag');
    expect(await accessibilityFindings(page)).toEqual([]);
    await takePicture(page, `receipt-bad-${language}`);
    expect(asked).toEqual([]);
  });
});

test('an erasure receipt is said to be one', async () => {
  const { page, result } = await opened();
  const erased = await receiptOf([...opening(), formatEntry(anErasure(2, minute(1)))], 5, 2);
  await page.locator('#receipt-file').setInputFiles(asFile(JSON.stringify(erased)));
  await page.locator('.panel-good').waitFor();
  expect(await result.textContent()).toContain('この消去の控えは正しいものです。');
  expect(await result.textContent()).not.toContain('undefined');
});

test('a receipt may be dropped anywhere on the page, and is checked again under another key', async () => {
  const { page, asked, result } = await opened('ja', 'nonsense');
  const transfer = await page.evaluateHandle((content) => {
    const made = new DataTransfer();
    made.items.add(new File([content], 'receipt.json', { type: 'application/json' }));
    return made;
  }, JSON.stringify(receipt));
  await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer });
  await page.getByText('検証用の公開鍵の形が正しくありません。').waitFor();
  await page.locator('#receipt-key').fill(vkey);
  await page.locator('#receipt-key').blur();
  await page.locator('.panel-good').waitFor();
  expect(await result.textContent()).toContain('300件のうち、12番');
  expect(asked).toEqual([]);
});

test.each([
  ['is no receipt', 'hello', 'このファイルは、提供証明でも、閲覧・取り出し・消去の控えでもないようです。'],
  [
    'is another proof of ours',
    '{"v":1,"kind":"azukari-completeness"}',
    'このファイルは、提供証明でも、閲覧・取り出し・消去の控えでもないようです。',
  ],
  ['is too large', 'x'.repeat(70_000), 'ファイルが大きすぎます。'],
])('a file that %s is said to be so, and nobody is told to tell the board', async (_, content, words) => {
  const { page, result } = await opened();
  await page.locator('#receipt-file').setInputFiles(asFile(content));
  await page.getByText(words).waitFor();
  expect(await result.textContent()).not.toContain('データ倫理審査会');
});

test('a script on the page could not send the receipt away: the policy allows no connection', async () => {
  const { page, complaints } = await browsed().open({ viewport: desktop });
  await page.goto(`${browsed().origin}/verify`);
  await page.locator('#receipt-file').waitFor();
  const outcome = await page.evaluate(() =>
    fetch('/log/checkpoint').then(
      () => 'sent',
      () => 'refused',
    ),
  );
  expect(outcome).toBe('refused');
  expect(complaints.join()).toContain("connect-src 'none'");
});

test('without scripts the page explains the command and offers no field that does nothing', async () => {
  const { page } = await browsed().open({ javaScriptEnabled: false });
  await page.goto(`${browsed().origin}/verify`);
  expect(await page.locator('#receipt-file').isVisible()).toBe(false);
  expect(await page.getByText('この画面での検証は、ブラウザのスクリプトで動きます。').isVisible()).toBe(true);
  expect(await page.getByText('npm run azukari -- verify receipt receipt.json').isVisible()).toBe(true);
});
