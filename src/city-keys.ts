/** The keys a service holds in files outside the key store. The service that founds a city makes them at first need; any further process only reads. */
import { join } from 'node:path';
import type { JWK } from 'oidc-provider';
import { ReceiptSigner } from './consents/consent-receipt.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { FileKeyProvider } from './database/key-provider.js';
import { findSecretFile, writeSecretFile } from './database/secret-file.js';
import { newSigningKey } from './tokens/server/issuer.js';
import { VerificationError } from './transparency-log/finding.js';
import { KeyRing } from './transparency-log/keys/key-ring.js';

const oauthKeyFile = 'oauth-signing-key.jwk';
const receiptsKeyFile = 'consent-receipts.pem';
const keyEncryptionKeyFile = 'key-encryption-key';

/** Every key that a node holds, and the ring of those that sign the log. */
export async function openCityKeys(directory: string) {
  return {
    provider: await FileKeyProvider.open(join(directory, keyEncryptionKeyFile)),
    receipts: await ReceiptSigner.open(join(directory, receiptsKeyFile)),
    log: new KeyRing(directory),
    oauth: [
      JSON.parse(await keep(join(directory, oauthKeyFile), () => JSON.stringify(newSigningKey()))) as JWK,
    ] as const,
  };
}

/**
 * The ring of a log that is there already: of its keys that stand, one at least must be in it.
 * @param vkeys the log's standing keys, as the database names them
 * @throws DatabaseStartError `another-city`, `damaged-directory`
 */
export async function requireLogKeys(directory: string, vkeys: readonly string[]): Promise<KeyRing> {
  const ring = new KeyRing(directory);
  try {
    if ((await ring.findAll(vkeys)).length > 0) return ring;
  } catch (cause) {
    if (!(cause instanceof VerificationError)) throw cause;
    const sentence = `a key file of the log in ${directory} is damaged (${cause.code}); put it back from its backup`;
    throw new DatabaseStartError('damaged-directory', sentence, { cause });
  }
  const sentence = `the database holds a city whose keys are not in ${directory}: use that city's data directory, or another database`;
  throw new DatabaseStartError('another-city', sentence);
}

/** @throws DatabaseStartError `damaged-directory`, naming the first key file that is missing. Those of the log are asked for by `requireLogKeys`. */
export async function requireKeyFiles(directory: string): Promise<void> {
  for (const name of [keyEncryptionKeyFile, receiptsKeyFile, oauthKeyFile]) {
    if ((await findSecretFile(join(directory, name))) !== null) continue;
    throw new DatabaseStartError('damaged-directory', `the key file ${join(directory, name)} is missing`);
  }
}

async function keep(file: string, make: () => string): Promise<string> {
  const kept = await findSecretFile(file);
  if (kept !== null) return kept;
  const made = make();
  await writeSecretFile(file, made);
  return made;
}
