/** The keys a service holds in files outside the key store. The service that founds a city makes them at first need; any further process only reads. */
import { join } from 'node:path';
import type { JWK } from 'oidc-provider';
import { ReceiptSigner } from './consents/consent-receipt.js';
import { DatabaseStartError } from './database/database-start-error.js';
import { FileKeyProvider } from './database/key-provider.js';
import { findSecretFile, writeSecretFile } from './database/secret-file.js';
import { newSigningKey } from './tokens/server/issuer.js';
import { encodeVerifierKey, generateNoteKey, parseSigningKey, type SigningKey } from './transparency-log/note-key.js';

/** The log's signing key, in the keys' directory. */
export const logKeyFile = 'log-signing-key';
const oauthKeyFile = 'oauth-signing-key.jwk';
const receiptsKeyFile = 'consent-receipts.pem';
const keyEncryptionKeyFile = 'key-encryption-key';

/** Every key that a node holds. */
export async function openCityKeys(directory: string, origin: string) {
  return {
    provider: await FileKeyProvider.open(join(directory, keyEncryptionKeyFile)),
    receipts: await ReceiptSigner.open(join(directory, receiptsKeyFile)),
    log: await openLogKey(directory, origin),
    oauth: [
      JSON.parse(await keep(join(directory, oauthKeyFile), () => JSON.stringify(newSigningKey()))) as JWK,
    ] as const,
  };
}

/** Made when there is none. */
export async function openLogKey(directory: string, origin: string): Promise<SigningKey> {
  return parseSigningKey(await keep(join(directory, logKeyFile), () => generateNoteKey(origin).skey));
}

/**
 * For a process that makes nothing: the key of the log whose public key is `vkey`.
 * @throws DatabaseStartError `another-city`
 */
export async function requireLogKey(directory: string, vkey: string): Promise<SigningKey> {
  const skey = await findSecretFile(join(directory, logKeyFile));
  if (skey !== null) {
    const key = parseSigningKey(skey);
    if (encodeVerifierKey(key) === vkey) return key;
  }
  const sentence = `the database holds a city whose keys are not in ${directory}: use that city's data directory, or another database`;
  throw new DatabaseStartError('another-city', sentence);
}

/** @throws DatabaseStartError `damaged-directory`, naming the first key file that is missing. */
export async function requireKeyFiles(directory: string): Promise<void> {
  for (const name of [keyEncryptionKeyFile, receiptsKeyFile, logKeyFile, oauthKeyFile]) {
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
