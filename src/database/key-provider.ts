/**
 * Wraps and unwraps keys. An interface, because where the key-encryption key lives is the operator's choice: a file
 * (default), a PKCS#11 token or a cloud's key service. The context is authenticated: a wrapped key opens only where it belongs.
 */
import { randomBytes } from 'node:crypto';
import { findSecretFile, writeSecretFile } from './secret-file.js';
import { fromBase64url, secretKey, toBase64url } from '../kernel/bytes.js';
import { bind, seal, unseal, type SealingKey } from '../kernel/sealed-box.js';

export interface KeyProvider {
  /** @param key the 32 bytes to wrap. @param context what the key is and whose, e.g. `['data', residentId, '1']`. */
  wrap(key: Uint8Array, context: readonly string[]): Promise<Buffer>;
  /** Throws `UnsealError` when the wrapped key was altered, swapped or belongs to another context. */
  unwrap(wrapped: Buffer, context: readonly string[]): Promise<Buffer>;
}

export const KEY_PROVIDER = Symbol('key provider');

const name = 'azukari/wrapped-key/v1';

/** The key-encryption key in a file of mode 0600, made when there is none. */
export class FileKeyProvider implements KeyProvider {
  private constructor(private readonly key: SealingKey) {}

  /** @param path the file: 32 bytes as base64url. */
  static async open(path: string): Promise<FileKeyProvider> {
    let text = await findSecretFile(path);
    if (text === null) {
      text = toBase64url(randomBytes(32));
      await writeSecretFile(path, text);
    }
    const secret = fromBase64url(text.trim());
    if (secret?.length !== 32) throw new Error(`the key file ${path} does not hold a key of 32 bytes`);
    return new FileKeyProvider({ secret: secretKey(secret), epoch: 1 });
  }

  async wrap(key: Uint8Array, context: readonly string[]): Promise<Buffer> {
    return seal(this.key, key, bind(name, ...context));
  }

  async unwrap(wrapped: Buffer, context: readonly string[]): Promise<Buffer> {
    return unseal(this.key, wrapped, bind(name, ...context));
  }
}
