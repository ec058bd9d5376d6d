/** Jest's global teardown: stops the run's PostgreSQL and removes its directory. */
import { rm } from 'node:fs/promises';
import './start-cluster.js';

export default async function stopCluster(): Promise<void> {
  const running = globalThis.azukariTestCluster;
  if (running === undefined) return;
  await running.cluster.stop();
  await rm(running.directory, { recursive: true, force: true });
}
