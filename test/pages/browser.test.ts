/**
 * The pages in a real Chromium: nothing for axe-core to find, no sideways scrolling at 320 px, everything within reach of the keyboard,
 * the same with and without scripts, and the log verified in the browser itself.
 */
import { languages } from '../../src/pages/language.js';
import { accessibilityFindings, desktop, findingsAtEverySize, nothingToFind, takePicture } from './browser.js';
import { BrowsedFixtures } from './browsed-fixtures.js';
import { fixtures } from './fixtures.js';
import { sampleKey, sampleLines, sampleLog, type SampleLog } from './sample-log.js';
import { logState } from './samples-front.js';
import { activeConsent } from './samples-resident.js';

const browsed = BrowsedFixtures.forThisFile();

describe.each(fixtures.map(({ name, path }) => [name, path] as const))('The page %s', (name, path) => {
  test.each(languages)('in %s is accessible, fits 320 px and loads nothing from elsewhere', async (language) => {
    const { page, strayed, complaints } = await browsed().show(`${path}?lang=${language}`);
    expect(await findingsAtEverySize(page, `${name}-${language}`)).toEqual(nothingToFind);
    expect(await page.evaluate(() => document.fonts.check('16px "Noto Sans JP"', '預'))).toBe(true);
    expect({ strayed, complaints }).toEqual({ strayed: [], complaints: [] });
  });
});

describe('By keyboard alone', () => {
  test('the first stop leads past the menu to the content', async () => {
    const { page } = await browsed().open();
    await page.goto(`${browsed().origin}/my/consents`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('本文へ移動');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  test('a resident reaches the withdraw button, sees the focus on it, and withdraws with one press', async () => {
    const { page } = await browsed().open();
    await page.goto(`${browsed().origin}/my/consents`);
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    for (let press = 0; press < 60 && !(await focused()).startsWith('同意を撤回する'); press += 1)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('同意を撤回する（健診後の見守り）');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outline);
    expect(outline).toContain('4px');
    browsed().server.posts.length = 0;
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/my/consents/${activeConsent.id}/withdrawal`);
    expect(browsed().server.posts.map(({ path, fields }) => [path, fields.get('csrf')])).toEqual([
      [`/my/consents/${activeConsent.id}/withdrawal`, 'csrf-token-of-the-session'],
    ]);
  });

  test('a resident ticks one item and consents; the form sends that item, the language and the notice', async () => {
    const { page } = await browsed().open({ javaScriptEnabled: false });
    await page.goto(`${browsed().origin}/my/programs/p-7kqm2xw9rh`);
    await page.getByLabel('病気の予防のために、歩数を渡す').focus();
    await page.keyboard.press('Space');
    browsed().server.posts.length = 0;
    await page.getByRole('button', { name: '同意する' }).press('Enter');
    const fields = browsed().server.posts[0]?.fields;
    expect(fields?.getAll('item')).toEqual(['care.prevention/activity.steps']);
    expect([fields?.get('decision'), fields?.get('language')]).toEqual(['give', 'ja']);
    expect(fields?.get('notice')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('Without scripts', () => {
  test('the board is told how to verify otherwise and is offered no button that does nothing', async () => {
    const { page } = await browsed().open({ javaScriptEnabled: false, viewport: desktop });
    await page.goto(`${browsed().origin}/board/log`);
    expect(await page.locator('#verifier-start').isVisible()).toBe(false);
    expect(await page.getByText('この検証は、ブラウザのスクリプトで動きます。').isVisible()).toBe(true);
    expect(await page.getByText('npm run azukari -- verify').isVisible()).toBe(true);
    browsed().server.posts.length = 0;
    await page.getByRole('button', { name: 'サーバーに検証を頼む' }).click();
    expect(browsed().server.posts.map(({ path }) => path)).toEqual(['/board/log/verification']);
  });

  test('the language switch leads to the same page in English', async () => {
    const { page } = await browsed().open({ javaScriptEnabled: false });
    await page.goto(`${browsed().origin}/my/uses`);
    await page.getByRole('link', { name: 'English' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Who used my data, and for what');
    expect(new URL(page.url()).pathname).toBe('/my/uses');
  });
});

describe('The verification in the board’s browser', () => {
  const key = sampleKey(logState.origin);

  /** Publishes a log on the fixture server, opens the page with the log's key in the field and presses the button. */
  async function verifyInBrowser(log: SampleLog, runs = 1) {
    const opened = await browsed().open({ viewport: desktop });
    for (let run = 0; run < runs; run += 1) {
      publish(log);
      await opened.page.goto(`${browsed().origin}/board/log`);
      await opened.page.getByLabel('検証用の公開鍵').fill(log.verifierKey);
      await opened.page.getByRole('button', { name: '検証する', exact: true }).click();
      await opened.page.locator('#verifier-result .panel-title').waitFor();
    }
    return opened;
  }

  function publish(log: SampleLog): void {
    browsed().server.answers.clear();
    browsed().server.answers.set('/log/checkpoint', log.checkpoint);
    for (const [path, tile] of log.tiles) browsed().server.answers.set(`/log/tile/${path}`, tile);
    for (const [path, bundle] of log.bundles) browsed().server.answers.set(`/log/tile/entries/${path}`, bundle);
  }

  afterEach(() => browsed().server.answers.clear());

  test('says that a right log is right, with its size, its root and its entries by kind', async () => {
    const log = sampleLog(key, sampleLines(600, key.origin));
    const { page, complaints } = await verifyInBrowser(log);
    const said = (await page.locator('#verifier-result').textContent()) ?? '';
    const root = log.checkpoint.toString('utf8').split('\n')[2] ?? '';
    expect(said).toContain('検証できました。利用記録は署名どおりです。');
    expect(said).toContain(`600件すべての記録から計算し直した根（${root}）`);
    expect(said).toContain('提供 599、開始 1');
    expect(await page.locator('.step-state').allTextContents()).toEqual([
      '一致',
      '一致 600 / 600',
      '一致',
      '一致 4 / 4',
      '一致',
    ]);
    expect(await accessibilityFindings(page)).toEqual([]);
    await takePicture(page, 'verified', false);
    expect(complaints).toEqual([]);
  });

  test('remembers what it verified and says so the next time', async () => {
    const { page } = await verifyInBrowser(sampleLog(key, sampleLines(300, key.origin)), 2);
    expect(await page.locator('#verifier-result').textContent()).toContain(
      '前回このブラウザで検証した300件にも、書き換えはありません。',
    );
    publish(sampleLog(key, sampleLines(299, key.origin)));
    await page.getByRole('button', { name: '検証する', exact: true }).click();
    await page.getByText('利用記録が巻き戻されたおそれがあります。').waitFor();
  });

  test('names the entries that were dropped from under the checkpoint, in both languages', async () => {
    const log = sampleLog(key, sampleLines(600, key.origin));
    log.bundles.delete('001');
    const { page } = await verifyInBrowser(log);
    const said = (await page.locator('#verifier-result').textContent()) ?? '';
    expect(said).toContain('署名されたチェックポイントに含まれる利用記録の一部がありません。');
    expect(said).toContain('場所：256番から511番までの記録（tile/entries/001）');
    expect(said).toContain('データ倫理審査会の事務局へお知らせください。');
    expect((await page.locator('.step-state').allTextContents())[1]).toBe('不一致');
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByLabel('Public key for verification').fill(log.verifierKey);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page
      .getByText('Entries that the signed checkpoint covers are not there, also when asked for again.')
      .waitFor();
    expect(await page.locator('#verifier-result').textContent()).toContain(
      'Where: entries 256 to 511 (tile/entries/001)',
    );
  });

  test('accuses nobody where there is no checkpoint', async () => {
    const log = sampleLog(key, sampleLines(3, key.origin));
    const opened = await browsed().open({ viewport: desktop });
    await opened.page.goto(`${browsed().origin}/board/log`);
    await opened.page.getByLabel('検証用の公開鍵').fill(log.verifierKey);
    await opened.page.getByRole('button', { name: '検証する', exact: true }).click();
    await opened.page.locator('#verifier-result .panel-title').waitFor();
    const said = (await opened.page.locator('#verifier-result').textContent()) ?? '';
    expect(said).toContain('チェックポイントがありません。');
    expect(said).not.toContain('お知らせください');
    expect((await opened.page.locator('.step-state').allTextContents())[0]).toBe('中断');
    expect(await accessibilityFindings(opened.page)).toEqual([]);
  });

  test('says that a rewritten log does not verify, and where it stopped', async () => {
    const lines = sampleLines(300, key.origin);
    const right = sampleLog(key, lines);
    const rewritten = sampleLog(key, lines.with(5, lines[5]!.replace('clinic', 'insurer')));
    const { page } = await verifyInBrowser({ ...right, bundles: rewritten.bundles });
    expect(await page.locator('#verifier-result').textContent()).toContain(
      '計算し直した根が、署名された根と一致しません。',
    );
    expect((await page.locator('.step-state').allTextContents())[2]).toBe('不一致');
    expect(await accessibilityFindings(page)).toEqual([]);
    await takePicture(page, 'falsified', false);
  });
});
