/**
 * `azukari signer`: the signer as a role of its own. It needs the signer's database role, the log's signing keys, the anchor and the tiles, and
 * nothing else: no HTTP, no key store, no right to read anything but the log.
 */
import { join } from 'node:path';
import { requireLogKeys } from './city-keys.js';
import { findCity } from './database/city.js';
import { openPool } from './database/pool.js';
import { assertLeastPrivilege } from './database/roles.js';
import type { Part } from './further-process.js';
import { NoCity } from './no-city.js';
import { standingKeys } from './transparency-log/keys/key-standing.js';
import { readAllLogKeys, readLogKeys } from './transparency-log/keys/log-keys.js';
import { LogStoreService } from './transparency-log/log-store.service.js';
import { PublicationService } from './transparency-log/publication.service.js';
import { SignerService } from './transparency-log/signer.service.js';
import { CosignerService } from './transparency-log/witness/cosigner.service.js';
import { type WitnessAddresses, witnessesOf } from './transparency-log/witness/witness-settings.js';

export interface SignerOptions {
  signerUrl: string;
  keysDirectory: string;
  anchorDirectory: string;
  tilesDirectory: string;
  /** As for the service. */
  witnesses: WitnessAddresses | null;
}

export interface RunningSigner extends Part {
  origin: string;
  /** Told of every checkpoint; to be told of every append. */
  publication: PublicationService;
}

/** Starts signing, or standing by while another leads. On failure everything that was opened is closed again. */
export async function startSigner(options: SignerOptions): Promise<RunningSigner> {
  const pool = openPool({ url: options.signerUrl, size: 4, applicationName: 'azukari signer' });
  const closers: (() => Promise<unknown>)[] = [() => pool.end()];
  // What cannot be closed must not keep open what comes after it.
  const stop = async () => {
    let failure: unknown = null;
    for (const close of closers.splice(0).reverse()) await close().catch((error: unknown) => (failure ??= error));
    if (failure !== null) throw failure;
  };
  try {
    await assertLeastPrivilege(pool);
    const city = await findCity(pool);
    if (city === null) throw new NoCity();
    const standing = standingKeys(await readLogKeys(pool)).map(({ vkey }) => vkey);
    const log = {
      keys: await requireLogKeys(options.keysDirectory, standing),
      witnesses: await witnessesOf(options.witnesses, await readAllLogKeys(pool), pool),
      anchorFile: join(options.anchorDirectory, 'checkpoint'),
      tilesDirectory: options.tilesDirectory,
      runsSigner: true,
    };
    const publication = new PublicationService(new LogStoreService(pool));
    const [signer, cosigner] = [new SignerService(pool, log, publication), new CosignerService(pool, log, publication)];
    closers.push(
      () => signer.onApplicationShutdown(),
      () => cosigner.onApplicationShutdown(),
    );
    await signer.start();
    await cosigner.start();
    return { origin: city.logOrigin, publication, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
