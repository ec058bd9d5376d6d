/**
 * Erasure (design section 6). In this order: the entry and the end of everything in the database (one transaction), the journal, the keys in
 * their own database. Each step can be done twice, and whatever was cut short is taken up again, here and on every other node: by the sweep
 * while the service runs; when a backup was put back by the journal, and by city and key store, each of which remembers whom it has erased.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseError, Pool } from 'pg';
import { APP_POOL } from '../database/connections.js';
import { inOneRun } from '../database/database-run.js';
import { idPages } from '../database/id-pages.js';
import { inOneStatement } from '../database/pool.js';
import { WITHDRAWAL_JOURNAL, WithdrawalJournal } from '../database/withdrawal-journal.js';
import { toBase64url } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { encodePairwiseId, pairwiseIdOf, selfRecipient } from '../kernel/pairwise-id.js';
import { ResidentKeysService } from '../residents/resident-keys.service.js';
import { PublicationService } from '../transparency-log/publication.service.js';
import type { Receipt } from '../transparency-log/receipt.js';
import { ReceiptsService } from '../transparency-log/receipts.service.js';
import { commitmentOf } from '../transparency-log/tag.js';

export interface Erased {
  erasedAt: Date;
  /** Of the entry, in its log. */
  logIndex: number;
  /**
   * The erasure receipt: what the entry commits to, which nobody but the resident has from here on, and the proof that the entry stands in the signed
   * log. Without the proof where none was signed within three seconds; null when it was handed out before.
   */
  receipt: Receipt | Omit<Receipt, 'proof'> | null;
}

interface Row {
  erased_at: Date;
  /** Its number in the database, and its place in its log. */
  number: number;
  place: number;
  entry: string | null;
}

const proofWaitMs = 3_000;

const atOnceMax = 100;

@Injectable()
export class ErasureService {
  /** The newest erasure that this node has heard of, by the number of its entry in the database; null before the first look. */
  private seen: number | null = null;

  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    private readonly keys: ResidentKeysService,
    private readonly publication: PublicationService,
    private readonly receipts: ReceiptsService,
    @Inject(WITHDRAWAL_JOURNAL) private readonly journal: WithdrawalJournal,
  ) {}

  /**
   * Once this has returned, nothing that was kept about the resident can be read any more, here or in a backup, but the record that the law
   * demands of provisions (APPI article 29), until its date. It waits for no checkpoint, and asks nothing of program, recipient, policy or signer.
   * @throws Mistake `not-found` when there is no such resident
   */
  async erase(residentId: Uuid, now: Date): Promise<Erased> {
    const pairwiseId = await this.ownId(residentId);
    const nonce = randomBytes(32);
    const detail = toCanonicalJson({ erased: true, at: now.toISOString(), ...(pairwiseId && { pairwiseId }) });
    const {
      erased_at: erasedAt,
      number,
      place,
      entry,
    } = await inOneRun(this.pool, async () => {
      const row = await this.eraseRows(residentId, nonce, detail);
      this.publication.appended();
      await this.complete(residentId, row.erased_at);
      return row;
    });
    const opening = entry === null ? null : { entry, nonce: toBase64url(nonce), detail };
    const proof = opening && (await this.proofOf(number));
    return { erasedAt, logIndex: place, receipt: opening && (proof === null ? opening : { ...opening, proof }) };
  }

  /** Everything is done; whether it is signed by now is no reason to say that it is not. */
  private async proofOf(index: number): Promise<string | null> {
    const proof = this.publication.covering(index).then((checkpoint) => this.receipts.proof(index, checkpoint));
    return Promise.race([proof.catch(() => null), pause(proofWaitMs, null, { ref: false })]);
  }

  /**
   * For residents who were erased, as the journal or the key store says: whatever a backup that was put back still has of them goes again. Of those whom the database
   * knows, the log gets another entry. Returns of how many there was something.
   */
  async eraseAgain(residentIds: readonly Uuid[], now: Date): Promise<number> {
    const { rows } = await this.pool.query<{ id: Uuid }>(
      'SELECT id FROM azukari.resident WHERE id = ANY ($1::uuid[])',
      [residentIds],
    );
    const detail = toCanonicalJson({ erased: true, at: now.toISOString(), restored: true });
    for (const { id } of rows) await this.eraseRows(id, randomBytes(32), detail);
    if (rows.length > 0) this.publication.appended();
    return Math.max(rows.length, await this.keys.destroy(residentIds));
  }

  /**
   * City and key store have backups of their own, and either may be older than the other: whoever is erased in the one is erased in the other as well.
   * Returns of how many something was left.
   */
  async agreeWithKeyStore(now: Date): Promise<number> {
    let left = 0;
    for await (const ids of this.keys.destroyed()) left += await this.eraseAgain(ids, now);
    const erased = 'SELECT resident_id AS id FROM azukari.erasure WHERE resident_id > $1 ORDER BY resident_id LIMIT $2';
    for await (const ids of idPages(this.pool, erased)) left += await this.keys.destroy(ids);
    return left;
  }

  /** Takes up what was cut short, on whatever node, and forgets keys that other nodes have destroyed. Returns how many are not finished yet. */
  async goOn(): Promise<number> {
    await this.forgetErased();
    const { rows } = await this.pool.query<{ id: Uuid; erased_at: Date; is_destroyed: boolean }>({
      name: 'erasures to finish',
      text: `SELECT resident_id AS id, erased_at, keys_destroyed_at IS NOT NULL AS is_destroyed FROM azukari.erasure
             WHERE finished_at IS NULL ORDER BY keys_destroyed_at IS NOT NULL, erased_at LIMIT $1`,
      values: [atOnceMax],
    });
    let open = 0;
    for (const { id, erased_at: erasedAt, is_destroyed: isDestroyed } of rows) {
      this.keys.forget([id]);
      const isFinished = isDestroyed ? await this.finish(id) : await this.complete(id, erasedAt);
      if (!isFinished) open += 1;
    }
    return open;
  }

  /**
   * Also of erasures that were finished while this node was stopped or cut off. Those before the first look are of no concern: what is in memory by then was
   * read since the start, or is one that is not finished.
   */
  private async forgetErased(): Promise<void> {
    const { rows } = await this.pool.query<{ number: number; id: Uuid }>({
      name: 'erasures since',
      text: `SELECT log_index AS number, resident_id AS id FROM azukari.erasure
             WHERE log_index > coalesce($1, (SELECT max(log_index) - 1 FROM azukari.erasure)) ORDER BY log_index`,
      values: [this.seen],
    });
    this.keys.forget(rows.map(({ id }) => id));
    this.seen = rows.at(-1)?.number ?? this.seen ?? -1;
  }

  /** The second and the third step. */
  private async complete(residentId: Uuid, erasedAt: Date): Promise<boolean> {
    await this.journal.append({ kind: 'erasure', residentId, at: erasedAt.toISOString() });
    await this.keys.destroy([residentId]);
    return this.finish(residentId);
  }

  private async finish(residentId: Uuid): Promise<boolean> {
    try {
      const { rows } = await inOneStatement<{ is_finished: boolean }>(this.pool, {
        name: 'finish erasure',
        text: 'SELECT azukari.finish_erasure($1) AS is_finished',
        values: [residentId],
      });
      return rows[0]!.is_finished;
    } catch (error) {
      // A replica without it has taken over meanwhile: the journal knows, and whoever asked is told that the outcome is not known.
      if (isMissing(error)) return false;
      throw error;
    }
  }

  private async eraseRows(residentId: Uuid, nonce: Buffer, detail: string): Promise<Row> {
    try {
      const { rows } = await inOneStatement<Row>(this.pool, {
        name: 'erase resident',
        text: 'SELECT erased_at, log_index AS number, azukari.place_in_log(log_index) AS place, entry FROM azukari.erase_resident($1, $2)',
        values: [residentId, Buffer.from(commitmentOf(nonce, detail), 'hex')],
      });
      return rows[0]!;
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new Mistake('not-found', 'nothing is kept about this resident');
    }
  }

  /** By which the resident can tell the entry's tag. Null where the keys are gone already. */
  private async ownId(residentId: Uuid): Promise<string | null> {
    const keys = (await this.keys.find([residentId])).get(residentId);
    return keys ? encodePairwiseId(pairwiseIdOf(keys.identifierKey, selfRecipient)) : null;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'AZ404';
}
