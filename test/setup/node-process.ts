/** One node as a process of its own: takes its options from its parent, tells its port and every failure of ours, ends with its parent. */
import { SecurityLog } from '../../src/http/security-log.js';
import { type ServiceOptions, startService } from '../../src/service.js';

export type NodeOptions = Omit<ServiceOptions, 'logger' | 'http'>;

export type NodeMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'incident'; readonly line: string };

function tell(message: NodeMessage): void {
  if (process.connected) process.send!(message);
}

const options = JSON.parse(process.env.AZUKARI_TEST_NODE!) as NodeOptions;

try {
  const service = await startService({
    ...options,
    // As `npm start` does.
    signsInThread: true,
    logger: false,
    http: { securityLog: new SecurityLog(() => undefined), incidentSink: (line) => tell({ kind: 'incident', line }) },
  });
  process.once('disconnect', () => void service.stop().finally(() => process.exit(0)));
  tell({ kind: 'listening', port: service.address.port });
} catch (error) {
  tell({ kind: 'failed', message: String((error as Error).stack) });
  process.disconnect();
}
