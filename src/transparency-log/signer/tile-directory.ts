/**
 * What the signer signs, as files in the layout in which the log is served (c2sp.org/tlog-tiles): entry bundles, hash tiles, and a checkpoint. Meant
 * to lie on another disk than the database, which can be restored from it; `azukari verify log <directory>` checks it. Everything a checkpoint
 * covers is durable before the checkpoint is.
 *
 * What is full is written at once. The bundle that is being filled and the checkpoints over it go into the tail (`../tail.ts`), which every reader of
 * such a directory knows; once a second, and when the signer ends, the layout is brought up to it (`settle`), and the tail goes.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { type NewFile, writeDurably } from '../../database/durable-file.js';
import { findSecretFile } from '../../database/secret-file.js';
import { openCheckpoint, type OpenCheckpoint } from '../checkpoint.js';
import { nameOfLog } from '../city-logs.js';
import { directoryReader, findCheckpoint, readTail } from '../directory-reader.js';
import { decodeBundle, encodeBundle } from '../entry-bundle.js';
import { VerificationError } from '../finding.js';
import type { VerifierKey } from '../note-key.js';
import { isEqual } from '../../kernel/bytes.js';
import { ReadFailure } from '../reader.js';
import { RightEdge } from '../right-edge.js';
import { bundlePath, hashesAt, tileLevels, tilePath, tileWidth } from '../tile-path.js';
import type { Growth, LogHead } from './log-head.js';
import { sizeOf } from '../tail.js';
import { TailWriter } from './tail-writer.js';

export interface KeptTiles {
  readonly checkpoint: OpenCheckpoint;
  readonly isWhole: boolean;
  /** The layout has it all: there is no tail. */
  readonly isSettled: boolean;
}

/** Where the tiles of one log lie: in a directory of its own, named as it is served. */
export function tilesOfLog(tilesDirectory: string, origin: string): string {
  return join(tilesDirectory, nameOfLog(origin));
}

/** How long the layout may be behind the tail. */
const settleAfterMs = 1_000;

export class TileDirectory {
  private readonly logger = new Logger('tiles');
  private readonly tail: TailWriter;
  /** Since when the tail knows more than the layout; null when it does not. */
  private unsettledSinceMs: number | null = null;

  constructor(
    readonly path: string,
    private readonly origin: string,
  ) {
    this.tail = new TailWriter(path);
  }

  /**
   * The newest checkpoint kept here, and whether the tiles at its right edge are here as well: if not, the directory counts as lost and is
   * written anew. Null where there is none that can be read.
   * @throws DatabaseStartError `another-city` when it is another log's
   */
  async newest(logKeys: readonly VerifierKey[]): Promise<KeptTiles | null> {
    const note = findCheckpoint(this.path);
    if (note === null) return null;
    try {
      const checkpoint = openCheckpoint(note, { origin: this.origin, logKeys });
      const isSettled = readTail(this.path) === null;
      return { checkpoint, isWhole: await this.hasRightEdgeOf(checkpoint), isSettled };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      if (error.code !== 'wrong-origin' && error.code !== 'untrusted') return null;
      const sentence = `the tiles in ${this.path} are those of another log, or signed with a key whose file is not in the keys' directory: put that file back, or choose another directory with AZUKARI_TILES`;
      throw new DatabaseStartError('another-city', sentence, { cause: error });
    }
  }

  private async hasRightEdgeOf({ size, root }: OpenCheckpoint): Promise<boolean> {
    const reader = directoryReader(this.path);
    // The last bundle, which is a full one where the size is a multiple of 256.
    const last = Math.floor((size - 1) / tileWidth);
    const width = size - last * tileWidth;
    try {
      const edge = await RightEdge.load(size, reader.tile);
      if (size > 0) decodeBundle(await reader.entries(last, width), width);
      return isEqual(edge.root(), root);
    } catch (error) {
      if (error instanceof VerificationError || error instanceof ReadFailure) return false;
      throw error;
    }
  }

  /** Keeps what became full since `from` entries; durable when it resolves. No checkpoint covers it yet. */
  async keepFull(from: number, head: LogHead, { bundles, tiles }: Growth): Promise<void> {
    if (bundles.length === 0) return;
    const files: NewFile[] = [];
    for (const { n, entries } of bundles)
      files.push(this.file(bundlePath({ n, width: tileWidth }), encodeBundle(entries)));
    for (const { level, n, hashes } of tiles) files.push(this.file(tilePath({ level, n, width: tileWidth }), hashes));
    // The entries being filled, and their hashes, are in the tail.
    const above = (level: number) => level > 0 && hashesAt(level, head.size) > hashesAt(level, from);
    await writeDurably([...files, ...this.partialTiles(head).filter(({ level }) => above(level))]);
  }

  /** Writes what of this is not here, though it was kept once. What cannot be written is told, and is no reason not to sign. */
  async replaceMissing({ bundles, tiles }: Growth): Promise<void> {
    const files = [
      ...bundles.map(({ n, entries }) => this.file(bundlePath({ n, width: tileWidth }), encodeBundle(entries))),
      ...tiles.map(({ level, n, hashes }) => this.file(tilePath({ level, n, width: tileWidth }), hashes)),
    ].filter(({ path }) => !existsSync(path));
    if (files.length === 0) return;
    const places = files.map(({ path }) => path).join(', ');
    await writeDurably(files).then(
      () => this.logger.warn(`had got lost, and was written anew from the database: ${places}`),
      (error: Error) => this.logger.error(`has got lost and cannot be written: ${places}: ${error.message}`),
    );
  }

  /** Keeps the checkpoint over `head`, and the entries of its last bundle; durable when it returns. What is full was kept before. */
  keepCheckpoint(head: LogHead, note: string): void {
    const bundle = head.partialBundle();
    const from = head.size - (bundle?.entries.length ?? 0);
    this.tail.keep(from, bundle?.entries ?? [], note);
    this.unsettledSinceMs ??= performance.now();
  }

  /** Whoever takes up a log begins a tail of its own, also where it has led before. */
  beginAnew(): void {
    this.tail.close();
  }

  /** Whether the layout has everything that was kept here. */
  get isSettled(): boolean {
    return this.unsettledSinceMs === null;
  }

  /** Brings the layout up to what was kept, where it has been behind for a second. @param note the checkpoint over `head`, which was kept */
  async settleInTime(head: LogHead, note: string): Promise<void> {
    if (this.unsettledSinceMs === null || performance.now() - this.unsettledSinceMs < settleAfterMs) return;
    await this.settle(head, note);
  }

  /** Writes what the layout lacks of `head`: the partial tiles and the checkpoint; a tail that says nothing more goes. */
  async settle(head: LogHead, note: string): Promise<void> {
    const before = sizeOf((await findSecretFile(join(this.path, 'checkpoint'))) ?? '') ?? 0;
    const bundle = head.partialBundle();
    const bundles = bundle === null ? [] : [{ n: bundle.n, entries: bundle.entries }];
    await writeDurably([
      ...bundles.map(({ n, entries }) => this.file(bundlePath({ n, width: entries.length }), encodeBundle(entries))),
      ...this.partialTiles(head),
    ]);
    // Before the checkpoint, from whose size on they are looked for: whoever dies in between does it again. A reader takes the full ones.
    await this.removePartials(before, head.size);
    await writeDurably([this.file('checkpoint', note)]);
    const tail = readTail(this.path);
    if (tail === null || sizeOf(tail.note)! <= head.size) this.tail.remove();
    this.unsettledSinceMs = null;
  }

  private partialTiles(head: LogHead): (NewFile & { level: number })[] {
    return head.partialTiles().map(({ level, n, hashes }) => ({
      ...{ level, content: hashes },
      path: join(this.path, tilePath({ level, n, width: hashesAt(level, head.size) % tileWidth })),
    }));
  }

  private file(path: string, content: string | Uint8Array): NewFile {
    return { path: join(this.path, path), content };
  }

  /**
   * Takes away the partial tiles beside those that became full while the log grew from one size to another. One that cannot be removed does no harm.
   */
  private async removePartials(from: number, size: number): Promise<void> {
    for (let level = 0; level < tileLevels; level += 1) {
      const end = Math.floor(hashesAt(level, size) / tileWidth);
      for (let n = Math.floor(hashesAt(level, from) / tileWidth); n < end; n += 1) {
        await this.removePartial(tilePath({ level, n, width: tileWidth }));
        if (level === 0) await this.removePartial(bundlePath({ n, width: tileWidth }));
      }
    }
  }

  private async removePartial(path: string): Promise<void> {
    await rm(join(this.path, `${path}.p`), { recursive: true, force: true }).catch(() => undefined);
  }
}
