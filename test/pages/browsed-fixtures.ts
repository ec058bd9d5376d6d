/** The fixtures in a Chromium: one server and one browser for a file of tests, and every page that was opened closed again after its test. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser, type OpenPage, openPage } from './browser.js';
import { type FixtureServer, startFixtureServer } from './fixture-server.js';

export class BrowsedFixtures {
  private readonly opened: OpenPage[] = [];
  private looking: OpenPage | null = null;

  private constructor(
    readonly server: FixtureServer,
    private readonly browser: Browser,
  ) {}

  /** For the tests of this file: from before the first until after the last. */
  static forThisFile(): () => BrowsedFixtures {
    let browsed: BrowsedFixtures | undefined;
    beforeAll(async () => {
      const server = await startFixtureServer();
      try {
        browsed = new BrowsedFixtures(server, await launchBrowser());
      } catch (error) {
        await server[Symbol.asyncDispose]();
        throw error;
      }
    });
    afterEach(() => browsed?.closePages());
    afterAll(() => browsed?.close());
    return () => browsed!;
  }

  get origin(): string {
    return this.server.origin;
  }

  /** A page that knows nothing of those before it. */
  async open(options: BrowserContextOptions = {}): Promise<OpenPage> {
    const opened = await openPage(this.browser, this.origin, options);
    this.opened.push(opened);
    return opened;
  }

  /** Shows one fixture after the other in one page: fonts, and the program that looks for faults, are not read again for each. */
  async show(path: string): Promise<OpenPage> {
    this.looking ??= await openPage(this.browser, this.origin);
    const { page, strayed, complaints } = this.looking;
    strayed.length = complaints.length = 0;
    await page.goto(`${this.origin}${path}`);
    await page.evaluate(() => document.fonts.ready);
    return this.looking;
  }

  private async closePages(): Promise<void> {
    for (const { context } of this.opened.splice(0)) await context.close();
  }

  private async close(): Promise<void> {
    await this.browser.close();
    await this.server[Symbol.asyncDispose]();
  }
}
