/**
 * Ports of this machine: whether one is free, and finding one. Between asking and listening it may be taken, and listening then says so. One that was found
 * is taken by hardly anybody: it lies below those that a system gives to whoever connects (from 32,768 on Linux, from 49,152 elsewhere).
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const found = { from: 20_000, below: 32_000 };
const attemptsMax = 100;

export interface HeldPort {
  port: number;
  /** Whoever is to listen there listens at once. */
  release(): Promise<void>;
}

/** Resolves with the port when it is free; 0 finds a free one. Rejects with the system's error (`EADDRINUSE`, `EACCES`). */
export async function requireFreePort(host: string, port: number): Promise<number> {
  const held = await holdPort(host, port);
  await held.release();
  return held.port;
}

/** The same; and until it is released, nobody else can have it. */
export async function holdPort(host: string, port: number): Promise<HeldPort> {
  if (port !== 0) return listen(host, port);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listen(host, randomInt(found.from, found.below));
    } catch (error) {
      // Taken, or kept back by the system (Windows).
      const isAnothers = ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (!isAnothers || attempt === attemptsMax) throw error;
    }
  }
}

async function listen(host: string, port: number): Promise<HeldPort> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}
