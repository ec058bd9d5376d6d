/**
 * Ports of this machine: whether one is free, and finding one. Between asking and listening it may be taken, and listening then says so. One that was found
 * is taken by hardly anybody: it lies below those that a system gives to whoever connects (from 32,768 on Linux, from 49,152 elsewhere).
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const found = { from: 20_000, below: 32_000 };
const attemptsMax = 100;

/** Resolves with the port when it is free; 0 finds a free one. Rejects with the system's error (`EADDRINUSE`, `EACCES`). */
export async function requireFreePort(host: string, port: number): Promise<number> {
  if (port !== 0) return listenOnce(host, port);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(host, randomInt(found.from, found.below));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === attemptsMax) throw error;
    }
  }
}

async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
