/**
 * The files a page needs besides itself: stylesheets, the font's subsets, an icon, the verifier's modules. All come from this
 * service, under `/assets/`, with the hash of their content in the address, so that they may be cached for ever and
 * changed at any time. Everything is read once at start, except the font's subsets, which are read when asked for; what is compressed is compressed when first asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { sha256, toHex, utf8 } from '../kernel/bytes.js';

/** One file as it is sent. */
export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
  /** The same content compressed (RFC 7932), for those who accept it; compressed when it is first asked for. */
  readonly compress: (() => Promise<Buffer>) | null;
}

export interface Assets {
  /** In the order in which they are to be linked. */
  readonly stylesheets: readonly string[];
  readonly icon: string;
  /** Address of the module that verifies the log in the board's browser. */
  readonly verifier: string;
  /** Address of the module that checks a receipt in anybody's browser. */
  readonly receiptVerifier: string;
  /** The file at an address below `/assets/`, or null. Knows exactly the addresses it gave out; touches no other path. */
  find(address: string): Promise<Asset | null>;
}

/** A year, the longest a cache may keep a file (RFC 9111); `immutable` is RFC 8246. */
export const assetCacheControl = 'public, max-age=31536000, immutable';

const ownStyles = ['foundation', 'layout', 'parts', 'tables', 'charts', 'front', 'resident', 'board', 'print'];
const fontWeights = [400, 700];
const require = createRequire(import.meta.url);

/** Stylesheets are not compiled: they are read where they were written, beside this file's source. */
const stylesFolder = fileURLToPath(new URL('../../../src/pages/style/', import.meta.url));
const verifierFolder = fileURLToPath(new URL('./verify/', import.meta.url));

const iconDrawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" fill="#004c59"><circle cx="20" cy="13" r="6.5"/><path d="M5 18c1 10 7 16 15 16s14-6 15-16c-4 5-9 7-15 7S9 23 5 18z"/></svg>`;

export function loadAssets(): Assets {
  const held = new Map<string, Asset>();
  const fontFiles = new Map<string, string>();
  const keep = (name: string, extension: string, contentType: string, body: Buffer): string => {
    const address = `/assets/${name}.${shortHash(body)}.${extension}`;
    held.set(address, { contentType, body, compress: compressedOnce(body) });
    return address;
  };
  const stylesheets = [
    keep('noto-sans-jp', 'css', 'text/css; charset=utf-8', utf8(fontFaces(fontFiles))),
    keep('azukari', 'css', 'text/css; charset=utf-8', utf8(ownStylesheet())),
  ];
  const icon = keep('mark', 'svg', 'image/svg+xml', utf8(iconDrawing));
  const verifiers = keepVerifiers(held);
  const find = async (address: string): Promise<Asset | null> => {
    const fontFile = fontFiles.get(address);
    if (fontFile === undefined) return held.get(address) ?? null;
    return { contentType: 'font/woff2', body: await readFile(fontFile), compress: null };
  };
  return { stylesheets, icon, ...verifiers, find };
}

/** The Digital Agency's tokens first, then our own sheets, which use nothing but those tokens for colour and type. */
function ownStylesheet(): string {
  const tokens = readFileSync(require.resolve('@digital-go-jp/design-tokens/dist/tokens.css'), 'utf8');
  const own = ownStyles.map((name) => readFileSync(join(stylesFolder, `${name}.css`), 'utf8'));
  return [tokens, ...own].join('\n');
}

/**
 * The font package's `@font-face` rules with our addresses. Each rule covers one range of characters, so a browser fetches only
 * the few of the 248 files whose characters stand on the page. `files` is filled with address → path.
 */
function fontFaces(files: Map<string, string>): string {
  const folder = dirname(require.resolve('@fontsource/noto-sans-jp/package.json'));
  const rules = fontWeights.map((weight) => readFileSync(join(folder, `${weight}.css`), 'utf8'));
  return rules.join('\n').replace(/src: url\(\.\/files\/([\w-]+)\.woff2\)[^;]*;/g, (_rule, name: string) => {
    const path = join(folder, 'files', `${name}.woff2`);
    const address = `/assets/${name}.${shortHash(readFileSync(path))}.woff2`;
    files.set(address, path);
    return `src: url(${address}) format('woff2');`;
  });
}

/** The verifiers' modules share one folder named by the hash of them all, so that their relative imports hold. */
function keepVerifiers(held: Map<string, Asset>): Pick<Assets, 'verifier' | 'receiptVerifier'> {
  const names = readdirSync(verifierFolder)
    .filter((name) => name.endsWith('.js'))
    .sort();
  const bodies = names.map((name) => {
    const source = readFileSync(join(verifierFolder, name), 'utf8');
    return utf8(source.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'));
  });
  const folder = `/assets/verify.${shortHash(...bodies)}`;
  bodies.forEach((body, position) => {
    const contentType = 'text/javascript; charset=utf-8';
    held.set(`${folder}/${names[position]}`, { contentType, body, compress: compressedOnce(body) });
  });
  return { verifier: `${folder}/page.js`, receiptVerifier: `${folder}/receipt-page.js` };
}

function shortHash(...parts: readonly Buffer[]): string {
  return toHex(sha256(...parts)).slice(0, 16);
}

const brotli = promisify(brotliCompress);

function compressedOnce(body: Buffer): () => Promise<Buffer> {
  let compressed: Promise<Buffer> | undefined;
  return () =>
    (compressed ??= brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).catch((error: unknown) => {
      compressed = undefined;
      throw error;
    }));
}
