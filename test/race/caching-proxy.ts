/**
 * What this project must never become: a door that remembers for a second that a read was granted. It stands before a real node and passes
 * everything on, but answers a repeated read from memory. Only for showing that the checker can see the difference.
 */
import { createServer, request as openRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const cachedForMs = 1_000;

export interface CachingProxy {
  readonly base: string;
  close(): Promise<void>;
}

interface Granted {
  readonly body: Buffer;
  readonly until: number;
}

export async function aCachingProxy(node: string): Promise<CachingProxy> {
  const granted = new Map<string, Granted>();
  const server = createServer((request, response) => {
    const known = request.method === 'GET' ? granted.get(request.url!) : undefined;
    if (known !== undefined && known.until > performance.now()) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(known.body);
      return;
    }
    pass(node, request, response, (body) => {
      if (request.url!.includes('/records?'))
        granted.set(request.url!, { body, until: performance.now() + cachedForMs });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(node: string, request: IncomingMessage, response: ServerResponse, onGranted: (body: Buffer) => void) {
  const headers = { ...request.headers, host: new URL(node).host };
  const inner = openRequest(node + request.url!, { method: request.method!, headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.method === 'GET' && answer.statusCode === 200) onGranted(body);
      const type = answer.headers['content-type'] ?? 'application/json';
      response.writeHead(answer.statusCode ?? 502, { 'content-type': type }).end(body);
    });
  });
  inner.on('error', () => response.destroy());
  request.pipe(inner);
}
