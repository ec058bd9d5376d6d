/**
 * A real Chromium for tests, without any system package: unpacked once for this user, started with a new empty profile, and able to
 * reach 127.0.0.1 only. Whatever else a page asks for fails and is reported.
 */
import { mkdtempSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { readFileSync } from 'node:fs';
import packed from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const flags = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1280, height: 900 };
/** The narrowest width at which a page must not scroll sideways (WCAG 2.2, 1.4.10). */
export const narrow = { width: 320, height: 640 };

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await unpack(), headless: true, args: flags });
}

/** The packed browser writes itself to the temporary folder; unpacking aside and renaming keeps two tests from meeting half a file. */
async function unpack(): Promise<string> {
  const version = readPackage('@sparticuz/chromium').version;
  const ready = join(tmpdir(), `azukari-chromium-${version}-${userInfo().uid}`);
  if (existsSync(join(ready, 'chromium'))) return join(ready, 'chromium');
  const aside = mkdtempSync(`${ready}-`);
  const temporary = process.env['TMPDIR'];
  process.env['TMPDIR'] = aside;
  try {
    await packed.executablePath();
  } finally {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
  }
  try {
    renameSync(aside, ready);
  } catch {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(ready, 'chromium');
}

/** The manifest of an installed package; not every package exports it, so it is looked for above the entry point. */
function readPackage(name: string): { version: string } {
  let folder = dirname(require.resolve(name));
  for (let depth = 0; depth < 5 && !existsSync(join(folder, 'package.json')); depth += 1) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
}

/** A page in its own context; `strayed` collects addresses outside `origin` that the page asked for, `complaints` what the console said. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: phone, reducedMotion: 'reduce', ...options });
  const strayed: string[] = [];
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:')) strayed.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, context, strayed, complaints };
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly strayed: readonly string[];
  readonly complaints: readonly string[];
}

const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against WCAG 2.2 A and AA and its own good practice; one line for each finding. */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const result = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
  return violations;
}

/** By how many pixels the page is wider than its window: 0 when nothing scrolls sideways. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Takes a picture for people to look at, where `AZUKARI_PICTURES` names a folder for them. No test looks at it. */
export async function takePicture(page: Page, name: string, isWhole = true): Promise<void> {
  const folder = process.env['AZUKARI_PICTURES'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole });
}
