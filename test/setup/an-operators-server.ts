/** What an operator may put in front of his own service: it hands on every answer but those that he would rather not give. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OperatorsServer {
  readonly base: string;
  stop(): Promise<void>;
}

/** @param instead of an answer with this content: other content, or null for 404. What it is not asked about is handed on as it is. */
export async function inFrontOf(
  base: string,
  instead: (path: string, content: Buffer) => Buffer | null,
): Promise<OperatorsServer> {
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    void fetch(`${base}${request.url}`, { headers: authorization === undefined ? {} : { authorization } })
      .then(async (answer) => {
        const content = Buffer.from(await answer.arrayBuffer());
        const given = answer.ok ? instead(request.url!, content) : content;
        response.writeHead(given === null ? 404 : answer.status).end(given);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
