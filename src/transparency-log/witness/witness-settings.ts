/** The witness policy as the service uses it: checked against the service's own log, and every witness with an address to ask. */
import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import { VerificationError } from '../finding.js';
import { encodeVerifierKey } from '../note-key.js';
import { parseWitnessPolicy, type WitnessPolicy } from './witness-policy.js';

export interface WitnessSettings {
  readonly policy: WitnessPolicy;
  /** How long provisions of any category go on without a quorum. */
  readonly limitMinutes: number;
  /** How many policies the city had named before the file was read: who named one since knows better than the file. */
  readonly namedBefore: number;
}

/** Where the operator says who witnesses: a policy file, and how long provisions go on without a quorum. */
export interface WitnessAddresses {
  readonly policyFile: string;
  readonly limitMinutes: number;
}

/** One sentence that names the file. */
export class WitnessPolicyUnusable extends Error {
  override readonly name = 'WitnessPolicyUnusable';
}

/** The settings of `addresses`, or null where there are none. @param pool as azukari_signer @throws WitnessPolicyUnusable */
export async function witnessesOf(
  addresses: WitnessAddresses | null | undefined,
  vkeys: readonly string[],
  pool: Pool,
): Promise<WitnessSettings | null> {
  if (!addresses) return null;
  // Before the file: counted after it, a policy that came into force in between would pass for one that its author knew.
  const { rows } = await pool.query<{ named: number }>(
    'SELECT count(*)::integer AS named FROM azukari.witness_policy_named',
  );
  const settings = await readWitnessSettings(addresses.policyFile, addresses.limitMinutes, vkeys);
  return { ...settings, namedBefore: rows[0]!.named };
}

/** @param vkeys every key that the logs to be witnessed ever had: a policy may name any of them. @throws WitnessPolicyUnusable */
export async function readWitnessSettings(
  file: string,
  limitMinutes: number,
  vkeys: readonly string[],
): Promise<Omit<WitnessSettings, 'namedBefore'>> {
  const refuse = (why: string) => new WitnessPolicyUnusable(`the witness policy ${file} cannot be used: ${why}`);
  try {
    const policy = parseWitnessPolicy(await readFile(file));
    const own = new Set(vkeys);
    if (policy.logs.length > 0 && !policy.logs.some((key) => own.has(encodeVerifierKey(key)))) {
      throw refuse('it names logs, and ours is not among them');
    }
    const asked = policy.witnesses.filter(({ url }) => url !== null);
    const wrong = asked.find(({ url }) => !isAddress(url!));
    if (wrong) throw refuse(`${wrong.url} is not an https address (http only on this machine)`);
    if (!policy.isQuorum(new Set(asked.map(({ key }) => key)))) {
      throw refuse('the witnesses it gives an address for are not a quorum');
    }
    return { policy, limitMinutes };
  } catch (error) {
    if (error instanceof VerificationError) throw refuse(error.message);
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : refuse(code);
  }
}

/** Requests go to these addresses and nowhere else: no redirects, no credentials, nothing that a path could be added to wrongly. */
function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isHere)) && `${username}${password}${search}${hash}` === '';
}
