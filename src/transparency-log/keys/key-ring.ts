/**
 * The log's private keys on this machine: one file each in the keys' directory, the first named `log-signing-key`, every later one with its
 * id behind that. A key is durable before anybody hears of it, and one that another process of this machine has made is found when it
 * is asked for.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findSecretFile, writeSecretFile } from '../../database/secret-file.js';
import { encodeVerifierKey, generateNoteKey, parseSigningKey, type SigningKey } from '../note-key.js';

export const logKeyFile = 'log-signing-key';
const filePattern = /^log-signing-key(\.[0-9a-f]{8})?$/;

export class KeyRing {
  private known = new Map<string, SigningKey>();

  constructor(private readonly directory: string) {}

  /** The private half of a public key, or null where this machine does not have it. */
  async find(vkey: string): Promise<SigningKey | null> {
    if (!this.known.has(vkey)) await this.all();
    return this.known.get(vkey) ?? null;
  }

  /** Those of the keys that are here, in their order. */
  async findAll(vkeys: readonly string[]): Promise<SigningKey[]> {
    const found = await Promise.all(vkeys.map((vkey) => this.find(vkey)));
    return found.filter((key) => key !== null);
  }

  /** Every key in the directory. Throws `VerificationError` when one of the files is damaged. */
  async all(): Promise<SigningKey[]> {
    const names = (await this.fileNames()).filter((name) => filePattern.test(name)).sort();
    const texts = await Promise.all(names.map((name) => findSecretFile(join(this.directory, name))));
    const keys = texts.filter((text) => text !== null).map((text) => parseSigningKey(text.trim()));
    this.known = new Map(keys.map((key) => [encodeVerifierKey(key), key]));
    return keys;
  }

  private async fileNames(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** The key a log begins with: the one that is here, or a new one. */
  async first(origin: string): Promise<SigningKey> {
    const kept = await findSecretFile(join(this.directory, logKeyFile));
    if (kept !== null) return parseSigningKey(kept.trim());
    return this.write(logKeyFile, generateNoteKey(origin).skey);
  }

  /** A new key, durable when it returns. */
  async make(origin: string): Promise<SigningKey> {
    const { skey, vkey } = generateNoteKey(origin);
    return this.write(`${logKeyFile}.${vkey.split('+')[1]!}`, skey);
  }

  private async write(name: string, skey: string): Promise<SigningKey> {
    await writeSecretFile(join(this.directory, name), skey);
    return parseSigningKey(skey);
  }
}
