/**
 * What the witnesses of a policy hold of a log (c2sp.org/tlog-witness, monitor retrieval; the submission prefix serves for both). They remember
 * outside the city what it has signed, so whoever put back database, anchor and tiles together is found out by them. Nothing they answer is
 * believed but a checkpoint that the log's own key signed.
 */
import { sha256, toHex, utf8 } from '../../kernel/bytes.js';
import { openCheckpoint, type OpenCheckpoint, type Trust } from '../checkpoint.js';
import type { WitnessPolicy } from './witness-policy.js';

export interface HeldByWitness {
  /** Its name within the policy. */
  readonly witness: string;
  readonly checkpoint: OpenCheckpoint;
}

/** So long a start waits for a witness that does not answer. */
const deadlineMs = 1_500;
const answerBytesMax = 16 * 1024;

/** Asks all at once. Who does not answer in time, or with nothing that this log signed, does not count. Never throws. */
export async function heldByWitnesses(policy: WitnessPolicy, trust: Trust): Promise<HeldByWitness[]> {
  const path = `${toHex(sha256(utf8(trust.origin)))}/checkpoint`;
  const asked = policy.witnesses.map(async ({ name, url }): Promise<HeldByWitness | null> => {
    if (url === null) return null;
    try {
      const note = await read(`${url.replace(/\/+$/, '')}/${path}`);
      return { witness: name, checkpoint: openCheckpoint(note, trust) };
    } catch {
      return null;
    }
  });
  return (await Promise.all(asked)).filter((held) => held !== null);
}

async function read(url: string): Promise<Buffer> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(deadlineMs) });
  if (response.status !== 200) throw new Error(`it answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > answerBytesMax) throw new Error('it answers too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
