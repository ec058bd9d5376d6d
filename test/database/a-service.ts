/**
 * A process of its own that holds a cluster, for tests to kill: `node a-service.js <directory>` prints one JSON line
 * when the database is up, and stays until it is told to go.
 */
import { startEmbeddedCluster } from '../../src/database/embedded-cluster.js';

const sentences: string[] = [];
try {
  const cluster = await startEmbeddedCluster({
    directory: process.argv[2] ?? '',
    report: (sentence) => sentences.push(sentence),
  });
  process.once('SIGTERM', () => void cluster.stop().then(() => process.exit(0)));
  const { adminUrl, postmasterPid, isFresh } = cluster;
  console.log(JSON.stringify({ adminUrl, postmasterPid, isFresh, sentences }));
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(
    JSON.stringify({ code: (error as { code?: string }).code, message: (error as Error).message, sentences }),
  );
}
