/** What runs in the signer's thread: see `signer-thread.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { Logger } from '@nestjs/common';
import { startSigner } from './signer-process.js';
import type { FromSigner, SignerThreadOptions, ToSigner } from './signer-thread.js';

const options = workerData as SignerThreadOptions;
const parent = parentPort!;

function tell(message: FromSigner): void {
  parent.postMessage(message);
}

Logger.overrideLogger(options.isQuiet ? false : ['warn', 'error', 'fatal']);
try {
  const { publication, stop } = await startSigner(options);
  publication.onPublish((checkpoint) => tell({ kind: 'published', checkpoint }));
  publication.onWitness((checkpoint) => tell({ kind: 'witnessed', checkpoint }));
  parent.on('message', (message: ToSigner) => {
    if (message === 'appended') publication.appended();
    else void stop().finally(() => parent.close());
  });
  tell({ kind: 'started' });
} catch (error) {
  const { name, code, message } = error as Error & { code?: string };
  tell({ kind: 'failed', name, code, message });
}
