/**
 * A real Chromium for tests, without any system package: unpacked once for this user, started with a new empty profile, and able to
 * reach 127.0.0.1 only. Whatever else a page asks for fails and is reported.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const packed = '@sparticuz/chromium';
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
const narrow = { width: 320, height: 640 };

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await unpack(), headless: true, args: flags });
}

/**
 * The packed browser writes itself to the temporary folder of its process; unpacking aside, in a process of its own that can be told another folder,
 * and renaming keep two tests from meeting half a file.
 */
async function unpack(): Promise<string> {
  const ready = join(tmpdir(), `azukari-chromium-${versionOf(packed)}-${userInfo().uid}`);
  if (existsSync(join(ready, 'chromium'))) return join(ready, 'chromium');
  const aside = mkdtempSync(`${ready}-`);
  const program = `await (await import(${JSON.stringify(packed)})).default.executablePath()`;
  await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: dirname(fileURLToPath(import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: aside },
  });
  try {
    renameSync(aside, ready);
  } catch {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(ready, 'chromium');
}

/** Not every package exports its manifest, so it is looked for above the entry point. */
function versionOf(name: string): string {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const manifest = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string })
      : {};
    if (manifest.name === name) return manifest.version!;
  }
  throw new Error(`${name} is not installed`);
}

/** A page in a context of its own. */
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
  /** Addresses outside the origin that the page asked for. */
  readonly strayed: string[];
  /** What the console said. */
  readonly complaints: string[];
}

const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against WCAG 2.2 A and AA and its own good practice; one line for each finding. */
export async function accessibilityFindings(page: Page): Promise<readonly string[]> {
  // Reading half a megabyte of program takes longer than looking at a page with it: once for each page.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const result = await axe.run({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
  return violations;
}

/** What a page is held to at every size; whoever finds nothing, finds this. */
export const nothingToFind = { phone: [], desktop: [], sideways: 0 };

/** What axe-core finds at the size of a phone and of a desktop, and by how many pixels the page scrolls sideways at the narrowest. */
export async function findingsAtEverySize(page: Page, picture?: string) {
  const at = async (viewport: { width: number; height: number }) => {
    await page.setViewportSize(viewport);
    const findings = await accessibilityFindings(page);
    if (picture !== undefined) await takePicture(page, `${picture}-${viewport.width}`);
    return findings;
  };
  const findings = { phone: await at(phone), desktop: await at(desktop) };
  await page.setViewportSize(narrow);
  return { ...findings, sideways: await sidewaysOverflow(page) };
}

/** By how many pixels the page is wider than its window: 0 when nothing scrolls sideways. */
async function sidewaysOverflow(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Takes a picture for people to look at, where `AZUKARI_PICTURES` names a folder for them. No test looks at it. */
export async function takePicture(page: Page, name: string, isWhole = true): Promise<void> {
  const folder = process.env['AZUKARI_PICTURES'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: isWhole });
}
