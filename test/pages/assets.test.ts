/** What pages load comes from this service, under addresses that change with the content. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { loadAssets } from '../../src/pages/assets.js';
import { sha256, toHex } from '../../src/kernel/bytes.js';

const assets = loadAssets();

async function textAt(address: string): Promise<string> {
  const asset = await assets.find(address);
  if (!asset) throw new Error(`Nothing at ${address}`);
  return asset.body.toString('utf8');
}

describe('Assets', () => {
  test('are found at the addresses given out, each named by the hash of its content', async () => {
    for (const address of [...assets.stylesheets, assets.icon]) {
      const asset = await assets.find(address);
      expect(asset && address.includes(toHex(sha256(asset.body)).slice(0, 16))).toBe(true);
      expect(asset?.compress && brotliDecompressSync(await asset.compress()).equals(asset.body)).toBe(true);
    }
  });

  test('include every subset of the font that the stylesheet names, and nothing the stylesheet names lies elsewhere', async () => {
    const [fonts = '', own = ''] = await Promise.all(assets.stylesheets.map(textAt));
    const addresses = [...fonts.matchAll(/url\(([^)]*)\)/g)].map(([, address = '']) => address);
    expect(addresses.length).toBe(248);
    for (const address of addresses.filter((_, place) => place % 31 === 0)) {
      const font = await assets.find(address);
      expect(font?.contentType).toBe('font/woff2');
      expect(font?.body.subarray(0, 4).toString('latin1')).toBe('wOF2');
      expect(font && address.includes(toHex(sha256(font.body)).slice(0, 16))).toBe(true);
    }
    expect(own).not.toMatch(/url\(|@import|https?:/);
  });

  test('use only the Digital Agency’s tokens for colour in our own sheets', () => {
    const folder = fileURLToPath(new URL('../../../src/pages/style/', import.meta.url));
    for (const file of readdirSync(folder)) {
      expect([file, readFileSync(join(folder, file), 'utf8').match(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i)]).toEqual([
        file,
        null,
      ]);
    }
  });

  test('serve both verifiers with every module they import, none from outside their folder', async () => {
    const seen = new Set<string>();
    const visit = async (address: string): Promise<void> => {
      if (seen.has(address)) return;
      seen.add(address);
      const source = await textAt(address);
      expect(source).not.toMatch(/sourceMappingURL/);
      for (const [, path = ''] of source.matchAll(/from '([^']*)'/g)) {
        expect(path).toMatch(/^\.\/[\w-]+\.js$/);
        await visit(new URL(path, `http://127.0.0.1${address}`).pathname);
      }
    };
    await visit(assets.verifier);
    expect(seen.size).toBeGreaterThanOrEqual(5);
    await visit(assets.receiptVerifier);
    expect(seen.size).toBeGreaterThanOrEqual(9);
  });

  test.each([
    '/assets/',
    '/assets/azukari.css',
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/noto-sans-jp-0-400-normal.woff2',
    'constructor',
    '',
  ])('know nothing at %p', async (address) => {
    expect(await assets.find(address)).toBeNull();
  });
});
