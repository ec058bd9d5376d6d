/**
 * What the signer signs, as files in the layout in which the log is served (c2sp.org/tlog-tiles): entry bundles, hash tiles, and then the
 * checkpoint that covers them. Meant to lie on another disk than the database, which can be restored from it; `azukari verify log <directory>`
 * checks it. Everything a checkpoint covers is durable before the checkpoint appears; partial tiles go once the full one is there.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { type NewFile, writeDurably } from '../../database/durable-file.js';
import { openCheckpoint, type OpenCheckpoint } from '../checkpoint.js';
import { nameOfLog } from '../city-logs.js';
import { directoryReader } from '../directory-reader.js';
import { decodeBundle, encodeBundle } from '../entry-bundle.js';
import { VerificationError } from '../finding.js';
import type { VerifierKey } from '../note-key.js';
import { isEqual } from '../../kernel/bytes.js';
import { ReadFailure } from '../reader.js';
import { RightEdge } from '../right-edge.js';
import { findSecretFile } from '../../database/secret-file.js';
import { bundlePath, hashesAt, tileLevels, tilePath, tileWidth } from '../tile-path.js';
import type { Growth, LogHead } from './log-head.js';
import { batchMax } from './stored-entries.js';

export interface KeptTiles {
  readonly checkpoint: OpenCheckpoint;
  readonly isWhole: boolean;
}

/** Where the tiles of one log lie: in a directory of its own, named as it is served. */
export function tilesOfLog(tilesDirectory: string, origin: string): string {
  return join(tilesDirectory, nameOfLog(origin));
}

export class TileDirectory {
  constructor(
    readonly path: string,
    private readonly origin: string,
  ) {}

  /**
   * The newest checkpoint kept here, and whether the tiles at its right edge are here as well: if not, the directory counts as lost and is
   * written anew. Null where there is none that can be read.
   * @throws DatabaseStartError `another-city` when it is another log's
   */
  async newest(logKeys: readonly VerifierKey[]): Promise<KeptTiles | null> {
    const note = await findSecretFile(join(this.path, 'checkpoint'));
    if (note === null) return null;
    try {
      const checkpoint = openCheckpoint(note, { origin: this.origin, logKeys });
      return { checkpoint, isWhole: await this.hasRightEdgeOf(checkpoint) };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      if (error.code !== 'wrong-origin' && error.code !== 'untrusted') return null;
      const sentence = `the tiles in ${this.path} are those of another log, or signed with a key whose file is not in the keys' directory: put that file back, or choose another directory with AZUKARI_TILES`;
      throw new DatabaseStartError('another-city', sentence, { cause: error });
    }
  }

  private async hasRightEdgeOf({ size, root }: OpenCheckpoint): Promise<boolean> {
    const reader = directoryReader(this.path);
    const width = size % tileWidth;
    try {
      const edge = await RightEdge.load(size, reader.tile);
      if (width > 0) decodeBundle(await reader.entries(Math.floor(size / tileWidth), width), width);
      return isEqual(edge.root(), root);
    } catch (error) {
      if (error instanceof VerificationError || error instanceof ReadFailure) return false;
      throw error;
    }
  }

  /** Keeps what was added since `from` entries; durable when it resolves. No checkpoint covers it yet. */
  async keepTiles(from: number, head: LogHead, growth: Growth): Promise<void> {
    const files: NewFile[] = [];
    const add = (path: string, content: Uint8Array) => files.push({ path: join(this.path, path), content });
    for (const { n, entries } of growth.bundles) add(bundlePath({ n, width: tileWidth }), encodeBundle(entries));
    for (const { level, n, hashes } of growth.tiles) add(tilePath({ level, n, width: tileWidth }), hashes);
    const bundle = head.partialBundle();
    if (bundle !== null) add(bundlePath({ n: bundle.n, width: bundle.entries.length }), encodeBundle(bundle.entries));
    for (const { level, n, hashes } of head.partialTiles()) {
      // A level that has not grown has its partial tile from before.
      if (hashesAt(level, head.size) === hashesAt(level, from)) continue;
      add(tilePath({ level, n, width: hashesAt(level, head.size) % tileWidth }), hashes);
    }
    await writeDurably(files);
  }

  /** Makes a checkpoint the newest one here; durable when it resolves. What it covers was kept before. */
  async keepCheckpoint(note: string): Promise<void> {
    await writeDurably([{ path: join(this.path, 'checkpoint'), content: note }]);
  }

  /** Takes away the partial tiles that a growth made needless. One that cannot be removed does no harm. */
  async removePartials({ tiles, bundles }: Growth): Promise<void> {
    const full = [
      ...bundles.map(({ n }) => bundlePath({ n, width: tileWidth })),
      ...tiles.map(({ level, n }) => tilePath({ level, n, width: tileWidth })),
    ];
    await this.removePartialsOf(full);
  }

  /** As {@link removePartials}, for what a signer that died had no time for: its last batch ended at `size`. */
  async removeForgottenPartials(size: number): Promise<void> {
    const full: string[] = [];
    for (let level = 0; level < tileLevels; level += 1) {
      const end = Math.floor(hashesAt(level, size) / tileWidth);
      for (let n = Math.max(0, end - batchMax / tileWidth - 1); n < end; n += 1) {
        full.push(tilePath({ level, n, width: tileWidth }));
        if (level === 0) full.push(bundlePath({ n, width: tileWidth }));
      }
    }
    await this.removePartialsOf(full);
  }

  private async removePartialsOf(full: readonly string[]): Promise<void> {
    await Promise.all(
      full.map((path) => rm(join(this.path, `${path}.p`), { recursive: true, force: true }).catch(() => undefined)),
    );
  }
}
