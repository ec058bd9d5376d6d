/**
 * The signer's own knowledge of the log, and its two acts: taking up what was signed, and signing what is new. It trusts no hash that is
 * stored: every leaf is recomputed from the entry's bytes. Any difference is a `LogDiffers`.
 *
 * State: `edge` is the tree up to the last checkpoint this process has published or verified.
 */
import type { Pool } from 'pg';
import { isEqual } from '../../kernel/bytes.js';
import { writeAnchor } from '../anchor.js';
import { signCheckpoint } from '../checkpoint.js';
import type { LogOptions } from '../log-options.js';
import type { PublicationService } from '../publication.service.js';
import { type CompletedTile, RightEdge } from '../right-edge.js';
import { LogDiffers } from './log-differs.js';
import { batchMax, extend } from './stored-entries.js';
import { readWhatWasSigned } from './what-was-signed.js';

export class SignedLog {
  private edge = RightEdge.empty();
  /** Whether a checkpoint of any size has been published: the first one replaces none. */
  private hasPublished = false;

  constructor(
    private readonly pool: Pool,
    private readonly options: LogOptions,
    private readonly publication: PublicationService,
  ) {}

  /** Recomputes the tree from the last verified checkpoint on (at start: from entry 0) and holds it against what was signed. */
  async takeUp(): Promise<void> {
    const { published, checkpoints } = await readWhatWasSigned(this.pool, this.options);
    const edge = this.edge.copy();
    for (const checkpoint of checkpoints.filter(({ size }) => size >= edge.size)) {
      await extend(this.pool, edge, checkpoint.size);
      if (edge.size < checkpoint.size) {
        throw new LogDiffers(`the log has ${edge.size} entries, a signed checkpoint covers ${checkpoint.size}`);
      }
      if (!isEqual(edge.root(), checkpoint.root)) {
        throw new LogDiffers(`the entries below ${checkpoint.size} are not those that were signed`);
      }
      if (published?.size === checkpoint.size) {
        this.edge = edge.copy();
        this.hasPublished = true;
      }
    }
    if (published && published.size < this.edge.size) {
      throw new LogDiffers(`the published checkpoint went back from ${this.edge.size} to ${published.size}`);
    }
    if (published) this.publication.publish(published);
  }

  /** Signs and publishes everything that waits. Returns whether there was anything. */
  async advance(): Promise<boolean> {
    const { rows } = await this.pool.query<{ size: number }>({
      name: 'read log size',
      text: 'SELECT size FROM azukari.log_state',
    });
    const size = rows[0]!.size;
    if (size === this.edge.size && this.hasPublished) return false;
    if (size < this.edge.size) throw new LogDiffers(`the log shrank from ${this.edge.size} to ${size} entries`);
    const next = this.edge.copy();
    const tiles = await extend(this.pool, next, Math.min(size, this.edge.size + batchMax));
    if (next.size === this.edge.size && this.hasPublished) throw new LogDiffers(`entry ${next.size} is missing`);
    const { origin, signingKey, anchorFile } = this.options;
    const note = signCheckpoint({ origin, size: next.size, root: next.root() }, signingKey);
    await writeAnchor(anchorFile, note);
    if (await this.swap(next, note, tiles)) {
      this.edge = next;
      this.hasPublished = true;
      this.publication.publish({ size: next.size, root: next.root(), note, publishedAt: new Date() });
    } else {
      // Another signer was faster: take up what it published, after looking at every byte that is new.
      await this.takeUp();
    }
    return true;
  }

  /** Compare-and-swap: false when what is published is no longer what this process last saw. */
  private async swap(next: RightEdge, note: string, tiles: readonly CompletedTile[]): Promise<boolean> {
    const { rows } = await this.pool.query<{ done: boolean }>({
      name: 'publish checkpoint',
      text: 'SELECT azukari.publish_checkpoint($1, $2, $3, $4, $5, $6, $7, $8) AS done',
      values: [
        ...[this.hasPublished ? this.edge.size : null, next.size, next.root(), note],
        ...[tiles.map((tile) => tile.level), tiles.map((tile) => tile.n)],
        ...[tiles.map((tile) => tile.hashes), tiles.map((tile) => tile.root)],
      ],
    });
    return rows[0]!.done;
  }
}
