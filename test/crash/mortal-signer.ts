/** A signer as a process of its own. It signs until its parent ends, or until it has done the step at which it was told to die. */
import { subscribe } from 'node:diagnostics_channel';
import { Logger } from '@nestjs/common';
import { openPool } from '../../src/database/pool.js';
import { LogStoreService } from '../../src/transparency-log/log-store.service.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { PublicationService } from '../../src/transparency-log/publication.service.js';
import { SignerService } from '../../src/transparency-log/signer.service.js';
import type { MortalPlace } from './fork-signer.js';

Logger.overrideLogger(false);
const { keysDirectory, signerUrl, ...files } = JSON.parse(process.env.AZUKARI_TEST_SIGNER!) as MortalPlace;
const pool = openPool({ url: signerUrl, size: 3, applicationName: 'mortal signer' });
const options = { keys: new KeyRing(keysDirectory), ...files, runsSigner: true };
const signer = new SignerService(pool, options, new PublicationService(new LogStoreService(pool)));

let last: string | null = null;
subscribe('azukari.signer.step', (message) => {
  // Nothing of this process runs after this line.
  if ((message as { step: string }).step === last) process.kill(process.pid, 'SIGKILL');
});
process.on('message', (step: string) => {
  last = step;
  process.send!('armed');
});
process.on('disconnect', () => process.exit(0));
await signer.start();
process.send!('signing');
