/** Serves logs on the loopback as a plain file server would, each below a name of its own; a test may play a bad server, or a hostile one, in between. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Resources } from './a-log.js';

/** Answers a request itself and returns true, or leaves it to what is published. */
export type Answer = (path: string, response: ServerResponse) => boolean;

export class LogServer {
  private readonly logs = new Map<string, { readonly resources: Resources; readonly answer: Answer }>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<LogServer> {
    const server = createServer((request, response) => {
      const [, name, path] = /^\/([^/]+)\/(.*)$/.exec(request.url!)!;
      started.answer(name!, path!, response);
    });
    const started = new LogServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The address of a log. What is published may be changed while it is served. */
  serve(resources: Resources, answer: Answer = () => false): string {
    const name = `log-${this.logs.size}`;
    this.logs.set(name, { resources, answer });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  private answer(name: string, path: string, response: ServerResponse): void {
    const { resources, answer } = this.logs.get(name)!;
    if (answer(path, response)) return;
    const content = resources.get(path);
    // Both say for certain that there is nothing.
    const status = path.startsWith('tile/entries/') ? 410 : 404;
    response.writeHead(content ? 200 : status).end(content);
  }
}
