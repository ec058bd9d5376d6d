/**
 * The public keys by which recipients authenticate. Keys come by value only, are checked when they are registered, and are
 * read from the database at every request: a removed key is refused on all nodes at once.
 */
import { DatabaseError, type Pool } from 'pg';
import { inOneStatement } from '../database/pool.js';
import { Mistake } from '../kernel/errors.js';
import { readPublicKey, UnsoundKey } from './proof/public-key.js';
import { isJsonObject } from './proof/strict-json.js';

export interface RegisteredKey {
  readonly clientId: string;
  /** RFC 7638, base64url. */
  readonly thumbprint: string;
  readonly kid: string;
}

/**
 * Makes `jwk` (P-256, Ed25519 or RSA of 2048 bits or more; public) a key of the recipient's client. Without a `kid` the
 * thumbprint is its name.
 * @throws Mistake `invalid-request` for a weak, private or malformed key; `not-found`; `conflict` for a key that was
 * registered before, and for a ninth key
 */
export async function registerClientKey(pool: Pool, recipientId: string, jwk: unknown): Promise<RegisteredKey> {
  const key = orMistake(() => readPublicKey(jwk));
  const stated = isJsonObject(jwk) ? jwk.kid : undefined;
  if (stated !== undefined && !(typeof stated === 'string' && stated.length >= 1 && stated.length <= 200)) {
    throw new Mistake('invalid-request', 'kid is not 1 to 200 characters');
  }
  const kid = stated ?? key.thumbprint;
  const { rows } = await translated(() =>
    inOneStatement<{ client_id: string }>(pool, {
      text: 'SELECT azukari.register_client_key($1, $2, $3, $4) AS client_id',
      values: [recipientId, key.thumbprint, kid, JSON.stringify(key.jwk)],
    }),
  );
  return { clientId: rows[0]!.client_id, thumbprint: key.thumbprint, kid };
}

/** Removes a key and ends the recipient's access tokens. Returns whether there was such a key in force. */
export async function removeClientKey(pool: Pool, recipientId: string, thumbprint: string): Promise<boolean> {
  const { rows } = await inOneStatement<{ removed: boolean }>(pool, {
    text: 'SELECT azukari.remove_client_key($1, $2) AS removed',
    values: [recipientId, thumbprint],
  });
  return rows[0]!.removed;
}

function orMistake<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnsoundKey) throw new Mistake('invalid-request', error.message);
    throw error;
  }
}

async function translated<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DatabaseError && error.code === 'AZ404') throw new Mistake('not-found', error.message);
    if (error instanceof DatabaseError && error.code === 'AZ409') throw new Mistake('conflict', error.message);
    throw error;
  }
}
