/** Ports: one that is asked for and taken is said to be; one that was found stays ours until we let it go. */
import { createServer, type Server } from 'node:net';
import { holdPort, requireFreePort } from '../../src/database/free-port.js';

const host = '127.0.0.1';

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, host, () => resolve(server));
  });
}

test('a port that somebody listens on is refused with the system’s error, and is free when they are gone', async () => {
  const port = await requireFreePort(host, 0);
  const server = await listening(port);
  await expect(requireFreePort(host, port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  await new Promise((resolve) => server.close(resolve));
  expect(await requireFreePort(host, port)).toBe(port);
});

test('a port that is found is not one that systems give to whoever connects', async () => {
  for (let time = 0; time < 20; time += 1) expect(await requireFreePort(host, 0)).toBeLessThan(32_768);
});

test('a port that is held is nobody else’s until it is released, though somebody connects meanwhile', async () => {
  const held = await holdPort(host, 0);
  await expect(holdPort(host, held.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await fetch(`http://${host}:${held.port}/`).catch(() => undefined);
  await held.release();
  await held.release();
  const server = await listening(held.port);
  await new Promise((resolve) => server.close(resolve));
});
