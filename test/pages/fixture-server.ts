/** Serves the fixtures on a free port of 127.0.0.1 with the headers a page really has. `posts` keeps what forms sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assetCacheControl, loadAssets } from '../../src/pages/assets.js';
import {
  pageHeaders,
  withoutScripts,
  withReceiptVerifier,
  withVerifier,
} from '../../src/pages/content-security-policy.js';
import { renderPage } from '../../src/pages/render.js';
import { fixtures } from './fixtures.js';
import { frameFor } from './samples.js';

export interface FixtureServer extends AsyncDisposable {
  readonly origin: string;
  readonly posts: { readonly path: string; readonly fields: URLSearchParams }[];
  /** Answers set by a test, by path, before any fixture. */
  readonly answers: Map<string, Uint8Array>;
}

const assets = loadAssets();

export async function startFixtureServer(): Promise<FixtureServer> {
  const posts: FixtureServer['posts'] = [];
  const answers = new Map<string, Uint8Array>();
  const server = createServer((request, response) => {
    answer(request, response, posts, answers).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    posts,
    answers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  posts: FixtureServer['posts'],
  answers: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const url = request.url ?? '/';
  const [path = '/'] = url.split('?');
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    posts.push({ path, fields: new URLSearchParams(Buffer.concat(chunks).toString('utf8')) });
    response.writeHead(303, { location: path }).end();
    return;
  }
  const set = answers.get(path);
  const asset = set ? null : await assets.find(path);
  if (set) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(set);
  else if (asset) {
    response.writeHead(200, { 'content-type': asset.contentType, 'cache-control': assetCacheControl }).end(asset.body);
  } else page(url, path, response);
}

function page(url: string, path: string, response: ServerResponse): void {
  const fixture = fixtures.find((each) => each.path === path);
  if (!fixture) {
    response.writeHead(404).end();
    return;
  }
  const policies: Record<string, string> = {
    ...{ 'board-log': withVerifier, 'board-log-frozen': withVerifier, 'receipt-check': withReceiptVerifier },
  };
  const policy = policies[fixture.name] ?? withoutScripts;
  const body = renderPage(fixture.render(frameFor(assets, url, fixture.viewer), assets.verifier));
  response.writeHead(200, pageHeaders(policy)).end(body);
}
