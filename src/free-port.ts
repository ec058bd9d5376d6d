/** Ports of this machine: whether one is free, and finding one. Between asking and listening it may be taken; listening then says so. */
import { createServer } from 'node:net';

/** Resolves with the port when it is free; 0 finds a free one. Rejects with the system's error (`EADDRINUSE`, `EACCES`). */
export async function requireFreePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: found } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return found;
}
