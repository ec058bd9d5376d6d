/**
 * Changing the log's signing key: the new one is introduced by an entry and signs beside the old one, until the old one is retired by an
 * entry. Each step is durable before the next begins and may be repeated: a rotation cut short is taken up by asking for it again.
 */
import { type Pool } from 'pg';
import { inOneStatement } from '../../database/pool.js';
import { encodeVerifierKey } from '../note-key.js';
import type { KeyRing } from './key-ring.js';
import { type KeyStanding, standingKeys } from './key-standing.js';
import { readLogKeys } from './log-keys.js';

export type Rotation =
  | { readonly outcome: 'introduced'; readonly vkey: string; readonly index: number; readonly old: string }
  /** Two keys stand already, the older first. */
  | { readonly outcome: 'under-way'; readonly standing: readonly KeyStanding[] }
  | Refused;

export type Retirement =
  { readonly outcome: 'retired'; readonly vkey: string; readonly index: number; readonly standing: string } | Refused;

/** Nothing was changed; the sentence says why. */
interface Refused {
  readonly outcome: 'refused';
  readonly sentence: string;
}

/** Introduces a new key. @param pool as azukari_signer */
export async function rotateKey(pool: Pool, ring: KeyRing): Promise<Rotation> {
  const keys = await readLogKeys(pool);
  const standing = standingKeys(keys);
  if (standing.length > 1) return { outcome: 'under-way', standing };
  const old = standing[0]!.vkey;
  const name = old.split('+')[0]!;
  // One that was made and never introduced: the last attempt was cut short between the two.
  const waiting = (await ring.all()).find(
    (key) => key.name === name && keys.every(({ vkey }) => vkey !== encodeVerifierKey(key)),
  );
  const vkey = encodeVerifierKey(waiting ?? (await ring.make(name)));
  try {
    const text = 'SELECT azukari.introduce_log_key($1) AS index';
    const { rows } = await inOneStatement<{ index: number }>(pool, { text, values: [vkey] });
    return { outcome: 'introduced', vkey, index: rows[0]!.index, old };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'AZ002') return { outcome: 'refused', sentence: refusals[code]! };
    if (code !== 'AZ409') throw error;
    return { outcome: 'under-way', standing: standingKeys(await readLogKeys(pool)) };
  }
}

/** Retires a key. @param pool as azukari_signer @param keyId 8 hex digits */
export async function retireKey(pool: Pool, keyId: string): Promise<Retirement> {
  const keys = await readLogKeys(pool);
  const named = keys.find(({ vkey }) => vkey.split('+')[1] === keyId);
  if (!named) return { outcome: 'refused', sentence: `the log has no key ${keyId}` };
  try {
    const text = 'SELECT azukari.retire_log_key($1) AS index';
    const { rows } = await inOneStatement<{ index: number }>(pool, { text, values: [named.vkey] });
    const standing = standingKeys(await readLogKeys(pool)).at(-1)!.vkey;
    return { outcome: 'retired', vkey: named.vkey, index: rows[0]!.index, standing };
  } catch (error) {
    const sentence = refusals[(error as { code?: string }).code ?? ''];
    if (sentence === undefined) throw error;
    return { outcome: 'refused', sentence };
  }
}

const refusals: Readonly<Record<string, string>> = {
  AZ002: 'the log is frozen',
  AZ409: 'it is the only key of the log: rotate first',
  AZ425: 'the new key has not signed a checkpoint yet: let the service run with both keys, then try again',
};
