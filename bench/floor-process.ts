/**
 * The floor: the same append and redeem statements as the service's, batched by the same code, from a bare client of PostgreSQL, with the real
 * signer publishing checkpoints. No HTTP, token, proof, policy, key, sealing or receipt: what is sealed in an item is random bytes of the
 * size that the service would send. It runs on a copy of the service's database, so both begin with the same rows.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { openPool } from '../src/database/pool.js';
import { boxBytes } from '../src/kernel/sealed-box.js';
import type { AppendItem } from '../src/provision/append-item.js';
import { GateService } from '../src/provision/gate.service.js';
import { detailBucketOf } from '../src/residents/entry-detail.js';
import { restOfDetail } from '../src/residents/provision-detail.js';
import { LogStoreService } from '../src/transparency-log/log-store.service.js';
import { KeyRing } from '../src/transparency-log/keys/key-ring.js';
import { PublicationService } from '../src/transparency-log/publication.service.js';
import { SignerService } from '../src/transparency-log/signer.service.js';
import { type AppendPlan, type AppendResult, runAppends as takeTurns } from './append-turns.js';
import { answerParent } from './child-process.js';
import { closedLoop, type LoopResult } from './closed-loop.js';

export interface FloorPlace {
  appUrl: string;
  signerUrl: string;
  keysDirectory: string;
  /** Of this floor alone. */
  directory: string;
  purpose: string;
  category: string;
}

export interface FloorResult {
  perSecond: number;
  done: number;
  seconds: number;
}

interface Floor {
  pool: Pool;
  signerPool: Pool;
  signer: SignerService;
  publication: PublicationService;
  gate: GateService;
  policy: string;
  items: AppendItem[];
}

let floor: Floor | null = null;

async function start(place: FloorPlace): Promise<void> {
  const pool = openPool({ url: place.appUrl, size: 12, applicationName: 'azukari floor' });
  const signerPool = openPool({ url: place.signerUrl, size: 3, applicationName: 'azukari floor signer' });
  const publication = new PublicationService(new LogStoreService(pool));
  const keys = new KeyRing(place.keysDirectory);
  const anchorFile = join(place.directory, 'anchor', 'checkpoint');
  const tilesDirectory = join(place.directory, 'tiles');
  const options = { keys, anchorFile, tilesDirectory, runsSigner: true };
  const signer = new SignerService(signerPool, options, publication);
  const gate = new GateService(pool, publication);
  const policy = await policyOf(pool);
  gate.decideBy(policy);
  await signer.start();
  floor = { pool, signerPool, signer, publication, gate, policy, items: await makeItems(pool, gate, place) };
}

async function policyOf(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ policy: string }>('SELECT policy FROM azukari.city');
  return rows[0]!.policy;
}

/** One item for every consent, complete but for its randomness. */
async function makeItems(pool: Pool, gate: GateService, { purpose, category }: FloorPlace): Promise<AppendItem[]> {
  const { rows } = await pool.query<{ recipient_id: string; program_id: string; pairwise_id: Buffer }>(
    "SELECT recipient_id, program_id, pairwise_id FROM azukari.consent WHERE state = 'active' ORDER BY pairwise_id",
  );
  return Promise.all(
    rows.map(async ({ recipient_id: recipientId, program_id: programId, pairwise_id: pairwiseId }) => {
      const read = { recipientId, programId, pairwiseId, purpose, categories: [category], from: null, to: null };
      const resolved = await gate.resolve(read);
      const rest = restOfDetail({ ...read, at: new Date(), fields: [['steps', 'time']], versions: resolved.versions });
      return {
        ...{
          ...read,
          residentId: resolved.resident!.id,
          versions: resolved.versions,
          refusal: null,
          commitment: randomBytes(32),
        },
        sealedDetail: noiseOf(boxBytes(32 + rest.length, detailBucketOf)),
        statutory: { period: new Date().toISOString().slice(0, 7), sealed: noiseOf(boxBytes(recordedResident)) },
      };
    }),
  );
}

const noise = randomBytes(2 ** 20);

/** Bytes of who is named in a record for the law: an id and a name of a few characters. */
const recordedResident = 75;

function noiseOf(sizeBytes: number): Buffer {
  const from = Math.trunc(Math.random() * (noise.length - sizeBytes));
  return noise.subarray(from, from + sizeBytes);
}

function randomItem({ items }: Floor): AppendItem {
  return { ...items[Math.trunc(Math.random() * items.length)]!, commitment: randomBytes(32) };
}

async function appendOne(own: Floor): Promise<number> {
  const { index, reason } = await own.gate.append(randomItem(own));
  if (reason !== null) throw new Error(`the floor was refused: ${reason}`);
  return index;
}

async function redeemOne({ gate }: Floor, index: number): Promise<void> {
  const redeemed = await gate.redeem(index);
  if (redeemed.outcome !== 'provided' || redeemed.records.length === 0)
    throw new Error(`the floor redeemed ${redeemed.outcome}`);
}

/**
 * Each of the clients always has one statement under way: it redeems what a checkpoint covers by now, else it appends. Nobody waits for a
 * checkpoint, so this is the most that the database does at this concurrency. It ends when everything appended is redeemed.
 */
async function runStatements({ inFlight, seconds }: { inFlight: number; seconds: number }): Promise<FloorResult> {
  const own = floor!;
  const covered: number[] = [];
  let appended = 0;
  let taken = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const waits: Promise<unknown>[] = [];
  const client = async () => {
    for (;;) {
      const index = covered.pop();
      if (index !== undefined) {
        taken += 1;
        await redeemOne(own, index);
      } else if (performance.now() < until) {
        const fresh = await appendOne(own);
        appended += 1;
        waits.push(own.publication.covering(fresh).then(() => covered.push(fresh)));
      } else if (taken < appended) {
        await own.publication.covering(await lastIndex(own));
      } else return;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  await Promise.all(waits);
  const elapsed = (performance.now() - startedAt) / 1000;
  return { perSecond: appended / elapsed, done: appended, seconds: elapsed };
}

function runAppends(plan: AppendPlan): Promise<AppendResult> {
  const own = floor!;
  return takeTurns({ ...own, makeItem: () => randomItem(own), append: (item) => own.gate.append(item) }, plan);
}

/** Makes the log as long as `size` with entries of the usual length, and waits until they are signed. */
async function grow({ size, ownerUrl }: { size: number; ownerUrl: string }): Promise<{ size: number }> {
  const own = floor!;
  const owner = openPool({ url: ownerUrl, size: 1, applicationName: 'azukari growth', statementTimeoutMs: 0 });
  try {
    const { entry } = await own.gate.append(randomItem(own));
    const text = `SELECT azukari.write_entries(azukari.lock_log(), array_fill($1::text, ARRAY[$2::integer]))`;
    for (let at = await lastIndex(own); at < size - 1; at = await lastIndex(own)) {
      await owner.query({ name: 'grow', text, values: [entry, Math.min(10_000, size - 1 - at)] });
      own.publication.appended();
    }
    const covered = await untilSigned(own, size);
    // Else autovacuum and the writing back of what has grown would be measured too.
    for (const text of ['VACUUM (ANALYZE) azukari.log_entry', 'CHECKPOINT']) await owner.query(text);
    return { size: covered };
  } finally {
    await owner.end();
  }
}

async function untilSigned({ publication }: Floor, size: number): Promise<number> {
  for (let wait = 0; wait < 600; wait += 1) {
    const covered = await publication.covering(size - 1).catch(() => null);
    if (covered !== null) return covered.size;
  }
  throw new Error('the grown log was not signed');
}

async function lastIndex({ pool }: Floor): Promise<number> {
  const { rows } = await pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
  return rows[0]!.size - 1;
}

/** Each client appends, waits for the checkpoint and redeems, as one read of the service does. */
function runReads({ inFlight, seconds }: { inFlight: number; seconds: number }): Promise<LoopResult> {
  const own = floor!;
  return closedLoop(inFlight, seconds, async () => {
    const index = await appendOne(own);
    await own.publication.covering(index);
    await redeemOne(own, index);
  });
}

answerParent({ start, runStatements, runReads, runAppends, grow, usage }, async () => {
  if (floor === null) return;
  await floor.signer.onApplicationShutdown();
  await floor.pool.end();
  await floor.signerPool.end();
});

function usage(): { cpuSeconds: number } {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6 };
}
